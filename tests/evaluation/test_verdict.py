import numpy as np
import pytest

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.verdict import judge
from tests.evaluation.conftest import make_classes, make_numbers


def weaken(predictions, share):
    num = predictions.num_columns
    return Predictions("classes", (1 - share) * predictions.values + share / num)


def test_a_better_network_beats_the_best_baseline():
    predictions, targets = make_classes(1500, 3)
    baselines = {
        "majority": weaken(predictions, 1.0),
        "gradient_boosting": weaken(predictions, 0.6),
    }
    verdict = judge(predictions, baselines, targets, metric="log_loss")
    assert verdict.beats_baselines
    assert verdict.best_baseline == "gradient_boosting"
    assert verdict.sentence.startswith("The network beats gradient boosting, the best simple model")


def test_a_worse_network_is_told_so():
    predictions, targets = make_classes(1500, 3)
    verdict = judge(weaken(predictions, 0.5), {"linear": predictions}, targets, metric="log_loss")
    assert not verdict.beats_baselines
    assert "does not beat linear" in verdict.sentence
    assert "Use the simpler model" in verdict.sentence


def test_equal_and_uncertain():
    predictions, targets = make_classes(1500, 3)
    equal = judge(predictions, {"linear": predictions}, targets, metric="accuracy")
    assert not equal.beats_baselines
    assert "equal" in equal.sentence
    numbers, truth = make_numbers(10)
    random = np.random.default_rng(0)
    other = Predictions("numbers", truth + random.normal(size=truth.shape))
    unsure = judge(numbers, {"mean": other}, truth, metric="rmse")
    assert "cannot be said" in unsure.sentence


@pytest.mark.parametrize("baselines", [{}])
def test_without_baselines(baselines):
    predictions, targets = make_classes(50)
    verdict = judge(predictions, baselines, targets, metric="accuracy")
    assert (verdict.beats_baselines, verdict.comparison) == (False, None)


def test_what_is_not_defined_is_not_printed():
    predictions, targets = make_classes(60, 3)
    groups = np.arange(60) % 3
    baselines = {"linear": weaken(predictions, 0.9)}
    verdict = judge(predictions, baselines, targets, metric="log_loss", groups=groups)
    assert "(60 rows) is too small. Until then" in verdict.sentence
    assert "nan" not in verdict.sentence
