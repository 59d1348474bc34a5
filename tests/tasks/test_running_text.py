"""What language models and masked ones share."""

from types import SimpleNamespace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.data.schema import infer_schema
from lamina.data.stretches import Stretches
from lamina.tasks.running_text import AbstractRunningText
from lamina.tasks.table import TASKS
from tests.runs.tiny import passages, table
from tests.tasks.examples import encoded, facts_of

RUNNING = {
    "language": TASKS["language_model"].value,
    "masked": TASKS["masked_language_model"].value,
}


@pytest.mark.parametrize("name", RUNNING)
def test_they_take_one_text_alone(name) -> None:
    task = RUNNING[name]
    assert isinstance(task, AbstractRunningText)
    assert task.accepts(infer_schema(passages()))
    assert not task.accepts(infer_schema(table()))


@pytest.mark.parametrize("name", RUNNING)
def test_rows_on_disk_are_refused(name) -> None:
    _, schema, _ = encoded(name)
    stored = SimpleNamespace(schema=schema, inputs={"text": object()})
    with pytest.raises(ConfigError, match="in memory"):
        RUNNING[name].part(stored, torch.arange(3), RUNNING[name].plan(facts_of(name)))


@pytest.mark.parametrize(("name", "num_ahead"), [("language", 1), ("masked", 0)])
def test_stretches_overlap_only_where_they_are_learnt_from(name, num_ahead) -> None:
    _, schema, dataset = encoded(name)
    task = RUNNING[name]
    recipe = task.plan(facts_of(name))
    rows = torch.arange(dataset.num_rows)
    span = task.span(recipe, is_learnt=False)
    for purpose, stride in (("answer", span), ("learn", span // 8)):
        found = task.part(dataset, rows, recipe, purpose=purpose).samples
        assert isinstance(found, Stretches)
        assert found.starts.diff().unique().tolist() == [stride]
        assert int((found.stops - found.starts).max()) == span + num_ahead
    assert task.claim(schema, 0) == (task.measure.names[0], task.unit)
