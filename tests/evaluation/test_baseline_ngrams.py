"""Counted runs of tokens, against numbers worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lamina.evaluation.baseline_models import BaselineData
from lamina.evaluation.baseline_ngrams import has_tokens, ngrams, unigrams


def data(*texts: str, sizes: tuple[int, ...] = (0, 0, 0, 1, 1, 1)) -> BaselineData:
    return BaselineData(
        numbers=np.zeros((len(texts), 0)),
        categories=np.zeros((len(texts), 0), dtype=int),
        texts=[list(texts)],
        target=np.zeros(len(texts)),
        kind="likelihoods",
        num_outputs=3,
        token_bytes=np.array(sizes),
    )


def test_frequencies_with_a_share_for_the_unseen() -> None:
    found = unigrams(data("3 3 4"), data("4 3 5"), 0)
    # Two kinds among three tokens: (times + 2 / 3) / 5.
    wanted = -math.log((2 + 2 / 3) / 5) - math.log((0 + 2 / 3) / 5)
    assert found.tolist() == [pytest.approx([wanted, 2, 2])]


def test_pairs_lean_on_single_tokens() -> None:
    found = ngrams(data("3 4 3 4 3 5"), data("3 4"), 0)
    one = (2 + 3 / 3) / (6 + 3)
    # After 3 came 4 twice and 5 once.
    assert found[0, 0] == pytest.approx(-math.log((2 + 2 * one) / (3 + 2)))


def test_marks_are_not_counted_and_probabilities_add_up() -> None:
    train = data("2 3 4 5 2 3 3 4")
    found = ngrams(train, data("3 2 4"), 0)
    assert found[0, 1:].tolist() == [1, 1]
    chances = [math.exp(-ngrams(train, data(f"2 3 {w}"), 0)[0, 0]) for w in (3, 4, 5)]
    first = [math.exp(-ngrams(train, data(f"2 {w}"), 0)[0, 0]) for w in (3, 4, 5)]
    assert sum(first) < 1.0  # the mark has its share, too
    assert sum(chances) / first[0] < 1.0


def test_a_repeated_text_is_foreseen() -> None:
    chance = np.random.default_rng(0)
    text = " ".join(map(str, np.tile(chance.integers(3, 6, 50), 20)))
    known, new = data(text), data(" ".join(text.split()[:50]))
    longer, single = ngrams(known, new, 0)[0, 0], unigrams(known, new, 0)[0, 0]
    assert longer < 0.5 * single


def test_words_in_lower_case_are_no_tokens() -> None:
    assert has_tokens(data("3"))
    assert not has_tokens(replace(data("3"), token_bytes=None))
    # Pieces to tell classes by are not measured.
    assert not has_tokens(replace(data("3"), kind="classes"))
