import numpy as np
import torch

from lamina.data.schema import infer_schema
from lamina.tasks.recipes.choose import QUANTILES
from tests.runs.tiny import table
from tests.tasks.examples import encoded


def test_quantiles_never_cross():
    task, schema, _ = encoded("quantiles")
    found = task.predictions({"price": torch.randn(30, len(QUANTILES))}, schema)
    assert (np.diff(found.values, axis=1) >= 0).all()
    assert found.levels == QUANTILES


def test_the_median_is_the_answer():
    task, schema, _ = encoded("quantiles")
    found = task.predictions({"price": torch.randn(3, len(QUANTILES))}, schema)
    answers = task.answers(found, schema)
    assert answers["price"].to_list() == found.values[:, 2].tolist()
    assert answers.columns == [
        "price",
        "price_q5",
        "price_q25",
        "price_q50",
        "price_q75",
        "price_q95",
    ]


def test_it_asks_for_one_number():
    task = encoded("quantiles")[0]
    for targets, is_taken in ((["price"], True), (["price", "weight"], False), (["size"], False)):
        assert task.accepts(infer_schema(table(), targets=targets)) is is_taken
        assert task.suits(infer_schema(table(), targets=targets)) == ""
