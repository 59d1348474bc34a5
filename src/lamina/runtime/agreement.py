"""How far two sets of answers to the same rows agree: what a certificate states.

A decision is a class, a yes or no, a set of tags, or a number that counts as equal within the
tolerance; of a mask it is all pixels but a share within the tolerance, of boxes that each has a
partner on the other side. Deviations of probabilities are as they are; those of numbers are in
units of the spread of the answers, so that one tolerance fits every target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.runtime.boxes import LEAST_SCORE
from lamina.runtime.masks import mask_of
from lamina.runtime.signature import Answer

TOLERANCE = 1e-4
"""Largest deviation that counts as the same answer: of a probability, or of a number in units of
the answers' spread. Sums of float32 in another order differ by less."""

_DECIDED = ("class", "truth", "tags", "tag_sequence", "spans", "text", "time", "series")
_BOX_TOLERANCE = 1e-3  # of scores and sides: boxes beyond it are others
_TOGETHER = 1024
# Of the answers' size: some 40 units of float32's last place always count as the same number, since
# numbers that hardly differ are known no better.
_LEAST_SPREAD = 0.05


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
    columns = [answer for answer in answers if answer.kind in ("number", "quantile")]
    found = {answer.name: np.zeros(4) for answer in columns}
    for start in range(0, len(expected) if columns else 0, _TOGETHER):
        rows = expected[start : start + _TOGETHER]
        for answer in columns:
            own = _numbers(rows, answer.name, answer.num_steps or 1)
            found[answer.name] = _joined(found[answer.name], own[np.isfinite(own)])
    units = {}
    for name, (count, _, squares, sizes) in found.items():
        spread = float(np.sqrt(squares / max(1, count)))
        size = float(sizes / max(1, count))
        least = _LEAST_SPREAD * size if spread else size
        units[name] = max(spread, least) or 1.0
    return units


def _joined(known: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Return count, mean, squares about it and sum of sizes with more numbers.

    Source: Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing
    sample variances".
    """
    if not len(more):
        return known
    count, mean, squares, sizes = known
    total, own = count + len(more), float(more.mean())
    apart = (own - mean) ** 2 * count * len(more) / total
    return np.array(
        [
            total,
            mean + (own - mean) * len(more) / total,
            squares + ((more - own) ** 2).sum() + apart,
            sizes + np.abs(more).sum(),
        ]
    )


def together(parts: Sequence[Agreement]) -> Agreement:
    """Return what was found on several sets of rows.

    Args:
        parts: On each of them.
    """
    rows = sum(part.rows for part in parts)
    return Agreement(
        rows=rows,
        flipped=sum(part.flipped for part in parts),
        largest=max((part.largest for part in parts), default=0.0),
        mean=sum(part.mean * part.rows for part in parts) / max(1, rows),
    )


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
        if answer.kind == "mask":
            deviation = np.array([[_apart(a[name], b[name])] for a, b in zip(expected, found)])
            flipped |= (deviation > tolerance).any(axis=1)
            deviations.append(deviation.ravel())
            continue
        if answer.kind == "boxes":
            pairs = [_boxes_apart(a[name], b[name]) for a, b in zip(expected, found)]
            deviation = np.array(pairs, dtype=np.float64)
            flipped |= deviation > _BOX_TOLERANCE
            deviations.append(deviation)
            continue
        steps = answer.num_steps or 1
        first, second = _numbers(expected, name, steps), _numbers(found, name, steps)
        deviation = np.abs(first - second) / units.get(name, 1.0)
        deviation[first == second] = 0.0
        flipped |= (np.isnan(first) != np.isnan(second)).any(axis=1)
        if answer.kind not in ("probability", "share"):
            flipped |= (deviation > tolerance).any(axis=1)
        deviations.append(deviation[~np.isnan(deviation)])
    every = np.concatenate(deviations)
    return Agreement(
        rows=len(expected),
        flipped=int(flipped.sum()),
        largest=float(every.max()) if len(every) else 0.0,
        mean=float(every.mean()) if len(every) else 0.0,
    )


def _boxes_apart(
    first: Sequence[Mapping[str, Any]] | None, second: Sequence[Mapping[str, Any]] | None
) -> float:
    """Return how far the least alike boxes are apart, in [0, 1]; 1 where one has no partner.

    Boxes that are as sure as each other may come in another order, so each is held against the
    one that it is most like. What is hardly sure enough to be told may be told by one side only.
    """
    if first is None or second is None:
        return 0.0 if first is second else 1.0
    apart = 0.0
    for own, others in ((first, second), (second, first)):
        for box in own:
            near = min((_box_apart(box, other) for other in others), default=1.0)
            if near > _BOX_TOLERANCE and box["score"] < LEAST_SCORE + _BOX_TOLERANCE:
                continue
            apart = max(apart, near)
    return apart


def _box_apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    """Return the larger of the distances of scores and, in shares of their size, of sides."""
    if first["label"] != second["label"]:
        return 1.0
    width, height = first["x1"] - first["x0"], first["y1"] - first["y0"]
    across = max(abs(first[side] - second[side]) for side in ("x0", "x1")) / max(1.0, width)
    down = max(abs(first[side] - second[side]) for side in ("y0", "y1")) / max(1.0, height)
    return float(min(1.0, max(across, down, abs(first["score"] - second["score"]))))


def _apart(first: Mapping[str, Any] | None, second: Mapping[str, Any] | None) -> float:
    """Return the share of pixels that differ between two masks; 1 where only one is there."""
    if first is None or second is None or list(first["size"]) != list(second["size"]):
        return 0.0 if first is second else 1.0
    if first == second:
        return 0.0
    return float((mask_of(first) != mask_of(second)).mean())


def _numbers(rows: Sequence[Mapping[str, Any]], name: str, steps: int) -> np.ndarray:
    """Return the numbers of a column, float64 [rows, steps], NaN where there are none."""
    found = np.full((len(rows), steps), np.nan)
    for place, row in enumerate(rows):
        cells = row[name] if isinstance(row[name], (list, tuple)) else [row[name]]
        if len(cells) == steps:
            found[place] = [np.nan if cell is None else cell for cell in cells]
    return found
