"""Masks as answers, of the size of the picture that came."""

import numpy as np
import pytest

from lamina.runtime.answers.masks import Masks, mask_names
from lamina.runtime.errors import BundleError
from lamina.runtime.masks import mask_of
from lamina.runtime.sliding import Sliding

DOCUMENT = {
    "target": "mask",
    "classes": ["road", "car"],
    "picture": "image",
    "height": 2,
    "width": 4,
}


def test_the_mask_is_that_of_the_picture_that_came() -> None:
    form = Masks.from_document(DOCUMENT)
    assert form.num_columns == 8
    assert [(a.name, a.kind) for a in form.answers] == [
        ("mask", "mask"),
        ("share_road", "share"),
        ("share_car", "share"),
    ]
    values = np.array([[0, 0, 1, 1, 0, 0, 1, 1.0]])
    (answer,) = form.read(values)
    assert answer["mask"]["size"] == [2, 4]
    # A square picture lies in the middle two columns; it is twice as large as there.
    (whole,) = form.completed([answer], [{"image": np.zeros((4, 4), dtype=np.uint8)}])
    assert mask_of(whole["mask"]).tolist() == [[0, 0, 1, 1]] * 4
    assert (whole["share_road"], whole["share_car"]) == (0.5, 0.5)


def test_many_classes_have_no_columns_of_their_own() -> None:
    assert mask_names("y", tuple(map(str, range(51)))) == ("y",)


def test_of_a_picture_seen_in_windows_the_scores_are_blended() -> None:
    form = Masks.from_document({**DOCUMENT, "width": 2, "overlap": 0.5})
    assert form.sliding == Sliding(2, 0.5)
    assert form.num_columns == 8  # two classes in each of four pixels

    def score(windows):
        bright = (windows[:, 0] > 100).astype(np.float64)
        return np.stack([1 - bright, bright], axis=1).reshape(len(windows), -1)

    picture = np.array([[0, 200, 200], [0, 0, 200]], dtype=np.uint8)[..., None]
    answer = form.of_picture(picture, score)
    assert mask_of(answer["mask"]).tolist() == [[0, 1, 1], [0, 0, 1]]
    assert answer["share_car"] == 0.5
    assert form.completed([answer], [{"image": picture}]) == [answer]
    assert Masks.from_document({**DOCUMENT, "overlap": None}).sliding is None


@pytest.mark.parametrize(
    "change",
    [{"classes": ["one"]}, {"height": 0}, {"picture": 3}, {"overlap": 0.5}]
    + [{"width": 2, "overlap": value} for value in (-0.1, 1.0, "half")],
)
def test_damaged_documents(change) -> None:
    with pytest.raises(BundleError):
        Masks.from_document({**DOCUMENT, **change})
