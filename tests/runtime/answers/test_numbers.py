"""Numbers under their targets' names."""

import numpy as np

from lamina.runtime.answers.numbers import Numbers


def test_numbers_are_named() -> None:
    form = Numbers.from_document({"targets": ["a", "b"]})
    assert form.read(np.array([[1.5, -2.0]])) == [{"a": 1.5, "b": -2.0}]
    assert form.num_columns == 2
    assert [answer.target for answer in form.answers] == ["a", "b"]
