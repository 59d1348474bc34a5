"""A linear head whose first weights are the ridge solution, in closed form.

It goes with features that are not learnt. The strength of the penalty is the one whose answers to
samples left out one at a time are best, which costs no more than one solution. For classes, the
answers are multiplied by the factor at which their softmax is most probable for the samples left
out, so that they are probabilities without a sample being put aside for it.

Source: Hoerl and Kennard 1970, "Ridge regression", Technometrics 12(1); Golub, Heath and Wahba
1979, "Generalized cross-validation as a method for choosing a good ridge parameter" (leaving out
one at a time); Dempster et al. 2020, "ROCKET", arXiv:1910.13051 (for classes from random kernels).
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint
from lamina.networks.parts import AbstractHead, AbstractHeadConfig

MOST_ROWS = 3_000
"""Samples that are solved for; the work grows with their third power."""

_FACTORS = torch.logspace(-1.0, 2.0, 31, dtype=torch.float64)


@dataclass(frozen=True, kw_only=True, slots=True)
class RidgeHeadConfig(AbstractHeadConfig):
    """Settings of the ridge head."""

    penalties: tuple[float, ...] = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4)
    """Strengths of the penalty to choose from, per feature of deviation 1."""

    def __post_init__(self) -> None:
        if not self.penalties or min(self.penalties) <= 0:
            raise ConfigError(f"penalties must be above 0, got {self.penalties!r}. Try (1.0,).")

    @override
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        if num_members > 1:
            raise ConfigError(
                f"the head 'ridge' answers for one network, got {num_members} members. Use the "
                "head 'linear'."
            )
        return RidgeHead(self, in_features, out_features)


@final
class RidgeHead(AbstractHead):
    """A linear map that begins as the ridge solution, [batch, features] → [batch, out_features].

    Args:
        config: Its settings.
        in_features: Width of the features.
        out_features: Numbers per sample.

    Source:
        Hoerl and Kennard 1970. Differs: see the head of the file.
    """

    def __init__(self, config: RidgeHeadConfig, in_features: int, out_features: int) -> None:
        super().__init__()
        self.penalties = config.penalties
        bound = 1.0 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(out_features))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return F.linear(inputs, self.weight, self.bias)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"weight": Hint(matrix=False, decay=0.0), "bias": Hint(decay=0.0)}

    @override
    def initialise(self, inputs: Tensor, targets: Tensor) -> None:
        features = inputs[:MOST_ROWS].double()
        own = targets[:MOST_ROWS]
        is_class = not own.is_floating_point()
        wanted = own.double() if not is_class else _signs(own, self.weight.shape[0])
        centre, middle = features.mean(dim=0), wanted.mean(dim=0)
        weight, left_out = solve(features - centre, wanted - middle, self.penalties)
        factor = _best_factor(left_out + middle, own) if is_class else 1.0
        self.weight.copy_(factor * weight.T)
        self.bias.copy_(factor * (middle - centre @ weight))


def solve(features: Tensor, wanted: Tensor, penalties: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Return the ridge solution, and its answers to samples that were left out one at a time.

    Args:
        features: float64 [samples, features], centred.
        wanted: float64 [samples, outputs], centred.
        penalties: Strengths to choose from, by the squared error of those answers.

    Returns:
        float64 [features, outputs] and [samples, outputs].
    """
    count = features.shape[0]
    values, vectors = torch.linalg.eigh(features @ features.T)
    values = values.clamp_min(0.0)
    turned = vectors.T @ wanted
    best: tuple[float, Tensor, Tensor] | None = None
    for penalty in penalties:
        inverse = 1.0 / (values + penalty)
        # The mean is fitted too: its share of each sample's influence is 1 / samples.
        inverse_of_gram = (vectors.square() * inverse).sum(dim=1)
        dual = vectors @ (inverse[:, None] * turned)
        influence = (penalty * inverse_of_gram - 1.0 / count).clamp_min(1e-9)
        errors = penalty * dual / influence[:, None]
        error = float(errors.square().mean())
        if best is None or error < best[0]:
            best = (error, dual, wanted - errors)
    assert best is not None, "there is at least one penalty"
    return features.T @ best[1], best[2]


def _signs(classes: Tensor, num_classes: int) -> Tensor:
    """Return 1 for the class of each sample and -1 for all others, float64."""
    signs: Tensor = 2.0 * F.one_hot(classes.reshape(-1), num_classes).double() - 1.0
    return signs


def _best_factor(answers: Tensor, classes: Tensor) -> float:
    """Return the factor on answers at which the classes are most probable.

    As if every class had been met once more than it was: else classes that few samples part well
    would be certain.
    """
    count, num_classes = answers.shape
    smoothing = num_classes / (count + num_classes)
    factors = _FACTORS.to(answers.device)
    losses = [
        float(F.cross_entropy(factor * answers, classes.reshape(-1), label_smoothing=smoothing))
        for factor in factors
    ]
    return float(factors[int(torch.tensor(losses).argmin())])
