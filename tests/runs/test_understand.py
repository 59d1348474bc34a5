"""The explanation stage of a run."""

import json

import pytest

from lamina.core.bundle import read_tensors
from lamina.runs.understand import LEAST_SECONDS, MOST_SECONDS, limit_of
from tests.runs.tiny import EXAMPLES, GIVEN, finished, fit_tiny, scenes


@pytest.mark.parametrize("name", [*EXAMPLES, *GIVEN])
def test_every_run_is_explained_within_its_time(name):
    run = finished(name)
    told = json.loads(run.folder.explanation.read_text())
    assert told["schema"] == 1
    assert told["method"] == ("banzhaf" if name in ("text", "pair_number") else "occlusion")
    assert told["check"]["num_rows"] >= 2
    assert told["check"]["verdict"] in ("passed", "failed")
    task = run.predictor.task
    assert bool(told["rows"][0]["truth"]) is (task.has_targets and not task.reads_targets)
    assert told["limit_seconds"] >= LEAST_SECONDS
    # A part that has begun is ended, so a slow machine goes a little beyond.
    assert told["seconds"] < 3 * told["limit_seconds"] + 5
    made = task.features(run.predictor.schema).values()
    columns = {column.name for column in run.predictor.schema.inputs}
    columns = {name for own in made for name in own.names} or columns
    if len(columns) > 1 and told["importance"] and not told["left_out"]:
        assert set(told["importance"]["columns"]) == columns


def test_rows_shown_are_test_rows():
    run = finished("binary")
    tested = set(read_tensors(run.folder.answers)[0]["rows"].tolist())
    told = json.loads(run.folder.explanation.read_text())
    assert {row["row"] for row in told["rows"]} <= tested
    assert set(told["projection"]["rows"]) <= tested


def test_layers_of_a_convolutional_network_are_seen():
    told = json.loads(finished("picture").folder.explanation.read_text())
    assert told["features"]
    assert all(uri.startswith("data:image/") for own in told["features"] for uri in own["pictures"])


@pytest.mark.parametrize(("training", "limit"), [(1, LEAST_SECONDS), (100, 8), (9e9, MOST_SECONDS)])
def test_the_limit_is_a_small_share_of_training(training, limit):
    assert limit_of(training) == limit


def test_no_layer_is_asked_for_the_classes_of_all_pixels(tmp_path):
    example = EXAMPLES["mask"]
    source = dict(zip(("image", "mask"), scenes(160)))
    run = fit_tiny(source, out=tmp_path / "run", target="mask", settings=example.settings)
    told = json.loads(run.folder.explanation.read_text())
    assert len(read_tensors(run.folder.answers)[0]["rows"]) >= 20
    assert told["layers"] is None
