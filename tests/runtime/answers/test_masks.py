"""Masks as answers, of the size of the picture that came."""

import numpy as np
import pytest

from lamina.runtime.answers.masks import Masks, mask_names
from lamina.runtime.errors import BundleError
from lamina.runtime.masks import mask_of

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


@pytest.mark.parametrize("change", [{"classes": ["one"]}, {"height": 0}, {"picture": 3}])
def test_damaged_documents(change) -> None:
    with pytest.raises(BundleError):
        Masks.from_document({**DOCUMENT, **change})
