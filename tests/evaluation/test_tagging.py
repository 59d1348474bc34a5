"""Metrics of tags of words, counted by hand."""

import numpy as np
import pytest

from lamina.evaluation.intervals import score_intervals
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.tagging import span_f1, tag_accuracy

TRUE = ["B-LOC I-LOC O B-PER", "O O", "B-PER B-PER O"]
FOUND = ["B-LOC I-LOC O B-LOC", "B-PER O", "B-PER I-PER O"]


def _predictions(texts):
    return Predictions("tag_sequences", np.zeros((len(texts), 2)), texts=tuple(texts))


def test_figures_are_those_counted_by_hand() -> None:
    found, truth = _predictions(FOUND), np.array(TRUE, dtype=object)
    # Right: the first LOC alone. Found: LOC, LOC, PER, PER. True: LOC, PER, PER, PER.
    assert score("span_precision", found, truth) == pytest.approx(1 / 4)
    assert score("span_recall", found, truth) == pytest.approx(1 / 4)
    assert score("span_f1", found, truth) == pytest.approx(2 / 8)
    # Wrong words: the last of the first sentence, the first of the second, the second of the third.
    assert score("tag_accuracy", found, truth) == pytest.approx(6 / 9)


def test_weights_count_rows_as_often() -> None:
    found, truth = _predictions(FOUND), np.array(TRUE, dtype=object)
    weights = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]])
    twice = _predictions([FOUND[0], FOUND[0], FOUND[2]])
    again = np.array([TRUE[0], TRUE[0], TRUE[2]], dtype=object)
    for metric in (span_f1, tag_accuracy):
        values = metric(found, truth, weights=weights)
        assert values.shape == (2,)
        assert values[1] == pytest.approx(float(metric(twice, again)))


def test_nothing_to_find_has_no_figure_and_right_answers_have_the_best() -> None:
    none, truth = _predictions(["O O"]), np.array(["O O"], dtype=object)
    assert np.isnan(score("span_f1", none, truth))
    assert score("tag_accuracy", none, truth) == 1.0
    assert score("span_f1", _predictions(TRUE), np.array(TRUE, dtype=object)) == 1.0


def test_intervals_hold_the_figure() -> None:
    chance = np.random.default_rng(0)
    truth = np.array(["B-A O O" if n % 2 else "O B-B I-B" for n in range(80)], dtype=object)
    texts = [t if chance.uniform() < 0.8 else "O O O" for t in truth]
    found = score_intervals(_predictions(texts), truth, names=("span_f1", "tag_accuracy"))
    for interval in found.values():
        assert 0 < interval.low < interval.value < interval.high < 1
