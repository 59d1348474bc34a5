"""Draws on arrays are those on tensors."""

import numpy as np
import pytest
import torch

from lamina.core import random
from lamina.networks import generation
from lamina.runtime.sampling import SamplingConfig, derive, draw_tokens, uniform

CONFIGS = [
    SamplingConfig(),
    SamplingConfig(temperature=0.0),
    SamplingConfig(temperature=1e-300),
    SamplingConfig(temperature=2e-6),
    SamplingConfig(temperature=1e30),
    SamplingConfig(temperature=0.7, top_k=3),
    SamplingConfig(temperature=1.5, top_p=0.6),
    SamplingConfig(top_k=5, top_p=0.9),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_tokens_are_those_that_tensors_give(config) -> None:
    chance = np.random.default_rng(0)
    scores = chance.normal(size=(500, 40)).astype(np.float32)
    scores[:, 7] = -np.inf
    scores[:50, 3] = scores[:50, 4]  # equally likely: the first counts
    draws = chance.uniform(size=500).astype(np.float32)
    found = draw_tokens(scores, config, draws)
    expected = generation.draw_tokens(torch.from_numpy(scores), config, torch.from_numpy(draws))
    np.testing.assert_array_equal(found, expected.numpy())
    assert 7 not in found


def test_numbers_are_those_of_the_core() -> None:
    rows = np.array([0, 1, 5, 2**33 + 7])
    for seed, number in ((0, 0), (3, 99), (2**40, 5)):
        expected = random.sample_uniform(seed, "token", number, torch.from_numpy(rows), 1)[:, 0]
        np.testing.assert_array_equal(uniform(seed, "token", number, rows), expected.numpy())
    assert derive(1, "a", 2) == random.derive(1, "a", 2) != derive(2, "a", 2)


def test_an_edge_of_the_chances_is_drawn_from_tokens_that_may_be_drawn() -> None:
    scores = np.log(np.array([[0.5, 0.3, 0.2]], dtype=np.float32))
    last = np.array([np.float32(1 - 2**-24)])
    assert draw_tokens(scores, SamplingConfig(top_k=2), last).tolist() == [1]
    assert draw_tokens(scores, SamplingConfig(), np.zeros(1, dtype=np.float32)).tolist() == [0]
