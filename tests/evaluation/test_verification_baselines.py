"""Principal components that tell identities apart."""

import numpy as np
import pytest

from lamina.evaluation.verification_baselines import principal_vectors


def test_components_tell_apart_what_differs_in_one_direction() -> None:
    chance = np.random.default_rng(0)
    direction = chance.normal(size=30)
    strength = np.array([-2.0, -2.1, 2.0, 2.1])
    rows = strength[:, None] * direction + 5 + 0.001 * chance.normal(size=(4, 30))
    found = principal_vectors(rows, rows)
    assert found.shape[0] == 4
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    assert abs(found[0] @ found[1]) <= 1 + 1e-9


def test_all_components_are_equally_strong() -> None:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(200, 3)) * [100.0, 1.0, 0.01]
    found = principal_vectors(rows, rows)
    spread = found.std(axis=0)
    assert spread.max() / spread.min() == pytest.approx(1, abs=0.2)


def test_there_are_none_where_nothing_differs() -> None:
    same = np.ones((5, 4))
    assert principal_vectors(same, same) is None
    assert principal_vectors(None, same) is None
    assert principal_vectors(same[:1], same) is None
