"""What the rows of a table are as series: step, cycle, lengths, gaps and duplicates."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from lamina.core.errors import DataError
from lamina.data.dataset import Dataset
from lamina.data.modalities.number import Number
from lamina.data.seasonality import find_period
from lamina.runtime.frequency import Frequency, find_frequency
from lamina.runtime.series_grid import SeriesGrid, lay_out

_MOST_SERIES = 200
_USUAL_DAY = 96


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What was found about the series of a table."""

    frequency: Frequency
    """Length of a step."""
    period: int
    """Steps of the cycle that explains most; 1 for none."""
    repeated: float
    """Correlation of a typical series, freed of its trend, with itself a cycle later."""
    num_series: int
    """Series."""
    median_length: int
    """Steps of a typical series, in the training part."""
    num_gaps: int
    """Steps without a row."""
    num_duplicates: int
    """Rows left out because another of the same series and step came later."""
    num_timeless: int
    """Rows without a time."""
    static: tuple[str, ...] = ()
    """Columns that never change within a series, and so are known ahead."""

    @property
    def told(self) -> str:
        """All of it in one sentence."""
        series = "1 series" if self.num_series == 1 else f"{self.num_series:,} series"
        parts = [f"{series} with steps of {self.frequency.name}"]
        parts.append(
            f"they repeat after {self.period:,} steps (correlation {self.repeated:.2f})"
            if self.period > 1
            else "no cycle was found"
        )
        parts += [
            f"{count:,} {what}"
            for count, what in (
                (self.num_gaps, "steps are missing"),
                (self.num_duplicates, "rows are of a step that another row has"),
                (self.num_timeless, "rows have no time"),
            )
            if count
        ]
        return "; ".join(parts)


def series_facts(dataset: Dataset, train: Tensor) -> SeriesFacts | None:
    """Return what the rows are as series; None where they have no times or make no series.

    Args:
        dataset: Encoded rows.
        train: int64, row numbers of the training part; the cycle is found in it.
    """
    column = dataset.schema.with_role("time")
    if dataset.times is None or column is None:
        return None
    times = dataset.times.cpu().numpy()
    codes = np.zeros(len(times), dtype=np.int64)
    if dataset.series is not None:
        codes = dataset.series.cpu().numpy()
    is_number = isinstance(column.fitted, Number)
    try:
        frequency = find_frequency(times, codes, is_number=is_number)
        grid = lay_out(times, codes, is_number=is_number, frequency=frequency)
    except DataError:
        return None
    period, repeated = _cycle(dataset, grid, train.cpu().numpy())
    lengths = np.bincount(grid.series[grid.place[train.cpu().numpy()].clip(0)])
    return SeriesFacts(
        frequency=frequency,
        period=period,
        repeated=repeated,
        num_series=grid.num_series,
        median_length=int(np.median(lengths[lengths > 0])),
        num_gaps=grid.num_gaps,
        num_duplicates=grid.num_duplicates,
        num_timeless=grid.num_timeless,
        static=_static(dataset, grid),
    )


def _static(dataset: Dataset, grid: SeriesGrid) -> tuple[str, ...]:
    """Return the input columns that never change within a series."""
    if grid.num_series < 2:
        return ()
    found = []
    for spec in dataset.input_specs():
        rows = dataset.inputs[spec.name]
        if spec.kind not in ("number", "category") or not isinstance(rows, Tensor):
            continue
        laid = grid.laid_out(rows.cpu().double().numpy())
        first = laid[np.minimum(grid.start[:-1], len(laid) - 1)][grid.series]
        same = ((laid == first) | np.isnan(laid)).all(0)
        for name in dict.fromkeys(spec.columns):
            if all(own for column, own in zip(spec.columns, same) if column == name):
                found.append(name)
    return tuple(found)


def _cycle(dataset: Dataset, grid: SeriesGrid, train: np.ndarray) -> tuple[int, float]:
    """Return the cycle of the targets in the training part."""
    plain = map(dataset.plain_target, dataset.targets)
    targets = [value.reshape(len(dataset), -1)[:, 0].float() for value in plain]
    if not targets:
        return 1, 0.0
    cells = np.stack([target.cpu().numpy().astype(np.float64) for target in targets], axis=1)
    is_trained = np.zeros(len(cells), dtype=bool)
    is_trained[train] = True
    laid = grid.laid_out(np.where(is_trained[:, None], cells, np.nan))
    numbers = np.arange(grid.num_series)
    if len(numbers) > _MOST_SERIES:
        numbers = np.linspace(0, len(numbers) - 1, _MOST_SERIES).astype(np.int64)
    columns = [
        laid[grid.start[number] : grid.start[number + 1], channel]
        for number in numbers
        for channel in range(laid.shape[1])
    ]
    longest = max(map(len, columns), default=0)
    table = np.full((longest, len(columns)), np.nan)
    for place, column in enumerate(columns):
        table[longest - len(column) :, place] = column
    candidates = [count for count in grid.frequency.cycles() if count <= longest // 5]
    # Cycles of a year in steps of an hour are too long to be learnt step by step.
    return find_period(table, [count for count in candidates if count <= 7 * _USUAL_DAY])
