"""Optimizers: frozen configs that build PyTorch's own, fused where there is a fused kernel.

`build(groups)` gives a list, because Muon takes the matrices only and leaves the rest to another.
Each group keeps its `base_lr` and `base_decay`; `set_rate` multiplies them by the schedule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import Optimizer

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.table import Entry, table
from lamina.training.groups import ParameterGroup
from lamina.training.muon import Muon


class OptimizerConfig(Protocol):
    """What every config of the table can do."""

    @property
    def rate(self) -> float:
        """Learning rate before the schedule."""

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizers.

        Args:
            groups: All parameters to train.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class SGDConfig:
    """Stochastic gradient descent with momentum.

    Source:
        Robbins and Monro 1951; Polyak 1964; Nesterov 1983, as in Sutskever et al. 2013.
    """

    rate: float = 0.1
    """Learning rate before the schedule, above 0."""
    momentum: float = 0.9
    """Share of the last update that is kept, in [0, 1)."""
    nesterov: bool = True
    """Look ahead along the momentum."""
    weight_decay: float = 0.0
    """Added to the gradient, times the weight."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)
        _check_shares(momentum=self.momentum)

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizer, as a list of one.

        Args:
            groups: All parameters to train.
        """
        nesterov = self.nesterov and self.momentum > 0
        return [
            torch.optim.SGD(
                _groups(self.rate, self.weight_decay, groups),
                lr=self.rate,
                momentum=self.momentum,
                nesterov=nesterov,
                fused=True,
            )
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdagradConfig:
    """Rates that shrink with all past gradients; for rare features.

    Source:
        Duchi et al. 2011, "Adaptive subgradient methods".
    """

    rate: float = 0.01
    """Learning rate before the schedule, above 0."""
    weight_decay: float = 0.0
    """Added to the gradient, times the weight."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizer, as a list of one.

        Args:
            groups: All parameters to train.
        """
        return [torch.optim.Adagrad(_groups(self.rate, self.weight_decay, groups), lr=self.rate)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RMSpropConfig:
    """Rates that shrink with recent gradients.

    Source:
        Tieleman and Hinton 2012, lecture 6.5.
    """

    rate: float = 0.001
    """Learning rate before the schedule, above 0."""
    smoothing: float = 0.99
    """Share of the mean square that is kept at each step."""
    momentum: float = 0.0
    """Share of the last update that is kept, in [0, 1)."""
    weight_decay: float = 0.0
    """Added to the gradient, times the weight."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)
        _check_shares(smoothing=self.smoothing, momentum=self.momentum)

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizer, as a list of one.

        Args:
            groups: All parameters to train.
        """
        return [
            torch.optim.RMSprop(
                _groups(self.rate, self.weight_decay, groups),
                lr=self.rate,
                alpha=self.smoothing,
                momentum=self.momentum,
            )
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdamConfig:
    """Adam; weight decay, if any, is added to the gradient.

    Source:
        Kingma and Ba 2015, arXiv:1412.6980.
    """

    rate: float = 0.001
    """Learning rate before the schedule, above 0."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Shares of the mean and the mean square that are kept at each step."""
    epsilon: float = 1e-8
    """Keeps the division finite."""
    weight_decay: float = 0.0
    """Added to the gradient, times the weight."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)
        _check_shares(betas=self.betas)
        _check_epsilon(self.epsilon)

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizer, as a list of one.

        Args:
            groups: All parameters to train.
        """
        return [
            torch.optim.Adam(
                _groups(self.rate, self.weight_decay, groups),
                lr=self.rate,
                betas=self.betas,
                eps=self.epsilon,
                fused=True,
            )
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdamWConfig:
    """Adam with weight decay apart from the gradient; the default.

    Source:
        Loshchilov and Hutter 2019, arXiv:1711.05101.
    """

    rate: float = 0.001
    """Learning rate before the schedule, above 0."""
    betas: tuple[float, float] = (0.9, 0.999)
    """Shares of the mean and the mean square that are kept at each step."""
    epsilon: float = 1e-8
    """Keeps the division finite."""
    weight_decay: float = 0.01
    """Share of the weight lost per step, times the rate; none on biases and norms."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)
        _check_shares(betas=self.betas)
        _check_epsilon(self.epsilon)

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return the optimizer, as a list of one.

        Args:
            groups: All parameters to train.
        """
        return [
            torch.optim.AdamW(
                _groups(self.rate, self.weight_decay, groups),
                lr=self.rate,
                betas=self.betas,
                eps=self.epsilon,
                fused=True,
            )
        ]


RESTS: Mapping[str, Entry[Any]] = table(
    Entry("sgd", SGDConfig, "Gradient descent with momentum.", "Sutskever et al. 2013"),
    Entry("adamw", AdamWConfig, "Adam with decoupled weight decay.", "arXiv:1711.05101"),
)
"""Optimizers that go with Muon."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MuonConfig:
    """Muon for matrices and convolution filters, another optimizer for the rest.

    Source:
        Jordan et al. 2024, https://kellerjordan.github.io/posts/muon. Differs: see `muon.py`.
    """

    rate: float = 0.02
    """Learning rate of the matrices before the schedule, above 0."""
    momentum: float = 0.95
    """Share of the last update that is kept, in [0, 1)."""
    num_steps: int = 5
    """Newton-Schulz steps."""
    weight_decay: float = 0.0
    """Share of the weight lost per step, times the rate."""
    renormalise: bool = False
    """Bring each weight to the norm √rows before its update (convolutional nets)."""
    rest: AdamWConfig | SGDConfig = part_field(  # noqa: RUF009
        RESTS, AdamWConfig, what="optimizer of the rest"
    )
    """Optimizer of everything that is no matrix."""

    def __post_init__(self) -> None:
        _check(self.rate, self.weight_decay)
        _check_shares(momentum=self.momentum)
        if self.num_steps < 1:
            raise ConfigError(f"num_steps must be at least 1, got {self.num_steps!r}. Try 5.")

    def build(self, groups: Sequence[ParameterGroup]) -> list[Optimizer]:
        """Return Muon and the optimizer of the rest, whichever have something to do.

        Args:
            groups: All parameters to train.
        """
        matrices = [group for group in groups if group.matrix]
        others = [group for group in groups if not group.matrix]
        optimizers: list[Optimizer] = self.rest.build(others) if others else []
        if matrices:
            optimizers.append(
                Muon(
                    _groups(self.rate, self.weight_decay, matrices),
                    lr=self.rate,
                    momentum=self.momentum,
                    num_steps=self.num_steps,
                    renormalise=self.renormalise,
                )
            )
        return optimizers


OPTIMIZERS: Mapping[str, Entry[Any]] = table(
    Entry("sgd", SGDConfig, "Gradient descent with momentum.", "Sutskever et al. 2013"),
    Entry("adagrad", AdagradConfig, "Rates that shrink for frequent features.", "Duchi 2011"),
    Entry("rmsprop", RMSpropConfig, "Rates by recent gradients.", "Tieleman and Hinton 2012"),
    Entry("adam", AdamConfig, "Momentum and rates by recent gradients.", "arXiv:1412.6980"),
    Entry("adamw", AdamWConfig, "Adam with decoupled weight decay.", "arXiv:1711.05101"),
    Entry("muon", MuonConfig, "Orthogonal updates of matrices.", "Jordan et al. 2024"),
)
"""Every optimizer that a plan can name."""


def set_rate(optimizers: Sequence[Optimizer], *, rate: float, decay: float = 1.0) -> None:
    """Multiply the base rates and decays of all groups by factors.

    Args:
        optimizers: As built by a config of the table.
        rate: Factor on the learning rates.
        decay: Factor on the weight decays.
    """
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["base_lr"] * rate
            group["weight_decay"] = group["base_decay"] * decay


def _groups(
    rate: float, weight_decay: float, groups: Sequence[ParameterGroup]
) -> list[dict[str, Any]]:
    # Groups that end up alike are merged: each costs a kernel launch per step.
    merged: dict[tuple[float, float], list[nn.Parameter]] = {}
    for group in groups:
        key = (rate * group.rate, weight_decay * group.decay)
        merged.setdefault(key, []).extend(group.parameters)
    return [
        {
            "params": parameters,
            "lr": base_lr,
            "weight_decay": base_decay,
            "base_lr": base_lr,
            "base_decay": base_decay,
        }
        for (base_lr, base_decay), parameters in merged.items()
    ]


def _check_shares(**shares: float | tuple[float, ...]) -> None:
    for name, value in shares.items():
        if any(not 0 <= one < 1 for one in (value if isinstance(value, tuple) else (value,))):
            raise ConfigError(f"{name} must be in [0, 1), got {value!r}. Try 0.9.")


def _check_epsilon(epsilon: float) -> None:
    if not epsilon > 0:
        raise ConfigError(f"epsilon must be above 0, got {epsilon!r}. Try 1e-8.")


def _check(rate: float, weight_decay: float) -> None:
    if not rate > 0:
        raise ConfigError(f"rate must be above 0, got {rate!r}. Try 0.001.")
    if weight_decay < 0:
        raise ConfigError(f"weight_decay must be at least 0, got {weight_decay!r}.")
