"""What tasks share whose answers are as long as they need."""

import numpy as np
import pytest
import torch

from lamina.core.errors import DataError
from lamina.evaluation.predictions import Predictions
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.free_length import AbstractFreeLength
from lamina.tasks.table import TASKS
from tests.runs.tiny import EVERY
from tests.tasks.examples import encoded, facts_of

NAMES = [n for n, e in EVERY.items() if isinstance(TASKS[e.task].value, AbstractFreeLength)]


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_an_input_and_there_is_one_of_it(name) -> None:
    task, schema, _ = encoded(name)
    given = {spec.name for spec in task.inputs(schema)}
    assert given == {*(c.name for c in schema.inputs), schema.targets[0].name}
    answers = torch.rand(3, 1, 5)
    assert torch.equal(task.combine(answers), answers[:, 0])
    with pytest.raises(DataError, match="no mean, got 2"):
        task.combine(torch.rand(3, 2, 5))


@pytest.mark.parametrize("name", NAMES)
def test_less_likely_answers_cost_more(name) -> None:
    task, schema, dataset = encoded(name)
    loss = task.loss(task.plan(facts_of(name)), schema, None)
    likelihood = torch.tensor([[1.0, 2.0, 2.0, 9.0], [3.0, 2.0, 2.0, 9.0]])
    found = loss({LIKELIHOOD: likelihood}, dataset.batch(torch.arange(2)))
    assert found.shape == (2,)
    assert found[0] < found[1]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_explained_by_giving_it_to_the_network(name) -> None:
    task, schema, _ = encoded(name)
    assert task.explains_given
    target = schema.targets[0].name
    likelihood = torch.tensor([[1.5, 2.0, 3.0, 4.0], [0.5, 2.0, 3.0, 4.0]])
    assert task.evidence({LIKELIHOOD: likelihood}, schema).tolist() == [[-1.5], [-0.5]]
    assert task.choices(schema) == (target,)
    claim, unit = task.claim(schema, 0)
    told = task.stated(claim, Predictions("texts", np.zeros((1, 2)), texts=("x" * 999,)))
    assert told.startswith(f"{target} is “xxx")
    assert len(told) < 250
    assert unit == "log-probability"
