"""The contract of every task, on every kind of input."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.boxes import SIDE_BINS
from lamina.core.errors import DataError
from lamina.data.schema import infer_schema
from lamina.evaluation.metrics import METRICS, score
from lamina.objectives.table import OBJECTIVES
from lamina.tasks.table import TASKS, task_for
from tests.runs.tiny import EVERY, EXAMPLES, table
from tests.tasks.examples import answered, encoded, facts_of


def boxes_of(num_rows, target=None):
    """Return candidates of a detector: any, or the true boxes."""
    num_classes, count = 2, 20
    if target is None:
        low = 40 * torch.rand(num_rows, count, 2)
        label = torch.randint(0, num_classes, (num_rows, count, 1)).float()
        candidates = torch.cat([label, torch.rand_like(label), low, low + 10], dim=2)
    else:
        known = torch.nan_to_num(target, nan=-1.0)
        sure = (known[..., :1] >= 0).float()
        own = torch.cat([known[..., :1], sure, known[..., 1:]], dim=2)
        candidates = torch.nn.functional.pad(own, (0, 0, 0, count - own.shape[1]))
    return torch.cat([torch.randn(num_rows, num_classes), candidates.flatten(1)], dim=1)


def outputs_of(task, schema, num_rows):
    if task.name == "detection":
        return {spec.name: boxes_of(num_rows) for spec in task.outputs(schema)}
    found = {
        spec.name: torch.randn(num_rows, spec.size, *spec.places) for spec in task.outputs(schema)
    }
    # Nats, tokens and bytes of a text are counted: none of them is below 0.
    return found if task.has_targets else {n: 1 + value.abs() for n, value in found.items()}


def detector_output(num_rows, num_classes):
    """Return even answers of a detector at the places of a grid over 64 × 64 pixels."""
    line = 4 + 8 * torch.arange(8.0)
    grid = torch.cartesian_prod(line, line)
    places = torch.cat([grid, torch.full((64, 1), 8.0)], dim=1)
    answers = torch.zeros(64, 4 * SIDE_BINS + num_classes)
    output = torch.cat([places, answers], dim=1).expand(num_rows, -1, -1)
    return output.clone().requires_grad_()


@pytest.mark.parametrize("name", EVERY)
def test_the_task_is_found_by_the_targets(name):
    wanted, schema, _ = encoded(name)
    found, why = task_for(schema)
    assert wanted.accepts(schema)
    by_name = {
        "quantile_regression": "regression",
        "forecasting": "regression",
        "masked_language_model": "language_model",
    }
    if wanted.name in by_name:
        assert found.name == by_name[wanted.name]
        return
    assert found.name == wanted.name
    names = [column.name for column in schema.targets or schema.inputs]
    assert names[0] in why or "targets each say" in why


def test_targets_that_no_task_answers_are_told():
    schema = infer_schema(table(), targets=["price", "answer"])
    with pytest.raises(DataError, match=r"no task answers the targets 'answer' \(\w+\), 'price'"):
        task_for(schema)
    assert not any(entry.value.accepts(schema) for entry in TASKS.values())


def test_pictures_without_anything_to_predict_are_told():
    schema = infer_schema(pl.DataFrame({"image": ["/a/1.png", "/a/2.png"]}))
    with pytest.raises(DataError, match=r"nothing says .* columns 'image' \(image\).*--target"):
        task_for(schema)


@pytest.mark.parametrize("name", EXAMPLES)
def test_outputs_become_predictions_that_metrics_read(name):
    task, schema, part = answered(name, 40)
    found = task.predictions(outputs_of(task, schema, len(part)), schema)
    truth = task.truth(part.targets(), schema, num_samples=len(part))
    assert found.num_rows == len(part)
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
    assert names or not task.has_targets
    assert isinstance(answers, pl.DataFrame)
    assert answers.height == 7
    assert answers.columns[: len(names)] == names
    assert answers.null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_true_outputs_give_the_true_answers(name):
    task, schema, part = answered(name, 30)
    if not task.has_targets:
        pytest.skip("there is no true answer")
    perfect = {}
    for spec in task.outputs(schema):
        target = part.targets()[spec.name]
        if task.name == "classification":
            perfect[spec.name] = 50.0 * torch.nn.functional.one_hot(target, spec.size).float()
        elif task.name == "recognition":
            known = len(task.choices(schema))
            cosines = torch.nn.functional.one_hot(target, known).float()
            perfect[spec.name] = torch.cat([torch.ones(len(part), spec.size - known), cosines], 1)
        elif task.name == "detection":
            perfect[spec.name] = boxes_of(len(part), target)
        elif task.name == "segmentation":
            classes = torch.nn.functional.one_hot(target.long() % 255, spec.size)
            perfect[spec.name] = 50.0 * classes.movedim(-1, 1).float()
        elif task.name == "multi_label":
            labels = target if target.dim() == 2 else target[:, None]
            perfect[spec.name] = 100.0 * (labels.float() - 0.5)
        else:
            perfect[spec.name] = target.repeat_interleave(spec.size // target.shape[1], dim=1)
    found = task.predictions(perfect, schema)
    truth = task.truth(part.targets(), schema, num_samples=len(part))
    decided = found.decided()
    if found.kind == "forecasts":  # what errors are usual stands behind the steps
        truth = truth[:, :-2].reshape(len(part), -1)
    if found.kind == "boxes":  # the answer is a list, and the truth another
        assert score("map50_95", found, truth) == 1
        return
    if found.kind == "masks":  # of some pixels nothing is known
        decided, truth = decided[truth != 255], truth[truth != 255]
    assert np.allclose(decided, truth, rtol=1e-4, atol=1e-4, equal_nan=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_equal_answers_combine_to_themselves(name):
    task, schema, _ = encoded(name)
    outputs = outputs_of(task, schema, 5)
    wanted = task.predictions(outputs, schema).values
    for count in (1, 4):
        several = {n: v[:, None].expand(-1, count, *v.shape[1:]) for n, v in outputs.items()}
        combined = {n: task.combine(v) for n, v in several.items()}
        assert np.allclose(task.predictions(combined, schema).values, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("members", [0, 3])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_loss_is_one_number_per_row_and_falls_towards_the_truth(name, members):
    task, schema, part = answered(name, 16)
    if members and (not task.has_targets or task.reads_targets):
        pytest.skip("its networks have no members")
    recipe = task.plan(facts_of(name))
    batch = part.samples.batch(part.index)
    counts = facts_of(name).class_counts
    loss = task.loss(recipe, schema, torch.tensor(counts) if counts else None)
    shape = (16, members) if members else (16,)
    if task.name == "detection" and members:
        pytest.skip("its networks have no members")
    outputs = {
        spec.name: detector_output(16, spec.size)
        if task.name == "detection"
        else torch.full(
            (*shape, spec.size, *spec.places), float(not task.has_targets), requires_grad=True
        )
        for spec in task.outputs(schema)
    }
    first = loss(outputs, batch)
    assert first.shape == (16,)
    first.sum().backward()
    if task.name == "detection":  # where places lie is no answer
        outputs["boxes"].grad[..., :3] = 0
    stepped = {n: (v - 0.05 * v.grad).detach() for n, v in outputs.items()}
    assert loss(stepped, batch).mean() < first.mean()


@pytest.mark.parametrize("name", TASKS)
def test_objectives_that_fit_a_task_are_in_their_table(name) -> None:
    assert set(TASKS[name].value.objectives) <= set(OBJECTIVES)


@pytest.mark.parametrize("name", EVERY)
def test_samples_of_a_part_are_those_of_its_rows(name):
    task, schema, dataset = encoded(name)
    recipe, rows = task.plan(facts_of(name)), dataset.usable()[5:25]
    for purpose in ("learn", "watch", "answer"):
        part = task.part(dataset, rows, recipe, purpose=purpose)
        assert len(part) > 0
        assert set(part.rows().tolist()) <= set(rows.tolist())
        batch = part.samples.batch(part.index[:3])
        assert len(batch) == 3
        every = {spec.name for spec in task.inputs(schema)}
        given = every - {target.name for target in schema.targets}
        assert given <= set(batch.inputs) <= every
        assert sorted(part.samples.by_length(part.index).tolist()) == list(range(len(part)))
        # A network that is given the answers is asked for none.
        has_answers = set(batch.inputs) == given
        names = set(part.targets()) & set(dataset.targets)
        assert names == (set(dataset.targets) if has_answers else set())


@pytest.mark.parametrize("name", TASKS)
def test_what_is_watched_is_among_the_metrics(name) -> None:
    assert set(TASKS[name].value.watched) <= set(METRICS)
