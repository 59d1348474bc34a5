"""Series: measurements in equal steps, of one channel or several, of any length.

A cell is a list of numbers, or of steps that are lists of numbers, one per channel; an array
[steps] or [steps, channels]; or the same as text. Steps without a number are filled along the line
between their neighbours, a longer series than the network reads is drawn together evenly, and each
channel is put on the scale of the training data (see `lamina.data.modalities.series`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import LARGEST
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read

MOST_CHANNELS = 1 << 12
"""Most channels of a series."""

MOST_POINTS = 200
"""Points of a series that is drawn."""

_GAP = re.compile(r"[\s,;]+")
_MISSING = ("", "?", "na", "nan", "null", "none")


@final
class SeriesReader(AbstractReader):
    """Reads series.

    Args:
        mean: Mean of each channel in training.
        deviation: Standard deviation of each channel in training.
        max_steps: Most steps that the network reads.
    """

    name: ClassVar[str] = "series"
    kind: ClassVar[str] = "series"

    def __init__(
        self, mean: Sequence[float], deviation: Sequence[float], *, max_steps: int
    ) -> None:
        self._mean = np.asarray(mean, dtype=np.float64)
        self._deviation = np.asarray(deviation, dtype=np.float64)
        self._max_steps = max_steps

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a series column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a series")
        channels = fields.integer("channels", least=1, most=MOST_CHANNELS)
        deviation = fields.numbers("deviation", count=channels)
        if min(deviation) <= 0:
            raise fields.refusal("deviation", deviation, "numbers above 0")
        return cls(
            fields.numbers("mean", count=channels),
            deviation,
            max_steps=fields.integer("max_steps", least=1, most=1 << 24),
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return float32 [steps, channels] per row; a row without a series is an error.

        Args:
            cells: Raw cells.
        """
        values = np.empty(len(cells), dtype=object)
        errors = {}
        for row, cell in enumerate(cells):
            steps = self.steps_of(cell)
            if isinstance(steps, str):
                errors[row] = steps
                steps = np.zeros((1, len(self._mean)), dtype=np.float32)
            values[row] = steps
        return Read(values, errors)

    def steps_of(self, cell: Any) -> np.ndarray | str:
        """Return a cell as the network sees it, float32 [steps, channels], or why it is no series.

        Args:
            cell: A raw cell.
        """
        steps = as_steps(cell)
        if isinstance(steps, str):
            return steps
        if steps.shape[1] != len(self._mean):
            return f"has {steps.shape[1]} channels, and the model takes {len(self._mean)}"
        steps = shortened(filled(steps, self._mean), self._max_steps)
        return ((steps - self._mean) / self._deviation).astype(np.float32)


def as_steps(cell: Any) -> np.ndarray | str:
    """Return a cell as numbers, float64 [steps, channels], NaN where missing, or why it is none.

    Args:
        cell: A raw cell.
    """
    if cell is None:
        return "there is no series in the cell"
    if isinstance(cell, str):
        return _from_text(cell)
    if isinstance(cell, np.ndarray) and cell.dtype.kind in "uifb":
        steps = cell.astype(np.float64)
    elif isinstance(cell, (list, tuple)):
        found = _from_list(cell)
        if isinstance(found, str):
            return found
        steps = found
    else:
        return f"a cell of the type {type(cell).__name__} is no series; give a list of numbers"
    if steps.ndim == 1:
        steps = steps[:, None]
    if steps.ndim != 2 or not steps.size or steps.shape[1] > MOST_CHANNELS:
        return f"an array of shape {list(steps.shape)} is no series; give [steps, channels]"
    # What is too large for a mean is a mark or an error, not a measurement.
    steps = np.where(np.abs(steps) < LARGEST, steps, np.nan)
    return steps if np.isfinite(steps).any() else "no step of the series has a number"


def filled(steps: np.ndarray, default: np.ndarray) -> np.ndarray:
    """Return a series without gaps: along the line between neighbours, and level at the ends.

    Args:
        steps: float64 [steps, channels], NaN where missing.
        default: float64 [channels], for channels that have no number at all.
    """
    is_known = np.isfinite(steps)
    if is_known.all():
        return steps
    places, whole = np.arange(len(steps)), steps.copy()
    for channel in range(steps.shape[1]):
        known = is_known[:, channel]
        if not known.any():
            whole[:, channel] = default[channel]
        elif not known.all():
            own = np.interp(places[~known], places[known], steps[known, channel])
            whole[~known, channel] = own
    return whole


def shortened(steps: np.ndarray, most: int) -> np.ndarray:
    """Return a series drawn together to at most so many steps; shorter ones as they are.

    Args:
        steps: float64 [steps, channels].
        most: Most steps.
    """
    count = len(steps)
    if count <= most:
        return steps
    # The mean of what falls between two of the new steps: nothing is passed over.
    ends = np.linspace(0, count, most + 1)
    sums = np.concatenate([np.zeros((1, steps.shape[1])), steps.cumsum(axis=0)])
    at_ends = np.stack(
        [np.interp(ends, np.arange(count + 1), sums[:, c]) for c in range(steps.shape[1])], axis=1
    )
    return np.diff(at_ends, axis=0) / (count / most)


def lines_of(cell: Any) -> tuple[tuple[float, ...], ...]:
    """Return a series as it is drawn, a line per channel of at most 200 points; () for no series.

    Args:
        cell: A raw cell.
    """
    steps = as_steps(cell)
    if isinstance(steps, str):
        return ()
    drawn = shortened(filled(steps, np.zeros(steps.shape[1])), MOST_POINTS)
    return tuple(tuple(float(f"{value:.5g}") for value in line) for line in drawn.T.tolist())


def _from_text(text: str) -> np.ndarray | str:
    bare = text.strip()
    if not bare:
        return "there is no series in the cell"
    if bare[0] == "[":
        try:
            return as_steps(json.loads(bare))
        except (ValueError, RecursionError):
            return "the text is no list of numbers"
    words = _GAP.split(bare)
    try:
        return as_steps([None if word.lower() in _MISSING else float(word) for word in words])
    except ValueError:
        return "the text is no list of numbers"


def _from_list(cell: Sequence[Any]) -> np.ndarray | str:
    nested = [isinstance(step, (list, tuple, np.ndarray)) for step in cell]
    if any(nested):
        rows = [list(step) if is_list else None for step, is_list in zip(cell, nested)]
        widths = {len(row) for row in rows if row is not None}
        if len(widths) != 1:
            return f"its steps have different numbers of channels: {sorted(widths)[:5]}"
        nothing = [None] * widths.pop()
        rows = [nothing if row is None else row for row in rows]
        flat = [number for row in rows for number in row or ()]
        shape: tuple[int, ...] = (len(rows), len(nothing))
    else:
        flat, shape = list(cell), (len(cell),)
    try:
        numbers = [np.nan if one is None else float(one) for one in flat]
    except (TypeError, ValueError, OverflowError):
        return "a step of the series is no number"
    return np.array(numbers, dtype=np.float64).reshape(shape)
