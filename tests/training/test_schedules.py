"""Shapes of the schedules at points worked out by hand."""

import pytest

from lamina.core.errors import ConfigError
from lamina.training.schedules import (
    SCHEDULES,
    CosineConfig,
    Coslog4Config,
    FlatCosineConfig,
    LinearConfig,
    OneCycleConfig,
    StepConfig,
)


def points(config, *where):
    return [config.factor(p) for p in where]


def test_linear():
    config = LinearConfig(warmup=0.2)
    assert points(config, 0.0, 0.1, 0.2, 0.6, 1.0) == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert points(LinearConfig(warmup=0.0, floor=0.2), 0.0, 0.5, 1.0) == pytest.approx(
        [1, 0.6, 0.2]
    )


def test_cosine():
    # cos(π/3) = 1/2, so a third of the way down is 3/4.
    config = CosineConfig(warmup=0.1)
    assert points(config, 0.05, 0.1, 0.4, 0.55, 1.0) == pytest.approx([0.5, 1, 0.75, 0.5, 0])


def test_one_cycle():
    config = OneCycleConfig(peak=0.4, start=0.1, floor=0.0)
    assert points(config, 0.0, 0.2, 0.4, 0.7, 1.0) == pytest.approx([0.1, 0.55, 1, 0.5, 0])


def test_step():
    assert points(StepConfig(), 0.0, 0.49, 0.5, 0.8) == pytest.approx([1, 1, 0.1, 0.01])


def test_coslog4():
    # Full where log2(1 + 15 t) is 1/2, nothing where it is whole: t = 1/15, 3/15, 7/15, 1.
    config = Coslog4Config()
    assert points(config, 0, 1 / 15, 3 / 15, 7 / 15, 1) == pytest.approx([0] * 5, abs=1e-12)
    peaks = [(2 ** (k + 0.5) - 1) / 15 for k in range(4)]
    assert points(config, *peaks) == pytest.approx([1] * 4)


def test_flat_cosine():
    config = FlatCosineConfig()
    assert points(config, 0.0, 0.5, 0.75, 1.0) == pytest.approx([1, 1, 0.5, 0])


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_a_factor(name):
    config = SCHEDULES[name].value()
    values = [config.factor(i / 200) for i in range(201)]
    assert all(0 <= value <= 1 + 1e-9 for value in values)
    assert max(values) > 0.99


@pytest.mark.parametrize(
    "make",
    [
        lambda: LinearConfig(warmup=1.0),
        lambda: CosineConfig(warmup=-0.1),
        lambda: OneCycleConfig(peak=0.0),
        lambda: StepConfig(milestones=(0.8, 0.2)),
        lambda: FlatCosineConfig(flat=1.0),
    ],
)
def test_settings_out_of_range_are_refused(make):
    with pytest.raises(ConfigError, match="must"):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: CosineConfig(floor=-0.1),
        lambda: LinearConfig(floor=-1.0),
        lambda: OneCycleConfig(start=-0.1),
        lambda: StepConfig(factor_per_step=-1.0),
    ],
)
def test_no_schedule_climbs_the_loss(make):
    with pytest.raises(ConfigError, match="at least 0"):
        make()
