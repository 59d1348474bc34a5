from dataclasses import replace

import numpy as np
import torch

from lamina.data.schema import infer_schema
from lamina.objectives.regression import PinballConfig
from lamina.tasks.recipes.choose import QUANTILES
from tests.runs.tiny import table
from tests.tasks.examples import encoded, facts_of


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


def test_the_levels_are_those_of_the_objective():
    task, schema, _ = encoded("quantiles")
    objective = PinballConfig(quantiles=(0.1, 0.9))
    recipe = replace(task.plan(facts_of("quantiles")), objective=objective)
    asked = task.asked_by(recipe)
    assert asked.outputs(schema)[0].size == 2
    found = asked.predictions({"price": torch.randn(3, 2)}, schema)
    assert asked.answers(found, schema).columns == ["price", "price_q10", "price_q90"]
