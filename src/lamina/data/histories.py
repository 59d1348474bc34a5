"""Origins of a table as rows of their own: the past of one series each, a list of cells per column.

So an exported model is asked for a forecast (`lamina.runtime.histories`). A row is made when it is
asked for: neighbouring origins share nearly all of their past.
"""

from typing import Any, final

import numpy as np
import polars as pl
from typing_extensions import override

from lamina.core.made_rows import AbstractMadeRows
from lamina.data.modalities.cells import as_text
from lamina.data.parts import Part
from lamina.data.plain_cells import cells_of
from lamina.data.schema import Column, Schema
from lamina.data.windows import WindowConfig, Windows, are_known, feature_labels
from lamina.runtime.histories import moment_text
from lamina.runtime.signature import History
from lamina.runtime.windows import told_apart

_TYPICAL_STEPS = 400


@final
class HistoryRows(AbstractMadeRows):
    """The rows that ask for the forecasts of some origins.

    Args:
        part: The origins, of windows.
        frame: The raw rows of the table.
        reads_others: Whether the network looks at the past of columns that are no targets.
    """

    def __init__(self, part: Part, frame: pl.DataFrame, *, reads_others: bool = True) -> None:
        assert isinstance(part.samples, Windows), "origins are samples of windows"
        self.part, self._windows = part, part.samples
        schema, config = self._windows.schema, self._windows.config
        self.history = history_of(schema, config, reads_others=reads_others)
        """What such a row is."""
        self._origins = self._windows.places(part.index)
        time = schema.with_role("time")
        assert time is not None, "windows have times"
        self.columns: tuple[Column, ...] = (time, *schema.targets, *seen(schema))
        """The columns whose cells are lists: times, targets, inputs."""
        names = [column.name for column in self.columns]
        self._cells = {name: cells_of(frame[name], is_file=False) for name in names}
        series = self.history.series
        self._series = as_text(frame[series]).to_list() if series else None

    def __len__(self) -> int:
        return len(self.part)

    @override
    def _made(self, number: int) -> dict[str, Any]:
        history, grid = self.history, self._windows.grid
        place = int(self._origins[number])
        begin, stop = (int(grid.start[grid.series[place] + end]) for end in (0, 1))
        before = grid.row[max(begin, place + 1 - history.look_back) : place + 1]
        after = grid.row[place + 1 : min(stop, place + 1 + history.horizon)]
        before, after = before[before >= 0].tolist(), after[after >= 0].tolist()
        row: dict[str, Any] = {}
        for name, cells in self._cells.items():
            is_told = name == history.time or name in history.known
            ahead = [cells[one] if is_told else None for one in after]
            row[name] = [*(cells[one] for one in before), *ahead]
        if history.series:
            row[history.series] = self.series_of(number)
        return row

    def series_of(self, number: int) -> str | None:
        """Return the name of the series of an origin; None where it has none.

        Args:
            number: Place of the origin among these.
        """
        row = int(self._windows.grid.row[self._origins[number]])
        return None if self._series is None else self._series[row]

    def document(self) -> dict[str, Any]:
        """Return how windows are cut out of such rows, for `lamina.runtime.histories`."""
        schema, config = self._windows.schema, self._windows.config
        specs = {spec.kind: spec for spec in schema.input_specs()}
        names = {
            kind: list(dict.fromkeys(specs[kind].columns)) if kind in specs else []
            for kind in ("number", "category")
        }
        sizes = specs["category"].cardinalities if "category" in specs else ()
        return {
            "numbers": names["number"],
            "categories": names["category"],
            "levels": [told_apart(size) for size in sizes],
            "is_known": are_known(feature_labels(schema.input_specs()), config),
        }

    def typical(self) -> dict[str, tuple[Any, ...]]:
        """Return times and targets of a history that is like those of the table.

        No series of the table is in it: a step has the mean of those at the same place of the
        cycle.
        """
        windows, config = self._windows, self._windows.config
        grid, raw = windows.grid, windows.raw()
        count = min(config.look_back, _TYPICAL_STEPS)
        last = int(grid.step.argmax())
        known = last if grid.row[last] >= 0 else int(np.flatnonzero(grid.row >= 0)[-1])
        assert windows.dataset.times is not None, "windows have times"
        origin = float(windows.dataset.times[int(grid.row[known])])
        back = range(1 - count, 1)
        moments = [config.frequency.later(origin, step) for step in back]
        phases = np.array([(int(grid.step[known]) + step) % config.period for step in back])
        every = grid.step % config.period
        is_number = config.frequency.unit == "number"
        told = moments if is_number else [moment_text(moment) for moment in moments]
        found: dict[str, tuple[Any, ...]] = {self.history.time: tuple(told)}
        for place, name in enumerate(self.history.targets):
            column = raw[:, place]
            whole = float(np.nanmean(column)) if np.isfinite(column).any() else 0.0
            is_own = np.isfinite(column)
            sums = np.bincount(every[is_own], column[is_own], minlength=config.period)
            counts = np.bincount(every[is_own], minlength=config.period)
            means = np.where(counts > 0, sums / np.maximum(counts, 1), whole)
            found[name] = tuple(float(f"{value:.5g}") for value in means[phases])
        return found


def history_of(schema: Schema, config: WindowConfig, *, reads_others: bool) -> History:
    """Return what a row is that asks for a forecast.

    Args:
        schema: The fitted schema.
        config: Which past and which future.
        reads_others: Whether the network looks at the past of columns that are no targets.
    """
    time, series = schema.with_role("time"), schema.with_role("series")
    assert time is not None, "windows have times"
    names = [column.name for column in seen(schema)]
    return History(
        time=time.name,
        series="" if series is None else series.name,
        targets=tuple(target.name for target in schema.targets),
        known=tuple(name for name in config.known if name in names),
        past=tuple(name for name in names if name not in config.known) if reads_others else (),
        period=config.period,
        look_back=config.look_back,
        horizon=config.horizon,
        step=config.frequency.name,
    )


def seen(schema: Schema) -> tuple[Column, ...]:
    """Return the input columns that windows show: numbers, dates and categories.

    Args:
        schema: The fitted schema.
    """
    return tuple(
        column
        for column in schema.inputs
        if column.fitted is not None and column.fitted.kind in ("number", "category")
    )
