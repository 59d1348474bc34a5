"""A bundle gives the answers of the network that was trained, or says why it cannot."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.bundle import Bundle, load_bundle, save_bundle
from lamina.core.errors import BundleError
from lamina.runs.predictor import load_predictor
from lamina.tasks.recipe import AnsweringConfig
from lamina.training.execution import Execution
from tests.runs.tiny import EXAMPLES, copy_of, finished, table


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_bundle_survives_being_written_again(name, tmp_path):
    predictor = finished(name).predictor
    predictor.save(tmp_path / "model")
    again = load_predictor(tmp_path / "model")
    assert again.plan == predictor.plan
    assert again.temperature == predictor.temperature
    source = EXAMPLES[name].make()
    run = finished(name)
    other = copy_of(run, tmp_path / "copy")
    assert other.predict(source).equals(run.predict(source))


def test_the_bundle_answers_the_test_rows_as_the_evaluation_did():
    from lamina.runs.compare import load_answers

    run = finished("binary")
    stored = load_answers(run)
    answers = run.predict(table())
    said = answers.select("probability_no", "probability_yes").to_numpy()[stored.rows]
    assert np.allclose(said, stored.predictions.values, atol=1e-6)


@pytest.mark.parametrize("file", ["bundle.json", "network.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "empty"])
def test_a_damaged_bundle_is_refused(tmp_path, file, damage):
    run = copy_of(finished("binary"), tmp_path / "run")
    path = run.folder.model / file
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "missing":
        path.unlink()
    else:
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"cut": data[:middle], "changed": changed, "empty": b""}[damage])
    with pytest.raises(BundleError):
        load_predictor(run.folder.model)


def _changed(bundle, **changes):
    return Bundle(bundle.tensors, {**json.loads(json.dumps(bundle.document)), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": 0}, "temperature 0.0, wanted above 0"),
        ({"temperature": "warm"}, "holds a model that cannot be built"),
        ({"plan": {}}, "holds a model that cannot be built"),
        ({"schema": {"columns": []}}, "holds a model that cannot be built"),
        ({"execution": {"threads": "many"}}, "holds a model that cannot be built"),
        ({"execution": 3}, "holds a model that cannot be built"),
    ],
)
def test_a_foreign_document_is_refused(tmp_path, changes, message):
    bundle = load_bundle(finished("binary").folder.model)
    save_bundle(tmp_path, _changed(bundle, **changes))
    with pytest.raises(BundleError, match=message):
        load_predictor(tmp_path)


def test_weights_of_another_network_are_refused(tmp_path):
    bundle = load_bundle(finished("binary").folder.model)
    tensors = dict(bundle.tensors)
    name = next(n for n, value in tensors.items() if value.dim() == 2)
    save_bundle(tmp_path, Bundle({**tensors, name: torch.zeros(1, 1)}, bundle.document))
    with pytest.raises(BundleError, match="cannot be built"):
        load_predictor(tmp_path)


def test_threads_that_this_machine_lacks_are_not_used(tmp_path):
    bundle = load_bundle(finished("binary").folder.model)
    execution = {"threads": 4096, "dtype": "float32", "channels_last": False}
    save_bundle(tmp_path, _changed(bundle, execution=execution))
    predictor = load_predictor(tmp_path)
    assert predictor.execution == Execution(threads=torch.get_num_threads())


def test_views_of_a_picture_are_averaged():
    predictor = finished("picture").predictor
    assert predictor.plan.recipe.answering.views > 1
    from lamina.data.dataset import encode_frame
    from lamina.data.sources.open import open_source

    frame = open_source(EXAMPLES["picture"].make()).read()
    dataset = encode_frame(predictor.schema, frame, with_targets=False)
    rows = torch.arange(8)
    whole = predictor.outputs(dataset, rows)["label"]
    single = predictor.outputs(dataset, rows, is_final=False)["label"]
    assert whole.shape == single.shape == (8, 2)
    assert not torch.allclose(whole, single)


def test_answers_in_several_batches_stand_in_the_order_of_the_rows():
    predictor = load_predictor(finished("text").folder.model)
    frame = EXAMPLES["text"].make()
    shorter = frame.with_columns(
        pl.Series(
            "review", [" ".join(t.split()[: 1 + i % 9]) for i, t in enumerate(frame["review"])]
        )
    )
    together = predictor.predict(shorter)
    few = replace(predictor.plan.recipe, answering=AnsweringConfig(batch_size=7))
    cut = replace(predictor, plan=replace(predictor.plan, recipe=few)).predict(shorter)
    assert cut["mood"].to_list() == together["mood"].to_list()
    assert np.allclose(cut["probability"], together["probability"], atol=1e-5)


@pytest.mark.parametrize("name", ["binary", "number", "text", "mixed"])
def test_heads_answer_from_the_features(name):
    from lamina.data.dataset import encode_frame
    from lamina.data.sources.open import open_source

    predictor = replace(finished(name).predictor, execution=Execution())
    dataset = encode_frame(predictor.schema, open_source(EXAMPLES[name].make()).read())
    rows = torch.arange(5)
    found = predictor.features(dataset, rows)
    assert found.shape == (5, predictor.model.trunk.out_features)
    with torch.no_grad():
        wanted = predictor.model.eval().features(dataset.batch(rows).inputs)
    wanted = wanted.mean(dim=1) if predictor.model.num_members > 1 else wanted
    assert torch.allclose(found, wanted, atol=1e-5)
