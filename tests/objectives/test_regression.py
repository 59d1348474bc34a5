"""Numbers worked out by hand, parity with torch, and the best constant of each loss."""

import math

import pytest
import torch
from torch.nn import functional

from lamina.core.errors import ConfigError
from lamina.objectives.regression import HuberConfig, PinballConfig, huber, mae, mse, pinball

OUTPUT = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
TARGET = torch.tensor([[2.0, 5.0], [0.0, -1.0]])


def test_by_hand():
    # Errors 1 and 3; 0 and 1.
    assert mse(OUTPUT, TARGET).tolist() == [5.0, 0.5]
    assert mae(OUTPUT, TARGET).tolist() == [2.0, 0.5]
    # Huber with delta 2: 1/2 and 2 (3 - 1) = 4; 0 and 1/2.
    assert huber(OUTPUT, TARGET, delta=2.0).tolist() == [2.25, 0.25]


def test_pinball_by_hand():
    # Levels 0.1 and 0.9, target 3, answers 1 and 4: 0.1 × 2 and 0.1 × 1.
    loss = pinball(
        torch.tensor([[1.0, 4.0]]), torch.tensor([3.0]), quantiles=torch.tensor([0.1, 0.9])
    )
    assert loss.item() == pytest.approx(0.15)


def test_pinball_of_several_targets_keeps_a_targets_quantiles_together():
    output = torch.tensor([[1.0, 4.0, 0.0, 0.0]])
    levels = torch.tensor([0.1, 0.9])
    loss = pinball(output, torch.tensor([[3.0, 0.0]]), quantiles=levels)
    assert loss.item() == pytest.approx(0.15 / 2)


def test_pinball_leaves_out_what_is_unknown():
    output = torch.tensor([[1.0, 2.0, 5.0, 5.0], [0.0, 0.0, 0.0, 0.0]], requires_grad=True)
    target = torch.tensor([[3.0, math.nan], [math.nan, math.nan]])
    losses = pinball(output, target, quantiles=torch.tensor([0.5, 0.9]))
    assert losses.tolist() == pytest.approx([(0.5 * 2 + 0.9 * 1) / 2, 0.0])
    losses.sum().backward()
    assert output.grad[0, 2:].tolist() == [0.0, 0.0]
    assert output.grad.isfinite().all()


def test_parity_with_torch():
    output, target = torch.randn(6, 3), torch.randn(6, 3)
    for own, theirs in ((mse, functional.mse_loss), (mae, functional.l1_loss)):
        assert torch.allclose(own(output, target), theirs(output, target, reduction="none").mean(1))
    expected = functional.huber_loss(output, target, reduction="none", delta=0.7).mean(1)
    assert torch.allclose(huber(output, target, delta=0.7), expected)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.8])
def test_the_best_constant_of_pinball_is_the_quantile(level):
    target = torch.randn(2001, generator=torch.Generator().manual_seed(0))
    candidates = torch.linspace(-2, 2, 401)
    losses = [
        pinball(torch.full((2001, 1), c), target, quantiles=torch.tensor([level])).mean()
        for c in candidates.tolist()
    ]
    best = candidates[torch.stack(losses).argmin()]
    assert best.item() == pytest.approx(target.quantile(level).item(), abs=0.02)


def test_one_target_may_be_flat_but_sizes_must_agree():
    assert mse(torch.zeros(3, 1), torch.ones(3)).tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(ConfigError, match="different amounts"):
        mse(torch.zeros(3, 2), torch.ones(3))
    with pytest.raises(ConfigError, match="1 targets × 2 quantiles"):
        pinball(torch.zeros(3, 1), torch.ones(3), quantiles=torch.tensor([0.1, 0.9]))


@pytest.mark.parametrize("levels", [(), (0.0, 0.5), (0.9, 0.1), (0.5, 0.5)])
def test_bad_quantiles_are_refused(levels):
    with pytest.raises(ConfigError, match="must rise strictly"):
        PinballConfig(quantiles=levels)


def test_bad_delta_is_refused():
    with pytest.raises(ConfigError, match="above 0"):
        HuberConfig(delta=0.0)
