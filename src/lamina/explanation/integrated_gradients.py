"""Integrated gradients: the gradient along a straight path, times the length of the path.

What all features are given adds up to the change of the answer between the beginning of the path
and the sample; how far the sum is off is reported with the result.

Source: Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks",
arXiv:1703.01365; Erion et al. 2021, arXiv:1906.10670 (mean over several beginnings). Differs:
Gauss-Legendre points, which need fewer steps than equal ones.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.gradients import (
    answers_at,
    baselines_of,
    gradients_at,
    point_of,
    pooled,
    reached,
)
from lamina.explanation.question import MOST_NUMBERS, Question


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class IntegratedGradients(AbstractMethod):
    """Gradients along a path from what stands in for the sample to the sample."""

    num_steps: int = 32
    """Points of the path."""

    def __post_init__(self) -> None:
        if self.num_steps < 1:
            raise ConfigError(f"num_steps must be at least 1, got {self.num_steps!r}. Try 32.")

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        return reached(question)

    @override
    def attribute(self, question: Question) -> Attributions:
        ends, starts = point_of(question), baselines_of(question)
        count = max(len(value) for value in starts.values())
        sums = {name: torch.zeros_like(value) for name, value in ends.items()}
        for gradients, number in self._along(starts, ends, count, question):
            for name, gradient in gradients.items():
                start = starts[name][number : number + 1]
                sums[name] += (ends[name] - start) * gradient.sum(dim=0, keepdim=True) / count
        with torch.no_grad():
            change = float(answers_at(question, ends)[0] - answers_at(question, starts).mean())
        values, pixels = pooled(question, sums)
        error = abs(sum(float(v.sum()) for v in values.values()) - change)
        return Attributions(values, pixels, error / max(abs(change), 1e-6))

    def _along(
        self, starts: dict[str, Tensor], ends: dict[str, Tensor], count: int, question: Question
    ) -> list[tuple[dict[str, Tensor], int]]:
        """Return the weighted gradients along the path from each beginning."""
        points, weights = np.polynomial.legendre.leggauss(self.num_steps)
        shares = torch.from_numpy((1 + points) / 2).float()
        parts = torch.from_numpy(weights / 2).float()
        numbers = sum(value.numel() for value in ends.values())
        size = max(1, min(self.num_steps, MOST_NUMBERS // (8 * numbers)))
        found = []
        for number in range(count):
            for some, weight in zip(shares.split(size), parts.split(size)):
                path = {
                    name: _between(starts[name][number : number + 1], end, some)
                    for name, end in ends.items()
                }
                gradients = gradients_at(question, path)
                found.append(
                    ({name: _scaled(value, weight) for name, value in gradients.items()}, number)
                )
        return found


def _between(start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    return start + _scaled((end - start).expand(len(shares), *end.shape[1:]), shares)


def _scaled(values: Tensor, weights: Tensor) -> Tensor:
    return values * weights.to(values.device).view(-1, *([1] * (values.dim() - 1)))
