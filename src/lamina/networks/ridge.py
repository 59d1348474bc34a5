"""A linear head whose first weights are a solution: ridge or logistic regression.

It goes with features that are not learnt and stand on one scale. For numbers it is ridge
regression, with the penalty whose answers to samples left out one at a time are best, which costs
no more than one solution. For classes it is logistic regression with a fixed penalty, which gives
probabilities without a sample being put aside for them. Both are solved in as many unknowns as
there are samples, however many features there are.

Source: Hoerl and Kennard 1970, "Ridge regression", Technometrics 12(1); Golub, Heath and Wahba
1979, "Generalized cross-validation as a method for choosing a good ridge parameter" (leaving out
one at a time); Zhu and Hastie 2005, "Kernel logistic regression and the import vector machine" (as
many unknowns as samples).
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

_ITERATIONS = 100
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class RidgeHeadConfig(AbstractHeadConfig):
    """Settings of the ridge head."""

    penalties: tuple[float, ...] = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4)
    """Strengths of the penalty on numbers to choose from, for features of deviation 1."""
    class_penalty: float = 1.0
    """Strength of the penalty on classes, likewise."""

    def __post_init__(self) -> None:
        if not self.penalties or min(*self.penalties, self.class_penalty) <= 0:
            raise ConfigError(
                f"penalties and class_penalty must be above 0, got {self.penalties!r} and "
                f"{self.class_penalty!r}. Try (1.0,) and 1.0."
            )

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
    """A linear map that begins as a solution, [batch, features] → [batch, out_features].

    Args:
        config: Its settings.
        in_features: Width of the features.
        out_features: Numbers per sample.

    Source:
        Hoerl and Kennard 1970. Differs: see the head of the file.
    """

    def __init__(self, config: RidgeHeadConfig, in_features: int, out_features: int) -> None:
        super().__init__()
        self.config = config
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
        features, own = inputs[:MOST_ROWS].double(), targets[:MOST_ROWS]
        centre = features.mean(dim=0)
        if own.is_floating_point():
            middle = own.double().mean(dim=0)
            weight, _ = solve(features - centre, own.double() - middle, self.config.penalties)
        else:
            weight, middle = solve_classes(
                features - centre, own.reshape(-1), self.weight.shape[0], self.config.class_penalty
            )
        self.weight.copy_(weight.T)
        self.bias.copy_(middle - centre @ weight)


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
        influence = (penalty * inverse_of_gram - 1.0 / count).clamp_min(_NEGLIGIBLE)
        errors = penalty * dual / influence[:, None]
        error = float(errors.square().mean())
        if best is None or error < best[0]:
            best = (error, dual, wanted - errors)
    assert best is not None, "there is at least one penalty"
    return features.T @ best[1], best[2]


def solve_classes(
    features: Tensor, classes: Tensor, num_classes: int, penalty: float
) -> tuple[Tensor, Tensor]:
    """Return weights and offset of a logistic regression.

    Args:
        features: float64 [samples, features], centred.
        classes: int64 [samples].
        num_classes: How many there are.
        penalty: Half of it times the square of the weights is added to the loss of all samples.

    Returns:
        float64 [features, classes] and [classes].
    """
    values, vectors = torch.linalg.eigh(features @ features.T)
    is_kept = values > _NEGLIGIBLE * values[-1].clamp_min(1e-300)
    roots, vectors = values[is_kept].sqrt(), vectors[:, is_kept]
    places = vectors * roots
    weight = places.new_zeros(places.shape[1], num_classes).requires_grad_()
    offset = places.new_zeros(num_classes).requires_grad_()
    search = torch.optim.LBFGS(
        [weight, offset], max_iter=_ITERATIONS, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def loss() -> float:
        search.zero_grad()
        answers = places @ weight + offset
        total = F.cross_entropy(answers, classes, reduction="sum")
        total = total + 0.5 * penalty * weight.square().sum()
        total.backward()
        return float(total.detach())

    with torch.enable_grad():
        search.step(loss)
    found: Tensor = features.T @ (vectors / roots) @ weight.detach()
    return found, offset.detach()
