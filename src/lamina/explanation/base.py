"""The contract of a method: from a question to what each feature contributed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from lamina.explanation.question import Question


@dataclass(frozen=True, slots=True)
class Attributions:
    """What a method found."""

    values: Mapping[str, Tensor]
    """By input: float [features], what speaks for the answer above 0."""
    pixels: Mapping[str, Tensor]
    """By input that is a picture, where the method sees single pixels: float [height, width]."""
    completeness_error: float | None = None
    """How far the sum is from the change it should explain, as a share of that change; None where
    the method promises no such sum."""


class AbstractMethod(ABC):
    """A way to attribute one answer to the features of one sample."""

    @abstractmethod
    def suits(self, question: Question) -> tuple[str, ...]:
        """Return the inputs that this method can attribute.

        Args:
            question: What is asked.
        """

    @abstractmethod
    def attribute(self, question: Question) -> Attributions:
        """Return what each feature contributed; all inputs of the question suit the method.

        Args:
            question: What is asked.
        """
