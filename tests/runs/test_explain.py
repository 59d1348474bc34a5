"""Every task and every kind of input is explained, by every method that suits it."""

import json

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError, DataError
from lamina.data.dataset import encode_frame
from lamina.data.modalities.table import MODALITIES
from lamina.data.parts import Part
from lamina.data.sources.open import open_source
from lamina.explanation.table import METHODS
from lamina.runs.explain import Explainer, places_of, references_of
from lamina.tasks.table import TASKS
from tests.runs.tiny import EVERY, EXAMPLES, finished


def rows_of(name: str) -> pl.DataFrame:
    return open_source(EVERY[name].make()).read()


def test_examples_cover_every_task_and_every_kind_of_input():
    assert {example.task for example in EVERY.values()} == set(TASKS)
    kinds = {s.kind for name in EVERY for s in finished(name).predictor.schema.input_specs()}
    every = [entry.value for entry in MODALITIES.values()]
    assert kinds == {modality.kind for modality in every if modality.is_input}


@pytest.mark.parametrize("name", EVERY)
def test_every_run_explains_a_row(name):
    run, frame = finished(name), rows_of(name)
    found = run.explain(frame, row=3)
    schema = run.predictor.schema
    shown = [one for own in found.inputs for one in ([own.name] if own.heat else own.features)]
    assert shown
    named = {own.name for own in found.inputs} - {"columns"}
    named |= {f.label for own in found.inputs if own.name == "columns" for f in own.features}
    made = run.predictor.task.features(schema).values()
    columns = {name for own in made for name in own.names}
    assert named == (columns or {column.name for column in schema.inputs})
    assert not found.left_out
    assert np.isfinite([number for own in found.inputs for number in own.numbers()]).all()
    assert found.check.verdict in ("passed", "failed")
    assert found.unit
    json.dumps(found.to_document(), allow_nan=False)
    again = run.explain(frame, row=3)
    assert again == found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EVERY)
def test_every_method_explains_or_says_why_not(name, method):
    run, frame = finished(name), rows_of(name)
    predictor, task = run.predictor, run.predictor.task
    dataset = encode_frame(predictor.schema, frame, with_targets=task.reads_targets)
    part = task.explained(dataset, torch.arange(len(dataset)), predictor.plan.recipe)
    question = run.explainer.question(part.samples, int(part.index[1]), 0)
    if not METHODS[method].value.suits(question):
        with pytest.raises(ConfigError, match="Use occlusion"):
            run.explain(frame, row=1, method=method, is_checked=False)
        return
    found = run.explain(frame, row=1, method=method, is_checked=False)
    assert found.method == method
    assert found.check is None
    made = task.features(predictor.schema).values()
    columns = {name for own in made for name in own.names}
    columns = columns or {column.name for column in predictor.schema.inputs}
    reached = {own.name for own in found.inputs} - {"columns"}
    reached |= {f.label for own in found.inputs if own.name == "columns" for f in own.features}
    assert reached | set(found.left_out) == columns
    assert not reached & set(found.left_out)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_number_explained_is_that_of_the_answer(name):
    run, frame = finished(name), rows_of(name)
    predictor, task = run.predictor, run.predictor.task
    frame = frame if task.reads_targets else frame.head(12)
    choices = task.choices(predictor.schema)
    dataset = encode_frame(predictor.schema, frame, with_targets=task.reads_targets)
    part = task.explained(dataset, torch.arange(len(dataset)), predictor.plan.recipe)
    part = Part(part.samples, part.index[:12])
    outputs = predictor.outputs(part.samples, part.index, is_final=False)
    scaled = {n: v / predictor.temperature for n, v in outputs.items()}
    if task.name == "segmentation":  # only classes are kept of its outputs
        with torch.no_grad():
            raw = predictor.model(part.samples.batch(part.index).inputs)
        scaled = {n: task.combine(v) for n, v in raw.items()}
    evidence = task.evidence(scaled, predictor.schema)
    found = predictor.predictions(outputs)
    assert evidence.shape == (12, len(choices))
    assert len({task.claim(predictor.schema, i) for i in range(len(choices))}) == len(choices)
    if found.kind in ("likelihoods", "fill_ins"):
        told = task.answers(found, predictor.schema)[choices[0]]
        assert np.allclose(evidence[:, 0].numpy(), told.to_numpy(), rtol=1e-5)
    elif found.kind == "masks":
        # Where every pixel is sure of a class, most speaks for the largest.
        found = task.predictions(scaled, predictor.schema)
        won = {n: v.argmax(1)[:, None] for n, v in scaled.items()}
        sure = {n: torch.zeros_like(v).scatter_(1, won[n], 20.0) for n, v in scaled.items()}
        best = task.evidence(sure, predictor.schema).argmax(1)
        counts = np.stack([np.bincount(row, minlength=len(choices)) for row in found.values])
        rows = np.arange(12)  # two classes may have as many pixels
        assert (counts[rows, best] == counts[rows, task.chosen(found)]).all()
    elif found.kind == "embeddings":
        nearest = task.chosen(found)[:, None]
        own = np.take_along_axis(evidence.numpy(), nearest, axis=1)[:, 0]
        assert np.allclose(own, found.values[:, 1], atol=1e-6)
    elif found.kind == "forecasts":
        medians = found.decided().mean(axis=1)
        logs = np.log(found.decided()).mean(axis=1)
        is_log = "log" in task.claim(predictor.schema, 0)[1]
        assert np.allclose(evidence[:, 0].numpy(), logs if is_log else medians, rtol=1e-4)
    elif found.kind in ("classes", "labels"):
        assert np.allclose(torch.sigmoid(evidence).numpy(), found.values, atol=1e-4)
    else:
        inside = evidence.numpy() if "log" not in task.claim(predictor.schema, 0)[1] else None
        # What is decoded stays in the range of the training rows.
        if inside is not None:
            low, high = found.values.min(), found.values.max()
            assert np.allclose(np.clip(inside, low, high), found.values, rtol=1e-3, atol=1e-3)
    for row, number in enumerate(part.rows()[:3].tolist()):
        told = run.explain(frame, row=number, is_checked=False)
        choice = int(task.chosen(found)[row])
        assert told.answer == task.claim(predictor.schema, choice)[0]
        assert told.value == pytest.approx(float(evidence[row, choice]), rel=0.05, abs=0.05)


def test_another_answer_can_be_asked_for():
    run, frame = finished("binary"), rows_of("binary")
    yes, no = (run.explain(frame, row=2, answer=a, is_checked=False) for a in ("yes", "no"))
    assert (yes.answer, no.answer) == ("answer is yes", "answer is no")
    assert yes.value == pytest.approx(-no.value, abs=1e-4)
    assert yes.probability == pytest.approx(1 - no.probability, abs=1e-6)
    with pytest.raises(ConfigError, match="Did you mean 'yes'"):
        run.explain(frame, answer="yess")


def test_the_data_of_the_run_are_taken_where_none_are_given():
    run, frame = finished("binary"), rows_of("binary")
    assert run.explain(row=7) == run.explain(frame, row=7)


def test_what_cannot_be_explained_is_refused():
    run, frame = finished("binary"), rows_of("binary")
    with pytest.raises(DataError, match="rows 0 to 159"):
        run.explain(frame, row=160)
    with pytest.raises(DataError, match="column 'x'"):
        run.explain(frame.drop("x"))
    with pytest.raises(ConfigError, match="method of explanation"):
        run.explain(frame, method="shap")
    pictures = finished("picture")
    damaged = pl.DataFrame({"image": [b"no picture"], "label": [0]})
    with pytest.raises(DataError, match="row 0 cannot be read"):
        pictures.explain(damaged)


def test_references_are_values_of_training_rows_spread_evenly():
    predictor = finished("binary").predictor
    schema = predictor.schema
    found = references_of(schema, schema.input_specs())
    frame = rows_of("binary")
    encoded = encode_frame(schema, frame, with_targets=False)
    for place, spec in enumerate(schema.input_specs()):
        for number in range(found[spec.name].shape[1]):
            own = found[spec.name][:, number].float()
            real = encoded.inputs[spec.name][:, number].float()
            real = real[~real.isnan()]
            assert real.min() <= own.min() <= own.max() <= real.max(), place
            assert abs(float(own.mean() - real.mean())) < 0.35 * float(real.std() + 1e-3)


def test_vectors_of_every_column_of_categories_are_its_own():
    run = finished("boolean")
    explainer = Explainer(run.predictor)
    places = places_of(run.predictor.model)
    assert "category" in places or "category" not in explainer.model.input_names
    frame = rows_of("boolean")
    dataset = encode_frame(run.predictor.schema, frame, with_targets=False)
    encoder = explainer.model.encoders[explainer.model.input_names.index("category")]
    ids = dataset.inputs["category"][:1]
    for column in range(ids.shape[1]):
        changed = ids.clone()
        changed[0, column] = 2 if int(ids[0, column]) != 2 else 1
        differs = (encoder(ids) != encoder(changed))[0]
        assert differs.any()
        assert set(places["category"].owners[differs].tolist()) == {column}


def test_explaining_leaves_the_model_as_it_was():
    run, frame = finished("picture"), rows_of("picture")
    before = {n: t.clone() for n, t in run.predictor.model.state_dict().items()}
    answers = run.predict(frame.head(5))
    for method in METHODS:
        if method != "attention_rollout":
            run.explain(frame, row=0, method=method)
    after = run.predictor.model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert run.predict(frame.head(5)).equals(answers)
