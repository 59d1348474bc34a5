"""What an answer came from, by asking again: each column, patch or word taken away in turn.

The function is asked once for the row and its changed versions together, so nothing of the network
has to be known. Columns are replaced by values spread over their training values, patches by the
picture's mean colour, words are left out.

Source:
    Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks",
    arXiv:1311.2901, section 4.2 (occlusion).
    Differs: columns and words too; several replacements per column, averaged; of very many columns,
    runs are taken away together.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from lamina.runtime.modalities.image import ImageReader
from lamina.runtime.signature import Answer, Field, Signature
from lamina.serving.refusal import Refusal

MOST_VERSIONS = 160
"""Changed rows that are asked for at most, so that an explanation stays one or two calls."""

MOST_WORDS = 48
"""Pieces that a text is cut into at most; of a longer one, runs of words are a piece."""

MOST_PATCHES = 8
"""Patches along the longer side of a picture."""

Evidence = Callable[[Mapping[str, Any]], float]
"""From an answer to the number that is explained; NaN where it has none."""

_MOST_REFERENCES = 4
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Version:
    """The row with something taken away."""

    cells: Mapping[str, Any]
    """What stands in the changed columns now."""
    parts: tuple[tuple[int, int], ...]
    """Numbers of the columns, each with that of the word or patch in it, 0 for whole columns."""


@dataclass(frozen=True, slots=True)
class Occlusions:
    """The row and its versions, and how the answers to them are put together."""

    signature: Signature
    """What the model takes and gives."""
    row: Mapping[str, Any]
    """The row itself."""
    versions: tuple[Version, ...]
    """What is taken away in turn."""
    pieces: tuple[tuple[str, ...], ...]
    """By column: words with the space behind them; () for others."""
    grids: tuple[tuple[int, int], ...]
    """By column: patches from top to bottom and from left to right; (0, 0) for others."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the row and its versions."""
        return [dict(self.row), *({**self.row, **version.cells} for version in self.versions)]

    def told(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the answer to the row and what each part contributed.

        Args:
            answers: To `rows`, in order.

        Raises:
            Refusal: The row itself cannot be answered; 422.
        """
        own = answers[0]
        problem = own.get(self.signature.error)
        if problem:
            raise Refusal(422, str(problem), where=("row",))
        claim, unit, evidence = _chosen(self.signature, own)
        value = evidence(own)
        sums: dict[tuple[int, int], list[float]] = {}
        for version, answer in zip(self.versions, answers[1:], strict=True):
            lost = value - evidence(answer)
            if not math.isfinite(lost):
                continue
            for part in version.parts:
                # Columns that are taken away together share what the answer loses.
                sums.setdefault(part, []).append(lost / len(version.parts))
        found = {key: sum(values) / len(values) for key, values in sums.items()}
        parts = [self._part(number, found) for number in range(len(self.signature.fields))]
        return {"explains": claim, "unit": unit, "method": "occlusion", "parts": parts}

    def _part(self, number: int, found: Mapping[tuple[int, int], float]) -> dict[str, Any]:
        field, words, grid = self.signature.fields[number], self.pieces[number], self.grids[number]
        part: dict[str, Any] = {"name": field.name}
        if field.modality == "text":
            pieces = [
                {"text": word, "attribution": found.get((number, place), 0.0)}
                for place, word in enumerate(words)
            ]
            return {**part, "kind": "words", "words": pieces}
        if grid != (0, 0):
            heat = [found.get((number, place), 0.0) for place in range(grid[0] * grid[1])]
            return {**part, "kind": "picture", "grid": list(grid), "heat": heat}
        return {**part, "kind": "column", "attribution": found.get((number, 0), 0.0)}


def occlusions(signature: Signature, row: Mapping[str, Any]) -> Occlusions:
    """Return what is to be asked to explain the answer to a row.

    Args:
        signature: What the model takes and gives.
        row: Raw cells by column.
    """
    row = _with_fitted_pictures(signature, row)
    fields = signature.fields
    pieces: list[tuple[str, ...]] = [()] * len(fields)
    grids = [(0, 0)] * len(fields)
    versions: list[Version] = []
    large = [n for n, field in enumerate(fields) if field.modality in ("text", "image")]
    others = [n for n in range(len(fields)) if n not in large]
    # Columns get what texts and pictures leave, which is a quarter at least.
    most = MOST_VERSIONS * 3 // 4 if others else MOST_VERSIONS
    for number in large:
        field, cell = fields[number], row.get(fields[number].name)
        each = max(1, most // len(large))
        changed: Sequence[Any]
        if field.modality == "text":
            pieces[number] = words = _words(cell, min(MOST_WORDS, each))
            changed = ["".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
        elif cell is None:
            changed = []
        else:
            grids[number], changed = _patches(cell, each)
        versions += [
            Version({field.name: one}, ((number, place),)) for place, one in enumerate(changed)
        ]
    versions = versions[:MOST_VERSIONS]
    versions += _without_columns(fields, others, most=MOST_VERSIONS - len(versions))
    return Occlusions(signature, row, tuple(versions), tuple(pieces), tuple(grids))


def _without_columns(
    fields: Sequence[Field], numbers: Sequence[int], *, most: int
) -> list[Version]:
    """Return versions without columns: each several times, or, of very many, runs of them once."""
    if not numbers or most < 1:
        return []
    count = min(_MOST_REFERENCES, max(1, most // len(numbers)))
    size = -(-len(numbers) // most)
    versions = []
    for start in range(0, len(numbers), size):
        run = numbers[start : start + size]
        stand_ins = [references(fields[number], count) for number in run]
        for place in range(max(map(len, stand_ins))):
            cells = {fields[n].name: own[place % len(own)] for n, own in zip(run, stand_ins)}
            versions.append(Version(cells, tuple((number, 0) for number in run)))
    return versions


def references(field: Field, count: int) -> tuple[Any, ...]:
    """Return cells that stand for not knowing a column: spread over its training cells.

    Args:
        field: The column.
        count: How many.
    """
    middles = [(place + 0.5) / count for place in range(count)]
    if field.modality in ("number", "datetime") and field.quantiles:
        last = len(field.quantiles) - 1
        values = [field.quantiles[round(level * last)] for level in middles]
        if field.modality == "number":
            return tuple(values)
        begin = datetime(1970, 1, 1, tzinfo=UTC)
        return tuple((begin + timedelta(seconds=v)).replace(tzinfo=None) for v in values)
    if field.modality in ("category", "boolean") and field.levels:
        ends = np.cumsum(field.shares)
        places = np.searchsorted(ends, [level * ends[-1] for level in middles])
        return tuple(field.levels[int(min(place, len(ends) - 1))] for place in places)
    return (field.typical,)


def _chosen(signature: Signature, own: Mapping[str, Any]) -> tuple[str, str, Evidence]:
    """Return what is explained in the answer to the row, its unit, and how it is read off others.

    Raises:
        Refusal: The model gives nothing that could be followed; 422.
    """
    shares = [
        a for a in signature.answers if a.kind == "probability" and own.get(a.name) is not None
    ]
    labelled = [share for share in shares if share.label]
    if labelled:
        best = max(labelled, key=lambda share: float(own[share.name]))
        claim = f"{best.target}: {best.label}"
        return claim, "log-odds", lambda answer: _log_odds(answer.get(best.name))
    if shares:
        return _of_the_decision(signature, shares[0], own)
    numbers = [one for one in signature.answers if one.kind in ("number", "quantile")]
    if not numbers:
        raise Refusal(422, "the model gives neither numbers nor probabilities to explain.")
    middle = min(numbers, key=lambda one: abs((0.5 if one.level is None else one.level) - 0.5))
    level = "" if middle.level is None else f", quantile {middle.level:g}"
    return f"{middle.target}{level}", middle.target, lambda answer: _number(answer.get(middle.name))


def _of_the_decision(
    signature: Signature, share: Answer, own: Mapping[str, Any]
) -> tuple[str, str, Evidence]:
    """Return the same where classes are too many to have a probability each in an answer.

    Where another class is answered, that of ours is at most what the other one leaves, and at most
    as large as the other one's; this bound is taken, so that the loss is never overstated.
    """
    decided = next(a.name for a in signature.answers if a.kind == "class")

    def evidence(answer: Mapping[str, Any]) -> float:
        value = answer.get(share.name)
        if value is not None and answer.get(decided) != own.get(decided):
            value = min(value, 1 - value)
        return _log_odds(value)

    return f"{share.target}: {own.get(decided)}", "log-odds", evidence


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _log_odds(value: Any) -> float:
    if value is None:
        return math.nan
    share = min(max(float(value), _SMALLEST), 1 - _SMALLEST)
    return math.log(share / (1 - share))


def _words(cell: Any, most: int) -> tuple[str, ...]:
    """Return a text in so many pieces at most, that give it back when joined."""
    words = re.findall(r"\s*\S+\s*", str(cell)) if cell is not None else []
    size = -(-len(words) // most) if words else 1
    return tuple("".join(words[i : i + size]) for i in range(0, len(words), size))


def _patches(cell: Any, most: int) -> tuple[tuple[int, int], list[np.ndarray]]:
    """Return the grid, and the picture once without each patch."""
    if not isinstance(cell, np.ndarray):  # what cannot be read is refused with the answer
        return (0, 0), []
    picture = cell
    height, width = picture.shape[:2]
    along = min(MOST_PATCHES, max(1, math.isqrt(most)))
    side = max(height, width) / along
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    mean = picture.reshape(height * width, -1).mean(0).astype(np.uint8)
    found = []
    for top in range(rows):
        for left in range(columns):
            changed = picture.copy()
            down = slice(top * height // rows, (top + 1) * height // rows)
            across = slice(left * width // columns, (left + 1) * width // columns)
            changed[down, across] = mean if picture.ndim == 3 else mean[0]
            found.append(changed)
    return (rows, columns), found


def _decoded(cell: Any, field: Field) -> np.ndarray | None:
    """Return a picture as the network gets it; None where it cannot be read."""
    read = ImageReader(channels=field.channels, height=field.height, width=field.width).read([cell])
    if read.errors:
        return None
    picture = read.values[0].transpose(1, 2, 0)
    return picture[..., 0] if field.channels == 1 else picture


def _with_fitted_pictures(signature: Signature, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its pictures as the network sees them, so that patches match."""
    fitted = dict(row)
    for field in signature.fields:
        if field.modality == "image" and row.get(field.name) is not None:
            picture = _decoded(row[field.name], field)
            fitted[field.name] = row[field.name] if picture is None else picture
    return fitted
