"""What an answer came from, by asking again: each column, patch, word or window taken away in turn.

The function is asked once for the row and its changed versions together, so nothing of the network
has to be known. Columns are replaced by values spread over their training values, patches by the
picture's mean colour, words are left out, or become unknown ones where each has a tag. What is told
has the names of a run's own explanations (`RowExplanation` in `lamina.explanation`), so whoever
reads the one reads the other.

Source:
    Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks",
    arXiv:1311.2901, section 4.2 (occlusion).
    Differs: columns, words and series too; several replacements per column, averaged; of very many
    columns, runs are taken away together.
"""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from lamina.runtime.modalities.image import ImageReader
from lamina.runtime.modalities.series import as_steps, lines_of
from lamina.runtime.modalities.sound import SoundReader, outline
from lamina.runtime.modalities.words import words_of
from lamina.runtime.signature import Field, Signature
from lamina.runtime.word_groups import runs_of
from lamina.serving.claims import Chosen, Evidence, chosen
from lamina.serving.history_occlusion import HistoryOcclusions, history_occlusions
from lamina.serving.refusal import Refusal

MOST_VERSIONS = 160
"""Changed rows that are asked for at most, so that an explanation stays one or two calls."""

MOST_WORDS = 48
"""Pieces that a text is cut into at most; of a longer one, runs of words are a piece."""

MOST_WINDOWS = 32
"""Windows that a series is cut into."""

MOST_SAMPLES = 1 << 20
"""Samples of a sound that is explained."""

MOST_PATCHES = 8
"""Patches along the longer side of a picture."""

_MOST_REFERENCES = 4
_LARGE = ("text", "words", "image", "series", "sound")


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
    raw: Mapping[str, Any]
    """The row as it came: places in a picture are told in its own size."""
    row: Mapping[str, Any]
    """The row as the model sees it."""
    versions: tuple[Version, ...]
    """What is taken away in turn."""
    blanks: tuple[Mapping[str, Any], ...]
    """The row with everything taken away, as often as columns have values to stand in."""
    pieces: tuple[tuple[str, ...], ...]
    """By column: words with the space behind them, or runs of the words of a sentence; () for
    others."""
    grids: tuple[tuple[int, int], ...]
    """By column: patches from top to bottom and from left to right; windows of a series from left
    to right; (0, 0) for others."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the row, its versions, and what is left where all is taken away."""
        changed = (*(version.cells for version in self.versions), *self.blanks)
        return [dict(self.raw), *({**self.row, **cells} for cells in changed)]

    def told(
        self, answers: Sequence[Mapping[str, Any]], explained: Chosen | None = None
    ) -> dict[str, Any]:
        """Return what each part contributed to the answer to the row, as JSON-like values.

        Args:
            answers: To `rows`, in order.
            explained: What is explained; None to choose it from the answer to the row.

        Raises:
            Refusal: The row itself cannot be answered; 422.
        """
        own = answers[0]
        problem = own.get(self.signature.error)
        if problem:
            raise Refusal(422, str(problem), where=("row",))
        explained = explained or chosen(self.signature, own)
        value = explained.evidence(own)
        count = len(self.versions)
        found = self._lost(value, explained.evidence, answers[1 : 1 + count])
        texts = [field.name for field in self.signature.fields if field.modality == "text"]
        return {
            "schema": 1,
            "row": 0,
            "answer": explained.claim,
            "value": value,
            "unit": explained.unit,
            "reference": _mean([explained.evidence(answer) for answer in answers[1 + count :]]),
            "method": "occlusion",
            "inputs": self._inputs(found),
            "check": None,
            "probability": explained.probability,
            "left_out": [],
            "texts": {name: str(self.row.get(name) or "") for name in texts},
            # Who asks has the pictures, and the page draws them itself.
            "pictures": {},
            "lines": _lines(self.signature, self.row),
            "neighbours": [],
            "written": None,
        }

    def _heard(self, number: int, found: Mapping[tuple[int, int], float]) -> dict[str, Any]:
        """Return the attribution of a sound, whose windows are named by their seconds."""
        field, count = self.signature.fields[number], self.grids[number][1]
        cell = self.row.get(field.name)
        samples = len(cell) if isinstance(cell, np.ndarray) else 0
        size, features = math.ceil(samples / max(1, count)), []
        for place in range(count):
            ends = (size * place, min(samples, size * (place + 1)))
            name = f"{ends[0] / field.rate:.2f} to {ends[1] / field.rate:.2f} s"
            features.append(_feature(name, name, found.get((number, place), 0.0)))
        return _input(field.name, "steps", features=features, grid=[max(1, samples), max(1, size)])

    def _lost(
        self, value: float, evidence: Evidence, answers: Sequence[Mapping[str, Any]]
    ) -> dict[tuple[int, int], float]:
        """Return what the answer loses without each part, on average over what stands in."""
        sums: dict[tuple[int, int], list[float]] = {}
        for version, answer in zip(self.versions, answers, strict=True):
            lost = value - evidence(answer)
            if not math.isfinite(lost):
                continue
            for part in version.parts:
                # Columns that are taken away together share what the answer loses.
                sums.setdefault(part, []).append(lost / len(version.parts))
        return {key: sum(values) / len(values) for key, values in sums.items()}

    def _inputs(self, found: Mapping[tuple[int, int], float]) -> list[dict[str, Any]]:
        """Return attributions by input: all columns together, then each text and picture."""
        columns, alone = [], []
        for number, field in enumerate(self.signature.fields):
            words, grid = self.pieces[number], self.grids[number]
            if field.modality in ("text", "words"):
                features = [
                    _feature(word.strip(), word.strip(), found.get((number, place), 0.0))
                    for place, word in enumerate(words)
                ]
                alone.append(_input(field.name, "words", features=features))
            elif field.modality == "image":
                heat = [found.get((number, place), 0.0) for place in range(grid[0] * grid[1])]
                alone.append(_input(field.name, "picture", grid=list(grid), heat=heat))
            elif field.modality == "series":
                steps = as_steps(self.row.get(field.name))
                names = [] if isinstance(steps, str) else _window_names(len(steps), grid[1])
                features = [
                    _feature(name, name, found.get((number, place), 0.0))
                    for place, name in enumerate(names)
                ]
                size = max(1, math.ceil(len(steps) / max(1, grid[1])))
                own = [len(steps), size]
                alone.append(_input(field.name, "steps", features=features, grid=own))
            elif field.modality == "sound":
                alone.append(self._heard(number, found))
            else:
                shown = _shown(self.row.get(field.name))
                columns.append(_feature(field.name, shown, found.get((number, 0), 0.0)))
        together = [_input("columns", "columns", features=columns)] if columns else []
        return [*together, *alone]


def occlusions(signature: Signature, row: Mapping[str, Any]) -> Occlusions | HistoryOcclusions:
    """Return what is to be asked to explain the answer to a row.

    Args:
        signature: What the model takes and gives.
        row: Raw cells by column.

    Raises:
        Refusal: The model answers pictures in windows; 422.
    """
    if signature.history is not None:
        return history_occlusions(signature, row, references)
    if any(field.framing == "windows" for field in signature.fields):
        raise Refusal(
            422,
            "a picture that is answered in windows would have to be answered whole for each of "
            "its parts. Explain it from the run: lamina explain RUN PICTURES --row 0.",
        )
    raw, row = row, _fitted(signature, row)
    fields = signature.fields
    pieces: list[tuple[str, ...]] = [()] * len(fields)
    grids = [(0, 0)] * len(fields)
    versions: list[Version] = []
    large = [n for n, field in enumerate(fields) if field.modality in _LARGE]
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
        elif field.modality == "words":
            pieces[number], changed = _unknown_words(cell, min(MOST_WORDS, each))
        elif cell is None:
            changed = []
        elif field.modality == "series":
            grids[number], changed = _windows(cell, min(MOST_WINDOWS, each))
        elif field.modality == "sound":
            grids[number], changed = _silences(cell, min(MOST_WINDOWS, each))
        else:
            grids[number], changed = _patches(cell, each)
        versions += [
            Version({field.name: one}, ((number, place),)) for place, one in enumerate(changed)
        ]
    versions = versions[:MOST_VERSIONS]
    versions += _without_columns(fields, others, most=MOST_VERSIONS - len(versions))
    blanks = _blanks(fields, row)
    return Occlusions(signature, raw, row, tuple(versions), blanks, tuple(pieces), tuple(grids))


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


def _blanks(fields: Sequence[Field], row: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the row with everything taken away, once per value that stands in for a column."""
    blanks: list[dict[str, Any]] = [{} for _ in range(_MOST_REFERENCES)]
    for field in fields:
        cell = row.get(field.name)
        stand_ins: tuple[Any, ...]
        if field.modality == "text":
            stand_ins = ("",)
        elif field.modality == "words":
            stand_ins = ([""] * len(words_of(cell) or ()),)
        elif field.modality == "sound":
            stand_ins = (np.zeros_like(cell) if isinstance(cell, np.ndarray) else cell,)
        elif field.modality == "image":
            stand_ins = (_even(cell) if isinstance(cell, np.ndarray) else cell,)
        else:
            stand_ins = references(field, _MOST_REFERENCES)
        for place, blank in enumerate(blanks):
            blank[field.name] = stand_ins[place % len(stand_ins)]
    distinct = any(field.modality not in _LARGE for field in fields)
    return tuple(blanks if distinct else blanks[:1])


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


def _feature(label: str, value: str, attribution: float) -> dict[str, Any]:
    return {"label": label, "value": value, "attribution": attribution}


def _input(name: str, kind: str, **own: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "features": [], "grid": [0, 0], "heat": [], **own}


def _shown(cell: Any) -> str:
    """Return a cell as a person reads it, as the modalities show it."""
    if cell is None:
        return "missing"
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return ", ".join(map(str, cell)) if isinstance(cell, (list, tuple)) else str(cell)


def _mean(values: Sequence[float]) -> float | None:
    found = [value for value in values if math.isfinite(value)]
    return sum(found) / len(found) if found else None


def _words(cell: Any, most: int) -> tuple[str, ...]:
    """Return a text in so many pieces at most, that give it back when joined."""
    words = re.findall(r"\s*\S+\s*", str(cell)) if cell is not None else []
    size = -(-len(words) // most) if words else 1
    return tuple(runs_of(words, size, glue=""))


def _unknown_words(cell: Any, most: int) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return runs of words of a sentence, and the sentence once with unknown words for each."""
    words = words_of(cell) or []
    size = -(-len(words) // most) if words else 1
    # Each word has a tag of its own: what is taken away leaves its place.
    found = [
        [*words[:start], *[""] * len(words[start : start + size]), *words[start + size :]]
        for start in range(0, len(words), size)
    ]
    return tuple(runs_of(words, size)), found


def _patches(cell: Any, most: int) -> tuple[tuple[int, int], list[np.ndarray]]:
    """Return the grid, and the picture once without each patch."""
    if not isinstance(cell, np.ndarray):  # what cannot be read is refused with the answer
        return (0, 0), []
    picture = cell
    height, width = picture.shape[:2]
    along = min(MOST_PATCHES, max(1, math.isqrt(most)))
    side = max(height, width) / along
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    even = _even(picture)
    found = []
    for top in range(rows):
        for left in range(columns):
            changed = picture.copy()
            down = slice(top * height // rows, (top + 1) * height // rows)
            across = slice(left * width // columns, (left + 1) * width // columns)
            changed[down, across] = even[down, across]
            found.append(changed)
    return (rows, columns), found


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture of the mean colour of another."""
    mean = picture.mean(axis=(0, 1)).astype(np.uint8)
    return np.broadcast_to(mean, picture.shape)


def _windows(cell: Any, most: int) -> tuple[tuple[int, int], list[np.ndarray]]:
    """Return how many windows, and the series once with a line over each."""
    steps = as_steps(cell)
    if isinstance(steps, str):  # what cannot be read is refused with the answer
        return (0, 0), []
    size = math.ceil(len(steps) / most)
    found = []
    for start in range(0, len(steps), size):
        changed = steps.copy()
        changed[start : start + size] = np.nan  # the reader draws the line
        if not np.isfinite(changed).any():
            changed[:] = 0.0
        found.append(changed)
    return (1, len(found)), found


def _silences(cell: Any, most: int) -> tuple[tuple[int, int], list[np.ndarray]]:
    """Return how many windows, and the sound once with silence in each."""
    if not isinstance(cell, np.ndarray):  # what cannot be read is refused with the answer
        return (0, 0), []
    size = math.ceil(len(cell) / most)
    found = []
    for start in range(0, len(cell), size):
        changed = cell.copy()
        changed[start : start + size] = 0
        found.append(changed)
    return (1, len(found)), found


def _lines(signature: Signature, row: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """Return series and sounds as they are drawn."""
    found = {}
    for field in signature.fields:
        cell = row.get(field.name)
        lines: tuple[tuple[float, ...], ...] = ()
        if field.modality == "series":
            lines = lines_of(cell)
        elif field.modality == "sound" and isinstance(cell, np.ndarray):
            lines = outline(cell)
        if lines:
            found[field.name] = [list(line) for line in lines]
    return found


def _window_names(num_steps: int, count: int) -> list[str]:
    """Return windows by their steps, counted from 1."""
    size = math.ceil(num_steps / max(1, count))
    ends = [min(num_steps, size * window) for window in range(count + 1)]
    return [f"steps {start + 1} to {end}" for start, end in itertools.pairwise(ends)]


def _decoded(cell: Any, field: Field) -> np.ndarray | None:
    """Return a picture as the network gets it; None where it cannot be read."""
    reader = ImageReader(
        channels=field.channels, height=field.height, width=field.width, framing=field.framing
    )
    read = reader.read([cell])
    if read.errors:
        return None
    picture = read.values[0].transpose(1, 2, 0)
    return picture[..., 0] if field.channels == 1 else picture


def _fitted(signature: Signature, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with pictures and sounds as the network gets them, so that parts match."""
    fitted = dict(row)
    for field in signature.fields:
        if field.modality == "sound" and row.get(field.name) is not None:
            reader = SoundReader(field.rate, max_samples=MOST_SAMPLES)
            samples = reader.samples_of(row[field.name])
            fitted[field.name] = row[field.name] if isinstance(samples, str) else samples
        if field.modality == "image" and row.get(field.name) is not None:
            picture = _decoded(row[field.name], field)
            fitted[field.name] = row[field.name] if picture is None else picture
    return fitted
