"""The contract of every task, on every kind of input."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.schema import infer_schema
from lamina.evaluation.metrics import METRICS, score
from lamina.objectives.table import OBJECTIVES
from lamina.tasks.table import TASKS, task_for
from tests.runs.tiny import EXAMPLES, table
from tests.tasks.examples import encoded, facts_of


def outputs_of(task, schema, num_rows):
    return {spec.name: torch.randn(num_rows, spec.size) for spec in task.outputs(schema)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_task_is_found_by_the_targets(name):
    wanted, schema, _ = encoded(name)
    found, why = task_for(schema)
    assert wanted.accepts(schema)
    if wanted.name == "quantile_regression":  # by name only
        assert found.name == "regression"
        return
    assert found is wanted
    assert schema.targets[0].name in why or "targets each say" in why


def test_targets_that_no_task_answers_are_told():
    schema = infer_schema(table(), targets=["price", "answer"])
    with pytest.raises(DataError, match=r"no task answers the targets 'answer' \(\w+\), 'price'"):
        task_for(schema)
    assert not any(entry.value.accepts(schema) for entry in TASKS.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_outputs_become_predictions_that_metrics_read(name):
    task, schema, dataset = encoded(name)
    rows = dataset.usable()[:40]
    found = task.predictions(outputs_of(task, schema, len(rows)), schema)
    targets = {n: value[rows] for n, value in dataset.targets.items()}
    truth = task.truth(targets, schema)
    assert found.num_rows == len(rows)
    for metric in task.metrics:
        assert metric in METRICS
        value = score(metric, found, truth)
        assert isinstance(value, float)


@pytest.mark.parametrize("name", EXAMPLES)
def test_answers_are_a_table_with_the_targets_first(name):
    task, schema, _ = encoded(name)
    found = task.predictions(outputs_of(task, schema, 7), schema)
    answers = task.answers(found, schema)
    names = [target.name for target in schema.targets]
    assert isinstance(answers, pl.DataFrame)
    assert answers.height == 7
    assert answers.columns[: len(names)] == names
    assert answers.null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_true_outputs_give_the_true_answers(name):
    task, schema, dataset = encoded(name)
    rows = dataset.usable()[:30]
    perfect = {}
    for spec in task.outputs(schema):
        target = dataset.targets[spec.name][rows]
        if task.name == "classification":
            perfect[spec.name] = 50.0 * torch.nn.functional.one_hot(target, spec.size).float()
        elif task.name == "multi_label":
            labels = target if target.dim() == 2 else target[:, None]
            perfect[spec.name] = 100.0 * (labels.float() - 0.5)
        else:
            perfect[spec.name] = target.expand(-1, spec.size)
    found = task.predictions(perfect, schema)
    truth = task.truth({n: v[rows] for n, v in dataset.targets.items()}, schema)
    decided = found.decided()
    assert np.allclose(decided, truth, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", EXAMPLES)
def test_equal_answers_combine_to_themselves(name):
    task, schema, _ = encoded(name)
    outputs = outputs_of(task, schema, 5)
    wanted = task.predictions(outputs, schema).values
    for count in (1, 4):
        several = {n: v[:, None].expand(-1, count, -1) for n, v in outputs.items()}
        combined = {n: task.combine(v) for n, v in several.items()}
        assert np.allclose(task.predictions(combined, schema).values, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("members", [0, 3])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_loss_is_one_number_per_row_and_falls_towards_the_truth(name, members):
    task, schema, dataset = encoded(name)
    recipe = task.plan(facts_of(name))
    batch = dataset.batch(dataset.usable()[:16])
    counts = facts_of(name).class_counts
    loss = task.loss(recipe, schema, torch.tensor(counts) if counts else None)
    shape = (16, members) if members else (16,)
    outputs = {
        spec.name: torch.zeros(*shape, spec.size, requires_grad=True)
        for spec in task.outputs(schema)
    }
    first = loss(outputs, batch)
    assert first.shape == (16,)
    first.sum().backward()
    stepped = {n: (v - 0.05 * v.grad).detach() for n, v in outputs.items()}
    assert loss(stepped, batch).mean() < first.mean()


@pytest.mark.parametrize("name", TASKS)
def test_objectives_that_fit_a_task_are_in_their_table(name) -> None:
    assert set(TASKS[name].value.objectives) <= set(OBJECTIVES)
