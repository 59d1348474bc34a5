"""What tasks share whose answers are written texts."""

import pytest
import torch

from lamina.networks.answers import MARK
from lamina.tasks.table import TASKS
from lamina.tasks.writing import AbstractWriting, texts_of
from tests.runs.tiny import EVERY, turned
from tests.tasks.examples import encoded, facts_of

NAMES = [n for n, e in EVERY.items() if isinstance(TASKS[e.task].value, AbstractWriting)]


def test_every_task_that_writes_has_an_example() -> None:
    writing = {n for n, entry in TASKS.items() if isinstance(entry.value, AbstractWriting)}
    assert writing == {EVERY[name].task for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_networks_measure_answers_that_they_are_given_and_write_their_own(name) -> None:
    task, schema, dataset = encoded(name)
    recipe, rows = task.plan(facts_of(name)), dataset.usable()[:3]
    torch.manual_seed(0)
    model = recipe.network.build(task.inputs(schema), task.outputs(schema)).eval()
    given = task.part(dataset, rows, recipe, purpose="learn")
    batch = given.samples.batch(given.index)
    model.initialise(batch.inputs, batch.targets)
    with torch.no_grad():
        measured = model(batch.inputs)
        written = model(dataset.batch(rows).inputs)
    found = task.predictions(measured, schema)
    assert found.kind == "likelihoods"
    assert (found.values[:, 0] > 0).all()
    loss = task.loss(recipe, schema, None)
    assert loss(measured, batch).shape == (3,)
    answers = task.predictions(written, schema)
    assert answers.kind == "texts"
    assert len(answers.texts) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_given_behind_the_mark_that_begins_it(name) -> None:
    task, schema, _ = encoded(name)
    target = schema.targets[0].name
    outputs = {target: torch.tensor([[3.0, 3.0, 5.0, 6.0, 0.0]])}
    assert task.given(outputs, schema)[target].tolist() == [[MARK, 5, 6]]
    nothing = {target: torch.tensor([[3.0, 1.0, 0.0]])}
    assert task.given(nothing, schema)[target].tolist() == [[MARK, 0]]


def test_texts_are_spelt_from_their_tokens() -> None:
    task, _, dataset = encoded("text_to_text")
    part = task.part(dataset, torch.tensor([4, 1]), task.plan(facts_of("text_to_text")))
    frame = turned()
    for is_target, name in ((False, "text"), (True, "answer")):
        assert texts_of(part, is_target=is_target) == [frame[name][row] for row in (4, 1)]
