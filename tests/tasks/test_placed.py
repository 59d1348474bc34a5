"""Answers in the places of all rows."""

import polars as pl
import torch

from lamina.data.parts import Part
from lamina.tasks.placed import placed
from tests.tasks.examples import encoded


def test_rows_without_an_answer_get_null_and_the_others_stay_in_order() -> None:
    _, _, dataset = encoded("binary")
    answers = pl.DataFrame({"answer": ["first", "second"], "boxes": [[1.0], []]})
    found = placed(answers, Part(dataset, torch.tensor([1, 3])), 5)
    assert found["answer"].to_list() == [None, "first", None, "second", None]
    assert found["boxes"].to_list() == [None, [1.0], None, [], None]
    assert found.columns == answers.columns
    whole = placed(answers, Part(dataset, torch.tensor([0, 1])), 2)
    assert whole.equals(answers)
