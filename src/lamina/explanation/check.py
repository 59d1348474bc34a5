"""The check that every explanation carries: does it beat chance, and does it depend on the weights?

Two measurements, for one sample or for many. The area between the insertion and the deletion curve
is compared with that of random orders of the same features of the same sample: the paired
difference has a 95 % interval, over random orders for one sample, over samples for many. And
the attributions are compared with those of networks with shuffled weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core.random import generator
from lamina.core.records import Interval
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.curves import Curves, curves, order_of
from lamina.explanation.intervals import mean_interval
from lamina.explanation.question import Question
from lamina.explanation.records import CheckRecord, CurveRecord, Measured
from lamina.explanation.weights import similarity, with_shuffled_weights

FEWEST_FEATURES = 5
"""Features below which a rank correlation says nothing."""

MOST_ALIKE = 0.5
"""Rank correlation with shuffled networks above which an explanation does not depend on weights."""

MOST_MISSED = 0.1
"""Completeness error above which a sum that should add up counts as wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckConfig:
    """How much is measured."""

    num_steps: int = 16
    """Points of a curve beyond the first."""
    num_random: int = 12
    """Random orders per sample."""
    num_networks: int = 2
    """Networks with shuffled weights."""
    seed: int = 0
    """Decides random orders, shuffles and resamples."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was measured on one sample."""

    curves: Curves
    """Of the explanation."""
    random: tuple[Curves, ...]
    """Of random orders."""
    similarities: tuple[float, ...]
    """With each shuffled network."""
    completeness_error: float | None
    """Of methods that promise a sum."""

    @property
    def gains(self) -> np.ndarray:
        """Score less that of each random order, float [orders]."""
        return np.array([self.curves.score - one.score for one in self.random])


class Checker:
    """Measures explanations of one network; it keeps the shuffled copies between samples.

    Args:
        network: The network; None where there is only a function.
        config: How much is measured.
    """

    def __init__(self, network: nn.Module | None, config: CheckConfig) -> None:
        self.config = config
        seeds = range(config.num_networks if network is not None else 0)
        self._networks: dict[int, nn.Module] = {}
        self._seeds = seeds
        self._network = network

    def measure(self, method: AbstractMethod, question: Question, found: Attributions) -> Sampled:
        """Return what one sample shows.

        Args:
            method: The method that explained it.
            question: What was asked, of the inputs that were attributed only.
            found: What the method found.
        """
        values = {name: found.values[name] for name in question.features}
        total = sum(len(own) for own in values.values())
        orders = torch.stack([order_of(values), *self._random_orders(total)])
        own, *random = curves(question, orders, num_steps=self.config.num_steps)
        alike: tuple[float, ...] = ()
        if total >= FEWEST_FEATURES:
            alike = tuple(
                similarity(method, question, values, self._shuffled(s)) for s in self._seeds
            )
        return Sampled(own, tuple(random), alike, found.completeness_error)

    def _random_orders(self, total: int) -> list[Tensor]:
        source = generator(self.config.seed, "random orders", total)
        return [torch.randperm(total, generator=source) for _ in range(self.config.num_random)]

    def _shuffled(self, seed: int) -> nn.Module:
        assert self._network is not None, "there are seeds only where there is a network"
        if seed not in self._networks:
            own = seed + self.config.seed * 1_000
            self._networks[seed] = with_shuffled_weights(self._network, own)
        return self._networks[seed]


def summarise(samples: Sequence[Sampled], *, seed: int = 0) -> CheckRecord:
    """Return the check of one explanation, or of all explanations of a method.

    Args:
        samples: What was measured, at least one sample.
        seed: Decides the resamples.
    """
    is_one = len(samples) == 1
    gains = samples[0].gains if is_one else np.array([one.gains.mean() for one in samples])
    gain = mean_interval(gains, seed=seed)
    each = [float(np.mean(one.similarities)) for one in samples if one.similarities]
    if is_one:
        each = list(samples[0].similarities)
    alike = mean_interval(np.array(each), seed=seed) if each else None
    errors = [s.completeness_error for s in samples if s.completeness_error is not None]
    error = float(np.median(errors)) if errors else None
    verdict, sentence = _judge(gain, alike, error, is_one=is_one)
    sizes = [len(one.curves.shares) for one in samples]
    return CheckRecord(
        verdict,
        sentence,
        measured(gain),
        None if alike is None else measured(alike),
        error,
        len(samples),
        0,
        _mean_curves(samples) if len(set(sizes)) == 1 else None,
    )


def measured(interval: Interval) -> Measured:
    """Return an interval as a plain record; ends that are not defined become None.

    Args:
        interval: The interval.
    """
    low, high = (None if end != end else end for end in (interval.low, interval.high))
    return Measured(interval.value, low, high)


def _judge(
    gain: Interval, alike: Interval | None, error: float | None, *, is_one: bool
) -> tuple[str, str]:
    """Return the verdict and its sentence."""
    figures = f"{gain.value:+.3g} (95 % interval {gain.low:.3g} to {gain.high:.3g})"
    what = "this explanation" if is_one else "these explanations"
    faults = []
    if not gain.low > 0:
        faults.append(
            f"following {what} moves the answer no more than following chance: {figures}"
            if not gain.high < 0
            else f"following {what} moves the answer less than following chance: {figures}"
        )
    if alike is not None and alike.low > MOST_ALIKE:
        faults.append(
            f"a network with shuffled weights is explained alike (rank correlation "
            f"{alike.value:.2f}), so it does not tell what was learnt"
        )
    if error is not None and error > MOST_MISSED:
        faults.append(f"the attributions miss {error:.0%} of the change they should add up to")
    if faults:
        return "failed", "Do not rely on it: " + "; ".join(faults) + "."
    words = f"Checked: following {what} moves the answer more than following chance, by {figures}"
    if alike is not None:
        words += (
            f"; with shuffled weights little of it is left (rank correlation {alike.value:.2f})"
        )
    if error is not None:
        words += f"; the attributions add up to within {error:.1%}"
    return "passed", words + "."


def _mean_curves(samples: Sequence[Sampled]) -> CurveRecord:
    """Return the mean over samples, and over random orders."""

    def mean(values: list[tuple[float, ...]]) -> tuple[float, ...]:
        return tuple(np.mean(values, axis=0).tolist())

    random = [one for sample in samples for one in sample.random]
    return CurveRecord(
        mean([one.curves.shares for one in samples]),
        mean([one.curves.deletion for one in samples]),
        mean([one.curves.insertion for one in samples]),
        mean([one.deletion for one in random]),
        mean([one.insertion for one in random]),
    )
