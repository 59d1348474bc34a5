"""The mask modality: classes, void, colours, and what does not fit."""

import dataclasses
import io
import json

import numpy as np
import polars as pl
import pytest
from PIL import Image as Pillow

from lamina.core.errors import BundleError, DataError
from lamina.data.geometry import VOID
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.image import Image
from lamina.data.modalities.mask import Mask

CODES = np.array([[0, 0, 3, 3], [7, 7, 0, 11]], dtype=np.uint8)


def packed(array, palette=None) -> bytes:
    picture = Pillow.fromarray(array, "P") if palette else Pillow.fromarray(array)
    if palette:
        picture.putpalette(palette)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def column(*arrays, **options) -> pl.Series:
    return pl.Series("mask", [packed(a, **options) for a in arrays], dtype=pl.Binary)


def fit(cells, **options) -> Mask:
    return Mask.fit(cells, role="target", options=ModalityOptions(**options))


def sized(state: Mask, height=2, width=4) -> Mask:
    return dataclasses.replace(state, height=height, width=width)


def test_indices_become_classes_in_order() -> None:
    state = sized(fit(column(CODES)))
    assert state.classes == ("0", "3", "7", "11")
    assert state.shares == (3 / 8, 2 / 8, 2 / 8, 1 / 8)
    assert state.encode(column(CODES)).values[0].tolist() == [[0, 0, 1, 1], [2, 2, 0, 3]]


def test_names_and_void() -> None:
    names = ("sky", "a=5", "car=3", "void=7")
    state = sized(fit(column(CODES), class_names=names, void=("11",)))
    # A class that training does not show stays; what is called void, or is not named, is void.
    assert state.classes == ("sky", "a", "car")
    assert state.void == (7, 11)
    assert state.shares == (3 / 5, 0, 2 / 5)
    v = VOID
    assert state.encode(column(CODES)).values[0].tolist() == [[0, 0, 2, 2], [v, v, 0, v]]


def test_255_is_void_beside_two_other_values_alone() -> None:
    three = np.array([[0, 1, 255]], dtype=np.uint8)
    assert fit(column(three)).classes == ("0", "1")
    two = np.array([[0, 255, 255]], dtype=np.uint8)
    assert fit(column(two)).classes == ("0", "255")


def test_colours_of_a_palette_are_drawn() -> None:
    state = fit(column(CODES, palette=[1, 2, 3] * 12))
    assert set(state.colours) == {0x010203}
    colours = np.array([[[255, 0, 0], [0, 0, 16], [0, 0, 0]]], dtype=np.uint8)
    state = sized(fit(column(colours), void=("#000000",)), 1, 3)
    assert state.classes == ("#000010", "#ff0000")
    assert state.colours == (0x10, 0xFF0000)
    assert state.encode(column(colours)).values[0].tolist() == [[1, 0, VOID]]
    # A mask of such a set may happen to have no colour.
    black = np.zeros((1, 3), dtype=np.uint8)
    assert state.encode(column(black)).failed.tolist() == [True]


def test_the_mask_lies_where_its_picture_lies() -> None:
    state = sized(fit(column(CODES)), 4, 4)
    found = state.encode(column(CODES)).values[0]
    assert (found[[0, 3]] == VOID).all()
    assert found[1].tolist() == [0, 0, 1, 1]


def test_strange_values_are_told_and_void() -> None:
    state = sized(fit(column(CODES)))
    strange = np.array([[0, 0, 9, 3], [7, 7, 0, 8]], dtype=np.uint8)
    encoded = state.encode(column(CODES, strange))
    assert encoded.values[1].tolist() == [[0, 0, VOID, 1], [2, 2, 0, VOID]]
    assert not encoded.failed.any()
    assert encoded.problem_rows == (1,)
    assert "values 8, 9, which no training mask has: 25.0% of its pixels" in (
        encoded.problems[0].what
    )


def test_a_mask_that_cannot_be_used_fails_alone() -> None:
    state = sized(fit(column(CODES)))
    cells = pl.Series("mask", [packed(CODES), b"no", None, packed(CODES * 0 + 99)])
    encoded = state.encode(cells)
    assert encoded.failed.tolist() == [False, True, True, True]
    told = [problem.what for problem in encoded.problems]
    assert "no picture of a kind" in told[0]
    assert "no pixel of it has a class" in told[2]
    colour = column(np.array([[[255, 0, 0]]], dtype=np.uint8))
    assert "it has colours" in state.encode(colour).problems[0].what


def test_masks_of_another_size_than_their_pictures() -> None:
    state = sized(fit(column(CODES)))
    pictures = column(CODES, np.zeros((4, 8, 3), dtype=np.uint8))
    assert state.misfits(column(CODES, CODES), pictures) == {
        1: "the mask has 4 × 2 pixels, its picture 8 × 4"
    }


def test_arrays() -> None:
    cells = pl.Series("mask", CODES[None].repeat(3, 0))
    assert Mask.recognise(cells, role="target").score > 0.9
    assert sized(fit(cells)).encode(cells).values[2].tolist() == [[0, 0, 1, 1], [2, 2, 0, 3]]


def test_what_is_recognised() -> None:
    assert Mask.recognise(column(CODES), role="target").score > 0.9
    assert Mask.recognise(column(CODES)).score == 0
    photo = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert Mask.recognise(column(photo), role="target").score == 0
    assert Mask.recognise(pl.Series([1, 2]), role="target").score == 0
    assert Mask.recognise(pl.Series(["x", "y"]), role="target").score == 0
    assert Mask.recognise(pl.Series(['{"a": 1}', "{}"]), role="target").score == 0
    # Names of pictures that are not there: fitting says so.
    gone = pl.Series("mask", ["gone/1.png", "gone/2.png"])
    assert Mask.recognise(gone, role="target").score > 0.9
    with pytest.raises(DataError, match="no mask of column 'mask' could be read: there is no such"):
        fit(gone)


def test_photographs_are_no_masks() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    with pytest.raises(DataError, match="different values, and classes are at most 255"):
        fit(column(photo))
    with pytest.raises(DataError, match="at least two classes, got the values 4 and"):
        fit(column(CODES * 0 + 4))
    with pytest.raises(DataError, match="void must hold indices"):
        fit(column(CODES), void=("sky",))
    with pytest.raises(DataError, match="can only be predicted"):
        Mask.fit(column(CODES), role="input", options=ModalityOptions())


def test_it_needs_one_picture_seen_whole() -> None:
    pictures = pl.Series("x", np.zeros((3, 6, 8), dtype=np.uint8))
    whole = Image.fit(pictures, role="input", options=ModalityOptions(framing="pad"))
    state = fit(column(CODES))
    assert (state.beside([whole]).height, state.beside([whole]).width) == (6, 8)
    with pytest.raises(DataError, match="from one picture alone"):
        state.beside([whole, whole])
    cut = Image.fit(pictures, role="input", options=ModalityOptions())
    with pytest.raises(DataError, match="framing to 'pad' or 'windows', got 'crop'"):
        state.beside([cut])


def test_documents_round_trip_and_damaged_ones_are_refused() -> None:
    state = sized(fit(column(CODES)))
    document = json.loads(json.dumps(state.to_document()))
    assert Mask.from_document(document) == state
    for change in ({"codes": [0, 0, 3, 7]}, {"classes": ["a"]}, {"codes": ["x"] * 4}):
        with pytest.raises(BundleError):
            Mask.from_document({**document, **change})
    assert state.decode(pl.Series([2, 0]).to_torch()).to_list() == ["7", "0"]
    assert state.show("/a/b.png") == "b.png"
    assert state.show(None) == "missing"
