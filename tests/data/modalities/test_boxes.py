"""Boxes as the target of a picture."""

import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.boxes import Boxes
from lamina.data.modalities.image import Image
from lamina.data.modalities.number import Number
from lamina.data.ragged import Ragged
from lamina.data.sources.cells import BOX


def box(label: str, *corners: float, width: int | None = 40, height: int = 20) -> dict:
    return {
        "label": label,
        **dict(zip(("x0", "y0", "x1", "y1"), corners)),
        "width": width,
        "height": height,
    }


CELLS = pl.Series(
    "boxes",
    [[box("dog", 0, 0, 20, 10), box("cat", 10, 10, 40, 20)], [], None, [box("dog", 1, 1, 2, 2)]],
    dtype=pl.List(BOX),
)
PICTURE = Image(channels=3, height=20, width=20, mean=(0.5,) * 3, deviation=(0.2,) * 3)
WHOLE = Image(channels=3, height=20, width=20, mean=(0.5,) * 3, deviation=(0.2,) * 3, framing="pad")


def fitted() -> Boxes:
    return Boxes.fit(CELLS, role="target", options=ModalityOptions()).beside([WHOLE])


def test_lists_of_boxes_are_recognised() -> None:
    assert Boxes.recognise(CELLS, role="target").score == 1
    assert Boxes.recognise(pl.Series("boxes", [["a"]]), role="target").score == 0
    assert Boxes.recognise(pl.Series("boxes", ["a"]), role="target").score == 0


def test_boxes_lie_in_the_frame_of_their_picture() -> None:
    own = fitted()
    assert own.classes == ("cat", "dog")
    assert own.counts == (1, 2)
    encoded = own.encode(CELLS)
    assert isinstance(encoded.values, Ragged)
    # A picture 40 wide and 20 high lies in 20 × 20 at half its size, 5 rows down.
    assert encoded.values.values.tolist() == [
        [1, 0, 5, 10, 10],
        [0, 5, 10, 20, 15],
        [1, 0.5, 5.5, 1, 6],
    ]
    assert encoded.values.lengths.tolist() == [2, 0, 0, 1]
    assert encoded.failed.tolist() == [False, False, True, False]
    batch = encoded.values.select(torch.tensor([0, 1]))
    assert batch.shape == (2, 2, 5)
    assert torch.isnan(batch[1]).all()


def test_what_cannot_be_placed_is_left_out_and_told() -> None:
    cells = pl.Series(
        "boxes",
        [
            [
                box("dog", 0, 0, 20, 10, width=None),
                box("dog", float("nan"), 0, 20, 10),
                box("dog", 20, 0, 0, 10),
                box("cow", 0, 0, 20, 10),
            ]
        ],
        dtype=pl.List(BOX),
    )
    encoded = fitted().encode(cells)
    assert isinstance(encoded.values, Ragged)
    # A class that training never showed has the number behind the last.
    assert encoded.values.values[:, 0].tolist() == [2]
    assert "3 boxes" in encoded.problems[0].what
    assert encoded.problem_rows == (0,)


@pytest.mark.parametrize(
    ("column", "role", "match"),
    [
        (CELLS, "input", "only be predicted"),
        (pl.Series("y", ["a"]), "target", "layout of Pascal VOC"),
        (CELLS[1:2], "target", "no training picture"),
    ],
)
def test_cells_that_cannot_be_fitted(column: pl.Series, role: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        Boxes.fit(column, role=role, options=ModalityOptions())


def test_it_wants_one_picture_that_is_seen_whole() -> None:
    own = Boxes.fit(CELLS, role="target", options=ModalityOptions())
    with pytest.raises(DataError, match="seen whole"):
        own.beside([PICTURE])
    number = Number.fit(pl.Series("x", [1.0, 2.0]), role="input", options=ModalityOptions())
    with pytest.raises(DataError, match="one picture alone"):
        own.beside([WHOLE, number])


def test_cells_are_shown_in_words() -> None:
    own = fitted()
    assert own.show(CELLS[0].to_list()) == "1 dog, 1 cat"
    assert own.show([]) == "no boxes"
    assert own.show(None) == "missing"
    assert own.decode(torch.tensor([1, 0])).to_list() == ["dog", "cat"]


def test_the_state_survives_its_document() -> None:
    own = fitted()
    assert Boxes.from_document(own.to_document()) == own
    with pytest.raises(BundleError):
        Boxes.from_document({**own.to_document(), "classes": []})
