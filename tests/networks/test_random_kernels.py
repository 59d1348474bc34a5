"""Random kernels over series."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.random_kernels import RandomKernelsConfig, differences, dilations
from lamina.testing.check_network import check_network
from tests.networks.specs import series_spec

SMALL = RandomKernelsConfig(num_groups=2, num_thresholds=168)


def test_it_keeps_the_contract() -> None:
    check_network(SMALL)


@pytest.mark.parametrize(
    ("num_steps", "wanted"), [(1, (1,)), (16, (1,)), (17, (1, 2)), (80, (1, 2, 4, 8))]
)
def test_dilations_reach_over_the_series(num_steps, wanted) -> None:
    assert dilations(num_steps) == wanted


def test_differences_stop_at_the_end() -> None:
    values = torch.tensor([[[1.0, 4.0, 9.0, 0.0]]])
    valid = torch.tensor([[[True, True, True, False]]])
    found, is_real = differences(values, valid)
    assert found.tolist() == [[[3.0, 5.0, 0.0, 0.0]]]
    assert is_real.tolist() == [[[True, True, False, False]]]


def test_features_of_training_series_are_standardised() -> None:
    torch.manual_seed(0)
    network = SMALL.build(series_spec())
    series = torch.randn(40, 60, 1).cumsum(dim=1)
    network.initialise(series, {})
    found = network(series)
    assert found.mean(dim=0).abs().max() < 1e-4
    # Each family weighs the same, however many features it has.
    size = sum(part.out_features for part in network.contests)
    for own in (found[:, :size], found[:, size:]):
        most = (network.out_features / (2 * own.shape[1])) ** 0.5
        assert 0.9 * most < own.std(dim=0).max() < 1.1 * most


def test_nothing_of_it_is_learnt_and_gradients_reach_the_series() -> None:
    torch.manual_seed(0)
    network = SMALL.build(series_spec())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    series = torch.randn(2, 60, 1, requires_grad=True)
    network(series).sum().backward()
    assert series.grad.abs().max() > 0


def test_kernels_tell_a_fast_wave_from_a_slow_one() -> None:
    torch.manual_seed(0)
    time = torch.arange(60.0)
    phase = torch.rand(40, 1) * 6
    speed = torch.where(torch.arange(40) % 2 == 0, 0.4, 1.5)[:, None]
    series = torch.sin(speed * time + phase)[:, :, None]
    network = SMALL.build(series_spec())
    network.initialise(series, {})
    found = network(series)
    distance = torch.cdist(found, found) + 1e9 * torch.eye(40)
    assert (distance.argmin(dim=1) % 2 == torch.arange(40) % 2).all()


@pytest.mark.parametrize("wrong", [{"num_groups": 0}, {"num_thresholds": -1}, {"scale": "all"}])
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        RandomKernelsConfig(**wrong)
