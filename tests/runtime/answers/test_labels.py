"""Any number of labels."""

import numpy as np
import pytest

from lamina.runtime.answers.labels import Labels
from lamina.runtime.errors import BundleError

VALUES = np.array([[0.5, 0.1], [0.9, 0.8]])


def test_tags_are_joined() -> None:
    form = Labels(("tags",), ("a", "b"), is_joined=True)
    assert form.read(VALUES)[1] == {"tags": "a;b", "probability_a": 0.9, "probability_b": 0.8}
    assert form.read(VALUES)[0]["tags"] == "a"
    assert [answer.kind for answer in form.answers] == ["tags", "probability", "probability"]


def test_one_tag_that_is_called_like_its_column_is_a_tag() -> None:
    document = {"targets": ["a"], "labels": ["a"], "is_joined": True}
    assert Labels.from_document(document).answers[0].kind == "tags"


def test_columns_say_yes_or_no() -> None:
    form = Labels.from_document({"targets": ["a", "b"], "labels": ["a", "b"], "is_joined": False})
    assert form.read(VALUES)[0] == {
        "a": True,
        "b": False,
        "probability_a": 0.5,
        "probability_b": 0.1,
    }
    assert form.num_columns == 2


def test_names_must_fit() -> None:
    with pytest.raises(BundleError):
        Labels.from_document({"targets": ["a"], "labels": ["a", "b"], "is_joined": False})
    with pytest.raises(BundleError):
        Labels.from_document({"targets": ["a", "b"], "labels": ["a", "b"], "is_joined": True})
