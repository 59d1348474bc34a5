"""Files of masks, and the names of classes beside them."""

import io
import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from lamina.core.errors import DataError
from lamina.data.modalities.mask_files import (
    NAME_FILES,
    MaskPixels,
    NamedCode,
    code_of,
    coloured,
    given_names,
    hex_of,
    names_beside,
    read_mask,
    upright_size,
)

CODES = np.array([[0, 3, 3], [7, 0, 255]], dtype=np.uint8)


def packed(picture, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def test_indices_of_a_palette_and_of_grey() -> None:
    picture = Image.fromarray(CODES)
    assert read_mask(packed(picture)).codes.tolist() == CODES.tolist()
    picture = Image.fromarray(CODES, "P")
    picture.putpalette([0, 0, 0, 1, 2, 3, 4, 5, 6, 255, 0, 16] + [9] * 756)
    found = read_mask(packed(picture))
    assert isinstance(found, MaskPixels)
    assert found.codes.tolist() == CODES.tolist()
    assert not found.is_colour
    assert found.palette[3] == 0xFF0010


def test_sixteen_bits_truth_values_and_transparency() -> None:
    deep = np.array([[0, 300], [70, 2]], dtype=np.uint16)
    assert read_mask(packed(Image.fromarray(deep))).codes.tolist() == deep.tolist()
    assert read_mask(packed(Image.fromarray(CODES > 3))).codes.tolist() == [[0, 0, 0], [1, 0, 1]]
    assert read_mask(packed(Image.fromarray(CODES).convert("LA"))).codes.tolist() == CODES.tolist()


def test_colours_and_grey_saved_as_colours() -> None:
    colours = np.array([[[255, 0, 0], [0, 0, 16]]], dtype=np.uint8)
    found = read_mask(packed(Image.fromarray(colours)))
    assert found.is_colour
    assert found.codes.tolist() == [[0xFF0000, 0x000010]]
    grey = read_mask(packed(Image.fromarray(CODES).convert("RGB")))
    assert not grey.is_colour
    assert coloured(grey.codes).max() == 0xFFFFFF


def test_names_in_a_file_itself() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("classes", json.dumps(["road", "car"]))
    assert read_mask(packed(Image.fromarray(CODES), pnginfo=info)).names == ("road", "car")


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (None, "no mask in the cell"),
        (b"nothing", "no picture of a kind"),
        ("/no/such/file.png", "no such file"),
        (np.zeros((2, 2), dtype=np.float32), "is no mask"),
        (packed(Image.fromarray(CODES))[:45], "cannot be decoded|no picture"),
    ],
)
def test_what_is_no_mask_is_told(cell, told) -> None:
    found = read_mask(cell)
    assert isinstance(found, str)
    assert any(part in found for part in told.split("|"))


def test_sizes_stand_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 9, 3), dtype=np.uint8)).save(file, "JPEG", exif=exif)
    assert upright_size(file.getvalue()) == (4, 9)
    assert upright_size(packed(Image.fromarray(CODES))) == (3, 2)
    assert upright_size(CODES) == (3, 2)
    assert upright_size(b"nothing") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "road\ncar\n"),
        ("labels.txt", "0 road\n1 car"),
        ("codes.txt", "0: road\n1: car\n"),
        ("classes.json", '["road", "car"]'),
        ("labels.json", '{"road": 0, "car": 1}'),
        ("palette.json", '{"0": "road", "1": "car"}'),
    ],
)
def test_names_of_indices(name, text, tmp_path) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / name).write_text(text)
    found, path = names_beside(tmp_path / "masks" / "1.png")
    assert path == tmp_path / name
    assert name in NAME_FILES
    assert [one.name for one in found] == ["road", "car"]
    assert [one.code for one in found] in ([None, None], [0, 1])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("class_dict.csv", "name,r,g,b\nroad,128,64,128\ncar,0,0,142\n"),
        ("label_colors.txt", "128 64 128\troad\n0 0 142\tcar\n"),
        ("palette.json", '{"road": [128, 64, 128], "car": "#00008e"}'),
        (
            "classes.json",
            '[{"name": "road", "color": [128, 64, 128]}, {"name": "car", "color": [0, 0, 142]}]',
        ),
    ],
)
def test_names_of_colours(name, text, tmp_path) -> None:
    (tmp_path / name).write_text(text)
    found, _ = names_beside(tmp_path / "1.png")
    assert found == (NamedCode("road", 0x804080, True), NamedCode("car", 0x00008E, True))


def test_a_damaged_file_of_names_is_told(tmp_path) -> None:
    (tmp_path / "palette.json").write_text("{")
    with pytest.raises(DataError, match=r"palette.json should name the classes"):
        names_beside(tmp_path / "1.png")
    (tmp_path / "palette.json").write_text('["road", "road"]')
    with pytest.raises(DataError, match="names a class twice"):
        names_beside(tmp_path / "1.png")


def test_given_names() -> None:
    assert given_names(("road", "a=b", "car=3", "sky=#0000ff")) == (
        NamedCode("road", None),
        NamedCode("a=b", None),
        NamedCode("car", 3, False),
        NamedCode("sky", 255, True),
    )
    assert code_of("x") is None
    assert hex_of(255) == "#0000ff"
