"""Metrics of written answers: by hand, and against the library that counts for everybody."""

import numpy as np
import pytest
import sacrebleu

from lamina.core.errors import DataError
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.written import bleu, chrf, edit_distance, exact_match, word_error_rate

WORDS = ["a", "dog", "runs", "over", "the", "green", "hill", ",", "Über", "日本", "🙂", "it's"]


def _pairs(seed, count=30):
    """Texts, and truths that share much with them."""
    chance = np.random.default_rng(seed)
    true = [list(chance.choice(WORDS, chance.integers(1, 14))) for _ in range(count)]
    own = [[w if chance.random() < 0.7 else chance.choice(WORDS) for w in row] for row in true]
    own = [row[: max(1, len(row) - int(chance.integers(0, 3)))] for row in own]
    return [" ".join(row) for row in own], [" ".join(row) for row in true]


def _of(texts, true):
    found = Predictions("texts", np.zeros((len(texts), 2)), texts=tuple(texts))
    return found, np.array(true, dtype=object)


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_all_rows_are_those_of_sacrebleu(seed) -> None:
    own, true = _pairs(seed)
    wanted = sacrebleu.corpus_bleu(own, [true]).score
    assert bleu(*_of(own, true)) == pytest.approx(wanted)
    assert chrf(*_of(own, true)) == pytest.approx(sacrebleu.corpus_chrf(own, [true]).score)


def test_few_rows_have_figures_too() -> None:
    for own, true in ((["a dog"], ["a dog"]), (["x y z w v"], ["x y a b c"]), ([""], ["a b"])):
        assert bleu(*_of(own, true)) == pytest.approx(sacrebleu.corpus_bleu(own, [true]).score)
        assert chrf(*_of(own, true)) == pytest.approx(sacrebleu.corpus_chrf(own, [true]).score)


@pytest.mark.parametrize(
    "name", ["bleu", "chrf", "exact_match", "word_error_rate", "character_error_rate"]
)
def test_rows_weigh_as_often_as_they_are_drawn(name) -> None:
    own, true = _pairs(7, 12)
    picks = np.array([0, 0, 3, 5, 5, 5, 11])
    from lamina.evaluation.metrics import METRICS

    function = METRICS[name].value.function
    weights = np.stack([np.bincount(picks, minlength=12), np.ones(12)]).astype(np.float64)
    found = function(*_of(own, true), weights=weights)
    chosen = _of([own[p] for p in picks], [true[p] for p in picks])
    assert found == pytest.approx([score(name, *chosen), score(name, *_of(own, true))])


def test_edits_are_the_fewest() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3
    assert edit_distance("abc", "") == 3
    assert edit_distance(["a", "b"], ["b"]) == 1
    assert edit_distance("same", "same") == 0


def test_rates_count_edits_by_the_length_of_the_truth() -> None:
    found = _of(["the cat sat", "no"], ["the cat sat down", "yes"])
    assert word_error_rate(*found) == pytest.approx(2 / 5)
    assert exact_match(*_of(["a ", "b"], ["a", "c"])) == pytest.approx(0.5)
    assert score("character_error_rate", *_of(["ab"], ["abcd"])) == pytest.approx(0.5)


def test_answers_and_truths_are_one_text_per_row() -> None:
    with pytest.raises(DataError, match="one text and 2 columns"):
        Predictions("texts", np.zeros((2, 2)), texts=("only one",))
    found, _ = _of(["a", "b"], ["a", "b"])
    with pytest.raises(DataError, match="one text per row"):
        score("bleu", found, np.zeros(2))
    assert found.rows(np.array([1])).texts == ("b",)
    assert found.decided().tolist() == ["a", "b"]
