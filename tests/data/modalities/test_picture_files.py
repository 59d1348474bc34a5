"""Size and scale of pictures from the files of published models."""

import json

import pytest

from lamina.core.errors import BundleError
from lamina.data.modalities.picture_files import read_picture_settings

SCALE = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}


def read(folder, **document):
    (folder / "preprocessor_config.json").write_text(json.dumps(SCALE | document))
    return read_picture_settings(folder)


@pytest.mark.parametrize(
    ("document", "size"),
    [
        ({"size": 224}, (224, 224)),
        ({"size": {"height": 160, "width": 200}}, (160, 200)),
        ({"size": {"shortest_edge": 224}}, (224, 224)),
        (
            {"size": 256, "do_center_crop": True, "crop_size": {"height": 224, "width": 224}},
            (224,) * 2,
        ),
        ({"size": 256, "do_center_crop": False, "crop_size": 224}, (256, 256)),
    ],
)
def test_sizes_in_every_form(tmp_path, document, size) -> None:
    found = read(tmp_path, **document)
    assert (found.height, found.width) == size
    assert found.mean == (0.5, 0.4, 0.3)
    assert found.deviation == (0.2, 0.2, 0.1)


def test_without_normalising_brightness_stays(tmp_path) -> None:
    found = read(tmp_path, size=8, do_normalize=False)
    assert (found.mean, found.deviation) == ((0.0,) * 3, (1.0,) * 3)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "names no size"),
        ({"size": {"longest_edge": 4}}, "names no size"),
        ({"size": 0}, "names no size"),
        ({"size": 8, "rescale_factor": 1.0}, "another scale"),
        ({"size": 8, "image_std": [0, 1, 1]}, "image_std"),
        ({"size": 8, "image_mean": "x"}, "image_mean"),
    ],
)
def test_what_cannot_be_honoured_is_refused(tmp_path, document, why) -> None:
    with pytest.raises(BundleError, match=why):
        read(tmp_path, **document)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(BundleError, match=r"preprocessor_config\.json is missing"):
        read_picture_settings(tmp_path)
