"""Rows of a table laid out as series on regular steps: gaps become visible, duplicates go.

Series lie one after the other on one long axis of places; a place without a row is a gap.
"""

from dataclasses import dataclass

import numpy as np

from lamina.runtime.errors import DataError
from lamina.runtime.frequency import Frequency, find_frequency

_MOST_SPREAD = 50
_FARTHEST = 1 << 48


@dataclass(frozen=True, slots=True)
class SeriesGrid:
    """Where each row lies among the steps of its series."""

    frequency: Frequency
    """Length of a step."""
    place: np.ndarray
    """int64 [rows], place of each row; -1 for rows without a time and for all but the last of rows
    of one series and step."""
    row: np.ndarray
    """int64 [places], row at each place, -1 for a gap."""
    series: np.ndarray
    """int64 [places], number of the series of each place."""
    start: np.ndarray
    """int64 [series + 1], first place of each series, and the number of places."""
    step: np.ndarray
    """int64 [places], number of the step in time, comparable between series."""
    num_duplicates: int
    """Rows left out because a later row has the same series and step."""
    num_timeless: int
    """Rows without a time."""

    @property
    def num_places(self) -> int:
        """Places, gaps included."""
        return len(self.row)

    @property
    def num_series(self) -> int:
        """Series."""
        return len(self.start) - 1

    @property
    def num_gaps(self) -> int:
        """Places without a row."""
        return int((self.row < 0).sum())

    def laid_out(self, cells: np.ndarray) -> np.ndarray:
        """Return cells of rows at their places, NaN in gaps.

        Args:
            cells: float [rows, columns].

        Returns:
            float [places, columns].
        """
        found = cells[np.maximum(self.row, 0)]
        return np.where((self.row < 0)[:, None], np.nan, found)


def lay_out(
    times: np.ndarray,
    series: np.ndarray,
    *,
    is_number: bool,
    frequency: Frequency | None = None,
) -> SeriesGrid:
    """Return the places of rows.

    Args:
        times: float64 [rows], seconds since 1970 or plain numbers, NaN where missing.
        series: int64 [rows], number of the series of each row, from 0.
        is_number: The times are plain numbers.
        frequency: Length of a step; None finds out.

    Raises:
        DataError: No frequency can be found, or the steps found would be nearly all gaps.
    """
    frequency = frequency or find_frequency(times, series, is_number=is_number)
    steps = frequency.steps(times, series)
    known = np.flatnonzero(~np.isnan(steps))
    if not len(known):
        raise DataError("no row has a time, so nothing can be forecast. Mend the time column.")
    if np.abs(steps[known]).max() >= _FARTHEST:
        raise DataError(
            f"a time is more than {_FARTHEST:,} steps of {frequency.name} from the beginning of "
            "the calendar. Mend the time column."
        )
    order = known[np.lexsort((known, steps[known], series[known]))]
    number, moment = series[order], steps[order].astype(np.int64)
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = (np.diff(number) != 0) | (np.diff(moment) != 0)
    kept, number, moment = order[is_last], number[is_last], moment[is_last]
    num_series = int(series.max(initial=-1)) + 1
    first, last = _ends(number, moment, num_series)
    lengths = np.where(last >= first, last - first + 1, 0)
    start = np.concatenate(([0], np.cumsum(lengths)))
    if start[-1] > _MOST_SPREAD * len(kept) + 1_000:
        raise DataError(
            f"steps of {frequency.name} give {start[-1]:,} places for {len(kept):,} rows: the "
            "times are no regular series. Gather the rows to regular steps first."
        )
    places = start[number] + moment - first[number]
    row = np.full(start[-1], -1, dtype=np.int64)
    row[places] = kept
    place = np.full(len(times), -1, dtype=np.int64)
    place[kept] = places
    owner = np.repeat(np.arange(num_series), lengths)
    step = np.arange(start[-1]) - start[owner] + first[owner]
    return SeriesGrid(
        frequency=frequency,
        place=place,
        row=row,
        series=owner,
        start=start,
        step=step,
        num_duplicates=int((~is_last).sum()),
        num_timeless=int(len(times) - len(known)),
    )


def _ends(number: np.ndarray, moment: np.ndarray, num_series: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last step of each series; of an empty one the last comes first."""
    first = np.zeros(num_series, dtype=np.int64)
    last = np.full(num_series, -1, dtype=np.int64)
    begins = np.flatnonzero(np.diff(number, prepend=-1) != 0)
    ends = np.append(begins[1:], len(number)) - 1
    if len(number):
        first[number[begins]] = moment[begins]
        last[number[begins]] = moment[ends]
    return first, last
