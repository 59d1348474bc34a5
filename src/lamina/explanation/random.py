"""The random explainer: numbers that know nothing, which every method must beat."""

from dataclasses import dataclass
from typing import final

import torch
from typing_extensions import override

from lamina.core.random import generator
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.question import Question


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Random(AbstractMethod):
    """Normal numbers in place of attributions."""

    seed: int = 0
    """Decides the numbers, with the number of features."""

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        return tuple(question.features)

    @override
    def attribute(self, question: Question) -> Attributions:
        total = sum(question.counts().values())
        numbers = torch.randn(total, generator=generator(self.seed, "random explainer", total))
        return Attributions(question.split(numbers), {})
