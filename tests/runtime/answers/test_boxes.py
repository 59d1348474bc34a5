"""Boxes as answers, in pixels of the picture that came."""

import numpy as np
import pytest

from lamina.runtime.answers.boxes import Boxes
from lamina.runtime.errors import BundleError

DOCUMENT = {
    "target": "boxes",
    "classes": ["cat", "dog"],
    "picture": "image",
    "height": 20,
    "width": 20,
    "candidates": 3,
}
CANDIDATES = [[1, 0.9, 2, 8, 10, 12], [1, 0.8, 2, 8, 10, 12.5], [0, 0.1, 0, 0, 5, 5]]


def test_sure_boxes_of_the_picture_that_came() -> None:
    form = Boxes.from_document(DOCUMENT)
    assert form.num_columns == 2 + 18
    assert [(a.name, a.kind) for a in form.answers] == [
        ("boxes", "boxes"),
        ("count", "number"),
        ("score_cat", "probability"),
        ("score_dog", "probability"),
    ]
    values = np.array([[-800.0, np.log(9), *np.ravel(CANDIDATES)]])
    (answer,) = form.read(values)
    assert answer["score_cat"] == 0
    assert answer["score_dog"] == pytest.approx(0.9)
    # The second is the first again, the third is not sure.
    assert answer["count"] == 1
    assert answer["boxes"][0]["label"] == "dog"
    # A picture 40 wide and 20 high lies in 20 × 20 at half its size, 5 rows down.
    (whole,) = form.completed([answer], [{"image": np.zeros((20, 40), dtype=np.uint8)}])
    own = whole["boxes"][0]
    assert [own[side] for side in ("x0", "y0", "x1", "y1")] == [4, 6, 20, 14]
    assert own["score"] == 0.9
    assert whole["score_dog"] == answer["score_dog"]


def test_boxes_are_cut_at_the_border() -> None:
    form = Boxes.from_document({**DOCUMENT, "candidates": 1})
    (answer,) = form.read(np.array([[0.0, 0.0, 0, 0.9, -3, 0, 30, 20]]))
    (whole,) = form.completed([answer], [{"image": np.zeros((20, 40), dtype=np.uint8)}])
    own = whole["boxes"][0]
    assert [own[side] for side in ("x0", "y0", "x1", "y1")] == [0, 0, 40, 20]


@pytest.mark.parametrize("change", [{"classes": []}, {"height": 0}, {"candidates": "x"}])
def test_damaged_documents(change) -> None:
    with pytest.raises(BundleError):
        Boxes.from_document({**DOCUMENT, **change})
