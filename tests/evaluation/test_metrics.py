import numpy as np
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.evaluation.metrics import METRICS, direction, score
from lamina.evaluation.predictions import WRITTEN, Predictions
from tests.evaluation.conftest import MAKERS
from tests.evaluation.made_boxes import perfect_boxes


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_keeps_its_contract(name):
    entry = METRICS[name]
    assert entry.summary
    assert entry.source
    for kind in entry.value.kinds:
        predictions, targets = MAKERS[kind]()
        value = score(name, predictions, targets)
        assert np.isfinite(value)
        ones = entry.value.function(predictions, targets, weights=np.ones((2, len(targets))))
        assert ones == pytest.approx([value, value])
        if entry.value.is_share:
            assert 0 <= value <= 1


@pytest.mark.parametrize("name", METRICS)
def test_better_answers_score_better(name):
    metric = METRICS[name].value
    for kind in metric.kinds:
        predictions, targets = MAKERS[kind]()
        if kind == "classes":
            perfect = np.eye(predictions.num_columns)[targets]
        elif kind == "quantiles":
            perfect = targets + np.array([-0.2, 0, 0.2])
        elif kind == "likelihoods":
            perfect = predictions.values * np.array([0.1, 1.0, 1.0])
        elif kind == "fill_ins":
            perfect = predictions.values * np.array([0.1, 1.0, 1.0, 0.0])
            perfect[:, 3] = perfect[:, 1]
        elif kind == "forecasts":
            future = targets[:, :-2, :, None] + np.array([-0.2, 0, 0.2])
            perfect = future.reshape(len(future), -1)
        elif kind == "embeddings":
            perfect = np.concatenate([np.zeros((len(targets), 2)), targets == np.arange(8)], 1)
        elif kind == "boxes":
            perfect = perfect_boxes(targets)
        elif kind in WRITTEN:
            perfect = predictions.values
        else:
            perfect = targets
        texts = tuple(targets) if kind in WRITTEN else ()
        found = Predictions(kind, perfect, predictions.levels, texts, predictions.num_classes)
        best = score(name, found, targets)
        usual = score(name, predictions, targets)
        if name == "coverage_error":
            assert best == pytest.approx(0.1)
        elif metric.greater_is_better is not None:
            assert best > usual if metric.greater_is_better else best < usual


@pytest.mark.parametrize("name", METRICS)
def test_a_single_row_never_crashes(name):
    for kind in METRICS[name].value.kinds:
        predictions, targets = MAKERS[kind]()
        score(name, predictions.rows(np.array([0])), targets[:1])
        assert np.isnan(score(name, predictions.rows(np.array([], dtype=int)), targets[:0]))


def test_which_way_is_better():
    assert (direction("accuracy"), direction("rmse")) == (1.0, -1.0)
    with pytest.raises(ConfigError, match="neither more nor less of it is better"):
        direction("coverage")


def test_wrong_names_and_shapes_say_why():
    predictions, targets = MAKERS["classes"]()
    with pytest.raises(ConfigError, match="Did you mean 'accuracy'"):
        score("acuracy", predictions, targets)
    with pytest.raises(ConfigError, match="does not read classes"):
        score("rmse", predictions, targets)
    with pytest.raises(DataError, match="same rows"):
        score("accuracy", predictions, targets[:-1])
