"""How far two sets of answers to the same rows agree: what a certificate states.

A decision is a class, a yes or no, a set of tags, or a number that counts as equal within the
tolerance. Deviations of probabilities are as they are; those of numbers are in units of the spread
of the answers, so that one tolerance fits every target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.runtime.signature import Answer

TOLERANCE = 1e-4
"""Largest deviation that counts as the same answer: of a probability, or of a number in units of
the answers' spread. Sums of float32 in another order differ by less."""

_DECIDED = ("class", "truth", "tags", "tag_sequence", "spans", "text")
_LEAST_SPREAD = 0.01  # of the answers' size


@dataclass(frozen=True, slots=True)
class Agreement:
    """How answers compare with those expected."""

    rows: int
    """Rows compared."""
    flipped: int
    """Rows of which a decision differs, or that one side could not answer."""
    largest: float
    """Largest deviation of a number."""
    mean: float
    """Mean deviation of all numbers."""

    def holds(self, tolerance: float) -> bool:
        """Return whether no decision differs and no number deviates by more.

        Args:
            tolerance: Largest deviation allowed.
        """
        return self.flipped == 0 and self.largest <= tolerance


def units_of(answers: Sequence[Answer], expected: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return in which unit the deviation of each column of numbers is measured.

    Args:
        answers: Columns of the answers.
        expected: The answers of the model.
    """
    units = {}
    for answer in answers:
        if answer.kind in ("number", "quantile"):
            column = _numbers(expected, answer.name)
            column = column[np.isfinite(column)]
            spread = float(column.std()) if len(column) else 0.0
            size = float(np.abs(column).mean()) if len(column) else 0.0
            # Numbers that hardly differ are known to the digits that float32 has of their size.
            least = _LEAST_SPREAD * size if spread else size
            units[answer.name] = max(spread, least) or 1.0
    return units


def agreement(
    answers: Sequence[Answer],
    expected: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    *,
    units: Mapping[str, float],
    tolerance: float = TOLERANCE,
) -> Agreement:
    """Return how answers compare with those expected.

    Args:
        answers: Columns of the answers.
        expected: One mapping per row; None in every column where there is no answer.
        found: The same of the other side.
        units: By column of numbers, as `units_of` gives them.
        tolerance: From which deviation on a number is another decision.
    """
    flipped = np.zeros(len(expected), dtype=bool)
    deviations = [np.zeros(0)]
    for answer in answers:
        name = answer.name
        if answer.kind in _DECIDED:
            flipped |= [one[name] != other[name] for one, other in zip(expected, found)]
            continue
        first, second = _numbers(expected, name), _numbers(found, name)
        deviation = np.abs(first - second) / units.get(name, 1.0)
        deviation[first == second] = 0.0
        flipped |= np.isnan(first) != np.isnan(second)
        if answer.kind != "probability":
            flipped |= deviation > tolerance
        deviations.append(deviation[~np.isnan(deviation)])
    every = np.concatenate(deviations)
    return Agreement(
        rows=len(expected),
        flipped=int(flipped.sum()),
        largest=float(every.max()) if len(every) else 0.0,
        mean=float(every.mean()) if len(every) else 0.0,
    )


def _numbers(rows: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    cells = [row[name] for row in rows]
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
