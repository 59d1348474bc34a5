"""Banzhaf values: what a feature adds to the answer, averaged over contexts of the other features.

Taken away from the whole sample, each word of "7 / 10" takes the three-word sequence with it, so
that the sequence counts three times; and of two features that each suffice alone, neither counts at
all. Asked in contexts where other features are missing too, what several features do together is
shared among them.

A context keeps each feature with a chance of one half; in every context each feature is put in or
taken out once. Contexts come in pairs of opposites: what two features do together then counts in
exactly one context of each pair.

Source: Banzhaf 1965, "Weighted voting doesn't work"; Wang and Jia 2023, "Data Banzhaf",
arXiv:2205.15466 (of all such averages the ranking that noise moves least); Štrumbelj and Kononenko
2014 (features of a sample). Differs: one context for all features instead of one for each, so that
a context costs one answer more; pairs of opposites.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import generator
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.question import Question


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Banzhaf(AbstractMethod):
    """What each feature adds, averaged over contexts."""

    num_contexts: int = 8
    """Contexts, an even number; each costs an answer per feature."""
    seed: int = 0
    """Decides the contexts."""

    def __post_init__(self) -> None:
        if self.num_contexts < 2 or self.num_contexts % 2:
            raise ConfigError(
                f"num_contexts must be 2, 4, 6, ..., got {self.num_contexts!r}. Try 8."
            )

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        return tuple(question.features)

    @override
    def attribute(self, question: Question) -> Attributions:
        count = sum(question.counts().values())
        added = torch.zeros(count)
        for gone in self._contexts(count):
            # The context itself, and what it is with one feature put in or taken out.
            versions = torch.cat((gone[None], gone ^ torch.eye(count, dtype=torch.bool)))
            answers = question.answers_without(versions)
            change = answers[1:] - answers[0]
            added += torch.where(gone, change, -change)
        return Attributions(question.split(added / self.num_contexts), {})

    def _contexts(self, count: int) -> list[Tensor]:
        """Return which features each context lacks, bool [features]."""
        source = generator(self.seed, "contexts", count)
        half = [torch.rand(count, generator=source) < 0.5 for _ in range(self.num_contexts // 2)]
        return [gone for one in half for gone in (one, ~one)]
