"""What counting fills in, worked out by hand."""

import math

import numpy as np
import pytest

from lamina.evaluation.fill_baselines import FILLERS, frequent, neighbours

SIZES = np.array([0, 0, 0, 1, 1, 2])
SEEN = [np.array([2, 3, 4, 3, 4, 3]), np.array([2, 3, 4])]


def test_the_most_frequent_token() -> None:
    found = frequent(SEEN, [np.array([2, 3, 5])], SIZES)
    # Of 7 tokens 4 are the 3; what was never seen shares the weight of the 2 kinds seen.
    likely, new = (4 + 2 / 3) / 9, (2 / 3) / 9
    expected = [-math.log(likely) - math.log(new), 2.0, 3.0, 1.0]
    assert found[0] == pytest.approx(expected)


def test_what_stood_between_the_same_two() -> None:
    found = neighbours(SEEN, [np.array([2, 3, 4, 3])], SIZES)
    assert found[0, 1:].tolist() == [3.0, 3.0, 3.0]
    assert found[0, 0] < frequent(SEEN, [np.array([2, 3, 4, 3])], SIZES)[0, 0]


@pytest.mark.parametrize("name", FILLERS)
def test_chances_of_all_tokens_sum_to_one(name) -> None:
    texts = [np.array([2, 3, token, 3]) for token in (3, 4, 5)]
    alone = [np.array([2, 3, 3]), np.array([2, 3, 4])]
    found = FILLERS[name].value(alone, texts, SIZES)
    rest = [FILLERS[name].value(alone, [t[:2]], SIZES)[0, 0] for t in texts]
    assert len(found) == len(rest) == 3
    if name == "frequent":
        own = [found[row, 0] - 2 * found[0, 0] / 3 for row in range(3)]
        assert sum(math.exp(-one) for one in own) == pytest.approx(1.0)


def test_texts_without_tokens_count_nothing() -> None:
    assert neighbours(SEEN, [np.array([2])], SIZES)[0].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert np.isfinite(neighbours([], [np.array([2, 3])], SIZES)).all()
