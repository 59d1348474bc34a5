"""Masks as files."""

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lamina.core.errors import DataError
from lamina.data.modalities.mask_files import read_mask
from lamina.runtime.masks import mask_of
from tests.runs.tiny import finished, scenes, table


def test_what_is_written_is_what_was_answered(tmp_path) -> None:
    pictures = np.stack([np.asarray(p) for p in scenes(3)[0]]).repeat(2, 1).repeat(2, 2)
    paths = [str(tmp_path / name / "one.png") for name in "abc"]
    for path, picture in zip(paths, pictures):
        (tmp_path / path).parent.mkdir()
        Image.fromarray(picture).save(path)
    frame = pl.DataFrame({"image": [*paths, str(tmp_path / "none.png")]})
    run = finished("mask")
    answers = run.write_masks(frame, tmp_path / "out")
    assert answers["mask"][3] is None
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["answers.csv", "one.png", "one_1.png", "one_2.png", "parts.csv"]
    for name, runs in zip(("one", "one_1", "one_2"), answers["mask"]):
        read = read_mask(str(tmp_path / "out" / f"{name}.png"))
        assert read.codes.shape == (24, 32)
        assert np.array_equal(read.codes, mask_of(runs))
        # Whoever learns from these masks finds the names of the classes in them.
        assert read.names == ("0", "1", "2")
        assert read.palette[1] == 0x800000
    table = pl.read_csv(tmp_path / "out" / "answers.csv")
    assert table["mask"].to_list() == ["one.png", "one_1.png", "one_2.png", None]
    parts = pl.read_csv(tmp_path / "out" / "parts.csv")
    assert parts.columns == ["file", "class", "left", "top", "right", "bottom", "pixels"]
    assert (parts["pixels"] >= 16).all()


def test_other_models_write_no_folders(tmp_path) -> None:
    run = finished("binary")
    with pytest.raises(DataError, match=r"answers none\. Name a file"):
        run.write_masks(table().head(3), tmp_path / "out")
