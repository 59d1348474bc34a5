"""Shuffled weights, and rank correlation against SciPy's."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from lamina.explanation.occlusion import Occlusion
from lamina.explanation.random import Random
from lamina.explanation.weights import rank_correlation, similarity, with_shuffled_weights
from tests.explanation.made import perceptron


def test_a_copy_is_shuffled_inside_its_tensors():
    network = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.Embedding(5, 2))
    network[1].running_mean.copy_(torch.arange(6.0))
    before = {n: t.clone() for n, t in network.state_dict().items()}
    changed = with_shuffled_weights(network, 0)
    for name, tensor in changed.state_dict().items():
        assert torch.equal(network.state_dict()[name], before[name])
        assert torch.equal(tensor.flatten().sort().values, before[name].flatten().sort().values)
    assert not torch.equal(changed[0].weight, before["0.weight"])
    assert torch.equal(changed[1].running_mean, before["1.running_mean"])
    assert torch.equal(with_shuffled_weights(network, 0)[0].weight, changed[0].weight)
    assert not torch.equal(with_shuffled_weights(network, 1)[0].weight, changed[0].weight)


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_equals_scipy_with_ties(seed):
    chance = np.random.default_rng(seed)
    first, second = chance.integers(0, 6, (2, 30)).astype(float)
    assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)


def test_what_does_not_vary_is_like_nothing():
    assert rank_correlation(np.ones(4), np.arange(4.0)) == 0.0


def test_chance_does_not_see_that_the_weights_are_gone_and_occlusion_does():
    asked = perceptron(30)
    shuffled = with_shuffled_weights(asked.network, 3)
    alike = {
        method: similarity(method, asked, method.attribute(asked).values, shuffled)
        for method in (Random(), Occlusion())
    }
    assert alike[Random()] == pytest.approx(1.0)
    assert abs(alike[Occlusion()]) < 0.5
