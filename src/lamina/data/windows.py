"""A dataset seen as forecasts: each sample an origin with its past and its future.

A sample is named by the row of its last known step, so a split of rows in time is a split of
origins: a part holds the origins whose whole future lies in it. Windows are gathered by number out
of one tensor of steps; nothing is copied per window before it is asked for.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import Batch, InputSpec
from lamina.data.dataset import Dataset
from lamina.data.modalities.number import Number
from lamina.data.schema import Column, Schema
from lamina.runtime.calendar import calendar_features, calendar_names
from lamina.runtime.frequency import Frequency
from lamina.runtime.series_grid import SeriesGrid, lay_out
from lamina.runtime.windows import last_known, one_hot, told_apart

YARDSTICKS = "deviations and naive errors"
"""Name of what goes with the targets of forecasts: the sizes of errors that are to be expected."""

CALENDAR = "calendar"
"""What the waves of the calendar are called together."""

_TOGETHER = 2048
_FEWEST_STEPS = 8
_FEW_GAPS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowConfig:
    """Which past is seen and which future is asked for."""

    horizon: int
    """Steps ahead."""
    look_back: int
    """Past steps seen."""
    period: int
    """Steps of a cycle; 1 for none."""
    frequency: Frequency
    """Length of a step."""
    known: tuple[str, ...] = ()
    """Input columns whose future is known when a forecast is made."""


class Windows:
    """Forecast windows over the rows of a dataset.

    Args:
        dataset: Encoded rows with their times.
        config: Which past and which future.

    Raises:
        DataError: The rows have no times, or they make no regular series.
    """

    def __init__(self, dataset: Dataset, config: WindowConfig) -> None:
        if dataset.times is None:
            raise DataError(
                "a forecast needs the times of the rows. Name their column with --time-column; for "
                "rows on disk they are not kept."
            )
        times = dataset.times.cpu().numpy()
        codes = np.zeros(len(times), dtype=np.int64)
        if dataset.series is not None:
            codes = np.unique(dataset.series.cpu().numpy(), return_inverse=True)[1]
        self.dataset, self.config = dataset, config
        self.grid = lay_out(
            times, codes, is_number=config.frequency.unit == "number", frequency=config.frequency
        )
        self.schema: Schema = dataset.schema
        values, known = _columns(dataset, self.grid, config)
        self.channels = tuple(column.name for column in dataset.schema.targets)
        """The targets, in order."""
        self._channels = len(self.channels)
        device = dataset.device
        self._values = torch.from_numpy(values.astype(np.float32)).to(device)
        self._known = torch.from_numpy(known.astype(np.float32)).to(device)
        self._place = torch.from_numpy(self.grid.place).to(device)
        self._series = torch.from_numpy(self.grid.series).to(device)
        self._start = torch.from_numpy(self.grid.start).to(device)
        self._step = torch.from_numpy(self.grid.step).to(device)
        calendar, self._first = _calendar(self.grid, config)
        self._calendar = calendar.to(device)

    @property
    def device(self) -> torch.device:
        """Where sample numbers have to be."""
        return self._values.device

    def batch(self, index: Tensor) -> Batch:
        """Return the windows at some origins.

        Args:
            index: int64 [batch], row numbers of the last known steps.

        Returns:
            A batch with inputs "past" float [batch, look_back, series], NaN where unknown, "known"
            float [batch, look_back + horizon, features] and "phase" int64 [batch], and for each
            target float [batch, horizon], NaN where unknown.
        """
        config = self.config
        place = self._place[index]
        reach = torch.arange(1 - config.look_back, config.horizon + 1, device=index.device)
        places = place[:, None] + reach
        series = self._series[place]
        is_outside = (places < self._start[series][:, None]) | (
            places >= self._start[series + 1][:, None]
        )
        # The last row of the values stands for all that is outside of a series.
        places = torch.where(is_outside, self._values.shape[0] - 1, places)
        window = self._values[places]
        steps = self._step[place][:, None] + reach
        known = torch.cat((self._calendar[steps - self._first], self._known[places]), dim=2)
        future = window[:, config.look_back :]
        inputs = {
            "past": window[:, : config.look_back],
            "known": known,
            "phase": steps[:, 0] % config.period,
        }
        targets = {name: future[:, :, place] for place, name in enumerate(self.channels)}
        return Batch(inputs, targets, index)

    def samples(self, rows: Tensor, *, needs_future: bool = True) -> Tensor:
        """Return the origins whose whole future lies in some rows, in the order of time.

        Args:
            rows: int64, row numbers.
            needs_future: Whether a future without any known value is left out.

        Returns:
            int64, row numbers of the last known steps.
        """
        grid, horizon = self.grid, self.config.horizon
        if not grid.num_places:
            return rows[:0]
        is_in = np.zeros(grid.num_places, dtype=bool)
        places = grid.place[rows.cpu().numpy()]
        is_in[places[places >= 0]] = True
        unknown = torch.isnan(self._values[:-1, : self._channels]).cpu().numpy()
        is_known: np.ndarray = np.logical_not(unknown.all(1))
        # What is not known goes with the row before it.
        filled = np.maximum.accumulate(np.where(unknown.any(1), 0, np.arange(grid.num_places)))
        is_in = is_in | is_in[filled]
        inside, known = _running(is_in), _running(is_known)
        place = np.arange(grid.num_places)
        later = np.minimum(place + horizon, grid.num_places - 1)
        is_whole = place + horizon < grid.start[grid.series + 1]
        is_whole &= inside[later + 1] - inside[place + 1] == horizon
        if needs_future:
            is_whole &= known[later + 1] > known[place + 1]
        begin = grid.start[grid.series]
        wanted = min(self.config.look_back, max(horizon, self.config.period, _FEWEST_STEPS))
        back = np.maximum(begin, place + 1 - self.config.look_back)
        enough = known[place + 1] - known[back] >= 1
        if needs_future:
            enough &= place + 1 - begin >= np.minimum(
                wanted, (grid.start[grid.series + 1] - begin) // 2
            )
        found = grid.row[is_whole & enough & (grid.row >= 0)]
        return torch.from_numpy(found).to(rows.device)

    def last_origins(self) -> Tensor:
        """Return the row of the last known step of each series, from where the future is asked.

        Raises:
            DataError: The rows are of longer steps than those of training.
        """
        told = np.flatnonzero(self.grid.row >= 0)
        gaps = np.diff(told)[np.diff(self.grid.series[told]) == 0]
        if len(gaps) >= _FEW_GAPS and gaps.min() > 1:
            step = self.config.frequency.name
            raise DataError(
                f"all rows of a series are {gaps.min():,} steps of {step} apart or more, and the "
                f"model forecasts steps of {step}. Give rows of that step."
            )
        is_known = (~torch.isnan(self._values[:-1, : self._channels])).any(1).cpu().numpy()
        is_known &= self.grid.row >= 0
        last = last_known(is_known, self.grid.series, self.grid.num_series)
        return torch.from_numpy(self.grid.row[last]).to(self.device)

    def is_origin(self, rows: Tensor) -> Tensor:
        """Return of rows whether each is a known step of a series, bool [rows].

        Args:
            rows: int64, row numbers.
        """
        place = self._place[rows]
        known = (~torch.isnan(self._values[place, : self._channels])).any(dim=1)
        return (place >= 0) & known

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of origins: all windows are of one length.

        Args:
            index: int64 [origins].
        """
        return torch.arange(len(index), device=index.device)

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return the future of some origins, and the yardsticks of their series, on the CPU.

        Args:
            index: int64 [origins].

        Returns:
            For each target float [origins, horizon], encoded, NaN where unknown, and under
            `YARDSTICKS` float64 [origins, 2, channels], in the unit of the series.
        """
        parts = [self.batch(some).targets for some in index.split(_TOGETHER)]
        found = {
            name: torch.cat([part[name] for part in parts]).cpu() if parts else torch.zeros(0)
            for name in self.channels
        }
        found[YARDSTICKS] = torch.from_numpy(self._yardsticks(index))
        return found

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row of the last known step of each origin: its own number.

        Args:
            index: int64 [origins].
        """
        return index

    def raw(self) -> np.ndarray:
        """Return the targets at all places in their unit, float64 [places, channels]."""
        values = self._values[:-1, : self._channels].cpu().double().numpy()
        columns = [
            in_unit(values[:, place], self.schema.column(name))
            for place, name in enumerate(self.channels)
        ]
        return np.stack(columns, axis=1)

    def places(self, index: Tensor) -> np.ndarray:
        """Return the places of some origins, int64 [origins].

        Args:
            index: int64 [origins].
        """
        return self.grid.place[index.cpu().numpy()]

    def _yardsticks(self, index: Tensor) -> np.ndarray:
        """Return deviation and naive error of each origin's series, before its first origin."""
        grid, raw, places = self.grid, self.raw(), self.places(index)
        numbers = grid.series[places]
        found = np.full((len(places), 2, self._channels), np.nan)
        for number in np.unique(numbers):
            is_own = numbers == number
            begin, stop = grid.start[number], grid.start[number + 1]
            own = raw[begin : places[is_own].min() + 1]
            if len(own) < 2 * self.config.period + 1:
                own = raw[begin:stop]  # too little came before to know what errors are usual
            found[is_own, 0] = np.nanstd(own, axis=0) if len(own) else np.nan
            found[is_own, 1] = seasonal_error(own, self.config.period)
        fitted = [self.schema.column(name).fitted for name in self.channels]
        for place, state in enumerate(fitted):
            if grid.num_series == 1 and isinstance(state, Number) and state.transform == "none":
                found[:, 0, place] = state.scale  # the deviation in the training part
        return found


def in_unit(values: np.ndarray, column: Column) -> np.ndarray:
    """Return encoded numbers of a target in its unit, however far from the training part.

    Args:
        values: float [...], encoded.
        column: The fitted column.
    """
    fitted = column.fitted
    assert isinstance(fitted, Number), "targets of forecasts are numbers"
    numbers = np.asarray(values, dtype=np.float64) * fitted.scale + fitted.center
    return np.exp(np.minimum(numbers, 700.0)) if fitted.transform == "log" else numbers


def seasonal_error(series: np.ndarray, period: int) -> np.ndarray:
    """Return the mean absolute change over one period, NaN where no two steps lie that far apart.

    Args:
        series: float [steps, channels], NaN where unknown.
        period: Steps of a cycle; 1 for none.
    """
    changes = np.abs(series[period:] - series[:-period])
    count = (~np.isnan(changes)).sum(0)
    return np.where(count > 0, np.nansum(changes, axis=0) / np.maximum(count, 1), np.nan)


def window_specs(schema: Schema, config: WindowConfig) -> tuple[InputSpec, ...]:
    """Return what a network must know about the windows of fitted columns.

    Args:
        schema: The fitted schema.
        config: Which past and which future.
    """
    labels = feature_labels(schema.input_specs())
    is_known = are_known(labels, config)
    past = tuple(c.name for c in schema.targets)
    past += tuple(label for label, own in zip(labels, is_known) if not own)
    known = calendar_names(config.frequency)
    known += tuple(label for label, own in zip(labels, is_known) if own)
    steps = config.look_back + config.horizon
    return (
        InputSpec("past", "window", past, (config.look_back, len(past))),
        InputSpec("known", "window", known, (steps, len(known))),
        InputSpec("phase", "phase", (), (), cardinalities=(config.period,)),
    )


def window_owners(
    schema: Schema, config: WindowConfig, *, reads_others: bool
) -> tuple[tuple[str, ...], ...]:
    """Return the column of each number of the windows: of the past, and of what is known ahead.

    Args:
        schema: The fitted schema.
        config: Which past and which future.
        reads_others: Whether the past of columns that are no targets is looked at; else their
            numbers belong to "".
    """
    specs = schema.input_specs()
    is_known = are_known(feature_labels(specs), config)
    owners: list[str] = []
    for spec in specs:
        if spec.kind == "number":
            owners += spec.columns
        elif spec.kind == "category":
            for column, count in zip(spec.columns, spec.cardinalities):
                owners += [column] * told_apart(count)
    past = tuple(target.name for target in schema.targets)
    past += tuple(name * reads_others for name, own in zip(owners, is_known) if not own)
    known = (CALENDAR,) * len(calendar_names(config.frequency))
    return past, known + tuple(name for name, own in zip(owners, is_known) if own)


def known_references(schema: Schema, config: WindowConfig, count: int) -> Tensor:
    """Return what stands in for what is known of a step, float32 [count, features].

    Each column takes values spread evenly over its training values; the calendar has no wave.

    Args:
        schema: The fitted schema.
        config: Which past and which future.
        count: How many.
    """
    specs = schema.input_specs()
    parts = [torch.zeros(count, 0)]
    for spec in specs:
        if spec.kind not in ("number", "category"):
            continue
        for place, name in enumerate(dict.fromkeys(spec.columns)):
            fitted = schema.column(name).fitted
            assert fitted is not None, "a model has a fitted schema"
            values = fitted.references(count)
            if spec.kind == "category":
                levels = (told_apart(spec.cardinalities[place]),)
                values = torch.from_numpy(one_hot(values.numpy(), levels))
            parts.append(values.float())
    is_known = torch.tensor(are_known(feature_labels(specs), config), dtype=torch.bool)
    calendar = torch.zeros(count, len(calendar_names(config.frequency)))
    return torch.cat((calendar, torch.cat(parts, dim=1)[:, is_known]), dim=1)


def _columns(
    dataset: Dataset, grid: SeriesGrid, config: WindowConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Return series and what is known ahead at their places; the last row is outside of all."""
    rows = len(dataset)
    targets = [
        dataset.plain_target(c.name).reshape(rows, -1)[:, :1].float()
        if c.name in dataset.targets
        else torch.full((rows, 1), torch.nan)
        for c in dataset.schema.targets
    ]
    features = _features(dataset)
    is_known = np.array(are_known(feature_labels(dataset.input_specs()), config), dtype=bool)
    cells = [target.cpu().numpy() for target in targets]
    past = np.concatenate([*cells, features[:, ~is_known]], axis=1)
    ahead = features[:, is_known]
    return (
        np.concatenate([grid.laid_out(past), np.full((1, past.shape[1]), np.nan)]),
        np.concatenate([np.nan_to_num(grid.laid_out(ahead)), np.zeros((1, ahead.shape[1]))]),
    )


def feature_labels(specs: tuple[InputSpec, ...]) -> list[str]:
    """Return the names of all features: numbers, and levels of categories.

    Args:
        specs: Of the inputs of the table.
    """
    names: list[str] = []
    for spec in specs:
        if spec.kind == "number":
            names += spec.columns
        elif spec.kind == "category":
            for column, count in zip(spec.columns, spec.cardinalities):
                names += [f"{column}={level}" for level in range(1, told_apart(count) + 1)]
    return names


def are_known(labels: list[str], config: WindowConfig) -> list[bool]:
    """Return of each feature whether its future is known.

    Args:
        labels: As `feature_labels` gives them.
        config: Which columns are known ahead.
    """
    return [label in config.known or label.split("=")[0] in config.known for label in labels]


def _features(dataset: Dataset) -> np.ndarray:
    """Return numbers, and categories one-hot, float32 [rows, features], in the order of labels."""
    parts = [np.zeros((len(dataset), 0), dtype=np.float32)]
    for spec in dataset.input_specs():
        rows = dataset.inputs[spec.name]
        if not isinstance(rows, Tensor):
            continue
        cells = rows.cpu().numpy()
        if spec.kind == "number":
            parts.append(cells)
        elif spec.kind == "category":
            parts.append(one_hot(cells, tuple(map(told_apart, spec.cardinalities))))
    return np.concatenate(parts, axis=1)


def _calendar(grid: SeriesGrid, config: WindowConfig) -> tuple[Tensor, int]:
    """Return features of the calendar for every step within reach, and the number of the first."""
    first = int(grid.step.min(initial=0)) - config.look_back
    last = int(grid.step.max(initial=0)) + config.horizon
    return torch.from_numpy(calendar_features(config.frequency, first, last + 1)), first


def _running(flags: np.ndarray) -> np.ndarray:
    """Return how many are true before each place, one longer than the flags."""
    return np.concatenate(([0], np.cumsum(flags)))
