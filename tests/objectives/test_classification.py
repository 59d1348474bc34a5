"""Numbers worked out by hand, and parity with torch."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from lamina.core.errors import ConfigError
from lamina.objectives.classification import (
    BinaryCrossEntropyConfig,
    CrossEntropyConfig,
    FocalConfig,
    MultiLabelConfig,
    balanced_weights,
    binary_cross_entropy,
    cross_entropy,
    focal,
    multi_label,
    resolve_weights,
)


def test_cross_entropy_by_hand():
    # Logits (0, ln 3): probabilities 1/4 and 3/4.
    output = torch.tensor([[0.0, math.log(3)], [0.0, math.log(3)]])
    losses = cross_entropy(output, torch.tensor([0, 1]))
    assert torch.allclose(losses, torch.tensor([math.log(4), math.log(4 / 3)]))


def test_label_smoothing_by_hand():
    # Target (0.9, 0.1): 0.9 ln 4 + 0.1 ln 4/3.
    output = torch.tensor([[0.0, math.log(3)]])
    loss = cross_entropy(output, torch.tensor([0]), label_smoothing=0.2)
    assert loss.item() == pytest.approx(0.9 * math.log(4) + 0.1 * math.log(4 / 3))


def test_soft_targets_are_mixtures():
    output = torch.randn(5, 3)
    hard = [cross_entropy(output, torch.full((5,), c)) for c in range(3)]
    mixed = cross_entropy(output, torch.tensor([[0.5, 0.2, 0.3]]).expand(5, 3))
    assert torch.allclose(mixed, 0.5 * hard[0] + 0.2 * hard[1] + 0.3 * hard[2], atol=1e-6)


def test_class_weights_are_not_divided_by_their_sum():
    output, target = torch.randn(6, 3), torch.tensor([0, 1, 2, 0, 1, 2])
    weights = torch.tensor([1.0, 2.0, 3.0])
    plain = cross_entropy(output, target)
    assert torch.allclose(
        cross_entropy(output, target, class_weights=weights), plain * weights[target]
    )


@given(st.integers(2, 8), st.floats(0, 0.9), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_cross_entropy_agrees_with_log_softmax(classes, smoothing, seed):
    source = torch.Generator().manual_seed(seed)
    output = torch.randn(9, classes, generator=source, dtype=torch.float64)
    target = torch.randint(0, classes, (9,), generator=source)
    wanted = functional.one_hot(target, classes) * (1 - smoothing) + smoothing / classes
    expected = -(wanted * output.log_softmax(1)).sum(1)
    assert torch.allclose(cross_entropy(output, target, label_smoothing=smoothing), expected)


def test_binary_by_hand():
    # Logit ln 3: probability 3/4.
    output = torch.full((2, 1), math.log(3))
    losses = binary_cross_entropy(output, torch.tensor([1, 0]))
    assert torch.allclose(losses, torch.tensor([math.log(4 / 3), math.log(4)]))
    weighted = binary_cross_entropy(output[:, 0], torch.tensor([1, 0]), positive_weight=3.0)
    assert torch.allclose(weighted, torch.tensor([3 * math.log(4 / 3), math.log(4)]))


def test_binary_agrees_with_two_classes():
    logit, target = torch.randn(8, 1), torch.randint(0, 2, (8,))
    two = torch.cat([torch.zeros(8, 1), logit], 1)
    assert torch.allclose(
        binary_cross_entropy(logit, target, label_smoothing=0.1),
        cross_entropy(two, target, label_smoothing=0.1),
        atol=1e-6,
    )


def test_multi_label_leaves_unknown_labels_out():
    output = torch.tensor([[0.0, math.log(3), 5.0], [1.0, 2.0, 3.0]], requires_grad=True)
    nan = float("nan")
    losses = multi_label(output, torch.tensor([[1.0, 0.0, nan], [nan, nan, nan]]))
    # (ln 2 + ln 4) / 2, and nothing.
    assert torch.allclose(losses, torch.tensor([1.5 * math.log(2), 0.0]))
    losses.sum().backward()
    assert torch.equal(output.grad[1], torch.zeros(3))
    assert output.grad[0, 2] == 0


def test_multi_label_agrees_with_torch():
    output, target = torch.randn(7, 4), torch.randint(0, 2, (7, 4)).float()
    expected = functional.binary_cross_entropy_with_logits(output, target, reduction="none").mean(1)
    assert torch.allclose(multi_label(output, target), expected)


def test_focal_by_hand():
    # Probability 3/4, gamma 2: (1/4)² ln 4/3.
    output = torch.tensor([[0.0, math.log(3)]])
    assert focal(output, torch.tensor([1])).item() == pytest.approx(math.log(4 / 3) / 16)


def test_focal_without_gamma_is_cross_entropy():
    output, target = torch.randn(6, 4), torch.randint(0, 4, (6,))
    weights = torch.rand(4)
    assert torch.allclose(
        focal(output, target, gamma=0.0, class_weights=weights),
        cross_entropy(output, target, class_weights=weights),
        atol=1e-6,
    )


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_has_a_finite_gradient_where_the_network_is_sure(gamma):
    output = torch.tensor([[60.0, 0.0], [-60.0, 0.0]], requires_grad=True)
    focal(output, torch.tensor([0, 0]), gamma=gamma).sum().backward()
    assert torch.isfinite(output.grad).all()


def test_balanced_weights_by_hand():
    # 8 samples, 2 classes present: 8 / (2 × 6) and 8 / (2 × 2); the absent class gets one.
    weights = balanced_weights(torch.tensor([6, 2, 0]))
    assert torch.allclose(weights, torch.tensor([2 / 3, 2.0, 1.0]))


def test_class_weights_of_configs():
    output, target = torch.randn(8, 2), torch.tensor([0, 0, 0, 0, 0, 0, 1, 1])
    balanced = CrossEntropyConfig(class_weights="balanced").build(class_counts=torch.tensor([6, 2]))
    given_ = CrossEntropyConfig(class_weights=(2 / 3, 2.0)).build(class_counts=torch.tensor([6, 2]))
    assert torch.allclose(balanced(output, target), given_(output, target))
    assert resolve_weights(None, None) is None
    with pytest.raises(ConfigError, match="class_counts"):
        CrossEntropyConfig(class_weights="balanced").build()
    with pytest.raises(ConfigError, match="3 numbers for 2 classes"):
        FocalConfig(class_weights=(1.0, 1.0, 1.0)).build(class_counts=torch.tensor([6, 2]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: CrossEntropyConfig(label_smoothing=1.0),
        lambda: BinaryCrossEntropyConfig(label_smoothing=-0.1),
        lambda: BinaryCrossEntropyConfig(positive_weight=0.0),
        lambda: MultiLabelConfig(label_smoothing=2.0),
        lambda: FocalConfig(gamma=-1.0),
    ],
)
def test_settings_out_of_range_are_refused(make):
    with pytest.raises(ConfigError, match="must be"):
        make()


def test_focal_charges_each_class_its_share_of_a_soft_target():
    output, weights = torch.randn(6, 4), torch.rand(4)
    first, second = torch.randint(0, 4, (2, 6))
    soft = 0.3 * torch.eye(4)[first] + 0.7 * torch.eye(4)[second]
    wanted = sum(
        s * focal(output, t, class_weights=weights) for s, t in ((0.3, first), (0.7, second))
    )
    assert torch.allclose(focal(output, soft, class_weights=weights), wanted, atol=1e-6)
