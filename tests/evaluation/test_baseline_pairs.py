"""How much the words of two texts overlap."""

import dataclasses

import numpy as np

from lamina.evaluation.baseline_models import BaselineData
from lamina.evaluation.baseline_pairs import has_pair, overlap


def pairs(num_rows: int = 60, **changes) -> BaselineData:
    """Return rows whose answer is whether the texts share their words, beside an empty one."""
    chance = np.random.default_rng(0)
    first, second, target = [], [], []
    for row in range(num_rows):
        words = [str(word) for word in chance.integers(2, 90, 5)]
        others = [str(word) for word in chance.integers(2, 90, 5)]
        first.append(" ".join(words))
        second.append(" ".join(words[::-1] if row % 2 else others) if row else "")
        target.append(row % 2)
    data = BaselineData(
        numbers=np.zeros((num_rows, 0)),
        categories=np.zeros((num_rows, 0), dtype=np.int64),
        texts=[first, second],
        target=np.array(target),
        kind="classes",
        num_outputs=2,
        is_pair=True,
    )
    return dataclasses.replace(data, **changes)


def test_shared_words_are_seen_whatever_they_are() -> None:
    found = overlap(pairs(), pairs(40), 0)
    assert (found.argmax(1) == pairs(40).target).all()
    np.testing.assert_allclose(found.sum(1), 1.0)


def test_numbers_and_what_stands_beside_the_texts() -> None:
    wanted = np.linspace(0, 1, 60)[:, None]
    data = pairs(numbers=wanted, target=wanted, kind="numbers", num_outputs=1)
    assert np.abs(overlap(data, data, 0) - wanted).max() < 0.05


def test_it_is_for_pairs_only_and_knows_what_it_does_not_know() -> None:
    assert has_pair(pairs())
    assert not has_pair(pairs(is_pair=False))
    assert not has_pair(pairs(texts=[[""] * 60, [""] * 60]))
    assert not has_pair(pairs(kind="likelihoods"))
    one_word = pairs(texts=[["3"] * 60, ["4"] * 60])
    assert np.isfinite(overlap(one_word, one_word, 0)).all()
