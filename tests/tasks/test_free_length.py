"""What tasks share whose answers are as long as they need."""

import pytest
import torch

from lamina.core.errors import DataError
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.free_length import AbstractFreeLength
from lamina.tasks.table import TASKS
from tests.runs.tiny import EVERY, UNEXPLAINED
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


@pytest.mark.parametrize("name", [n for n in NAMES if n in UNEXPLAINED])
def test_what_answers_rest_on_is_refused_in_plain_words(name) -> None:
    task, schema, _ = encoded(name)
    assert not task.is_explained
    assert task.choices(schema) == ()
    for refused in (lambda: task.evidence({}, schema), lambda: task.claim(schema, 0)):
        with pytest.raises(DataError, match="not traced yet"):
            refused()
