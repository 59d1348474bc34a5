from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.dataset import encode_frame
from lamina.data.schema import fit_schema, infer_schema
from lamina.data.windows import YARDSTICKS, WindowConfig, Windows, in_unit, window_specs
from lamina.runtime.frequency import Frequency

STEP = Frequency("number", 1)


def _wide(steps=40):
    time = pl.Series("t", range(steps))
    value = pl.Series("y", [float(i) for i in range(steps)])
    other = pl.Series("x", [float(10 * i) for i in range(steps)])
    return pl.DataFrame([time, value, other])


def _windows(frame, *, series=None, time="t", **settings):
    config = {"horizon": 3, "look_back": 5, "period": 4, "frequency": STEP, **settings}
    schema = fit_schema(
        infer_schema(frame, targets=["y"], roles={"time": time, "series": series}), frame
    )
    return Windows(encode_frame(schema, frame), WindowConfig(**config))


def _raw(windows, values):
    """Return encoded targets in their unit."""
    fitted = windows.schema.column("y").fitted
    return (values * fitted.scale + fitted.center).round(decimals=3)


def test_a_window_by_hand():
    windows = _windows(_wide())
    batch = windows.batch(torch.tensor([10, 2]))
    past = _raw(windows, batch.inputs["past"][..., 0])
    assert past[0].tolist() == [6, 7, 8, 9, 10]
    assert past[1, 2:].tolist() == [0, 1, 2]
    assert past[1, :2].isnan().all()  # before the series began
    assert _raw(windows, batch.targets["y"]).tolist() == [[11, 12, 13], [3, 4, 5]]
    assert batch.inputs["past"].shape == (2, 5, 2)
    assert batch.inputs["known"].shape == (2, 8, 0)
    assert batch.inputs["phase"].tolist() == [6 % 4, -2 % 4]
    assert batch.index.tolist() == [10, 2]


def test_a_part_holds_the_origins_whose_future_lies_in_it():
    windows = _windows(_wide())
    train, validation, test = torch.arange(24), torch.arange(24, 32), torch.arange(32, 40)
    # The last training origin is 20, whose future is 21, 22 and 23.
    assert windows.samples(train).tolist() == list(range(4, 21))
    assert windows.samples(validation).tolist() == [23, 24, 25, 26, 27, 28]
    assert windows.samples(test).tolist() == [31, 32, 33, 34, 35, 36]
    assert windows.samples(test[:2]).tolist() == []
    assert windows.last_origins().tolist() == [39]


def test_no_window_looks_into_another_series():
    frame = pl.concat(
        [
            _wide(12).with_columns(id=pl.lit("b"), y=pl.col("y") + 100),
            _wide(9).with_columns(id=pl.lit("a")),
        ]
    )
    order = np.random.default_rng(0).permutation(21)
    windows = _windows(frame[order], series="id")
    for origin in windows.samples(torch.arange(21)).tolist():
        name, step = frame[order]["id"][origin], frame[order]["t"][origin]
        batch = windows.batch(torch.tensor([origin]))
        base = 100 if name == "b" else 0
        future = _raw(windows, batch.targets["y"][0]).tolist()
        assert future == [base + step + 1, base + step + 2, base + step + 3]
        past = _raw(windows, batch.inputs["past"][0, :, 0])
        wanted = [float(base + s) if s >= 0 else None for s in range(step - 4, step + 1)]
        assert [None if np.isnan(p) else p for p in past.tolist()] == wanted
    last = frame[order][windows.last_origins().numpy()]
    assert dict(zip(last["id"], last["t"], strict=True)) == {"a": 8, "b": 11}


def test_gaps_are_unknown_and_stay_with_the_part_before_them():
    frame = _wide().filter(~pl.col("t").is_in([12, 13]))
    windows = _windows(frame)
    batch = windows.batch(torch.tensor([11]))  # the row of step 11; row 12 is step 14
    future = _raw(windows, batch.targets["y"][0])
    assert future[:2].isnan().all()
    assert future[2] == 14
    assert 11 in windows.samples(torch.arange(20)).tolist()


def test_what_is_known_ahead():
    frame = pl.concat(
        [
            _wide(12).with_columns(id=pl.lit(name), size=pl.lit(size))
            for name, size in (("a", 1.0), ("b", 2.0))
        ]
    )
    windows = _windows(frame, series="id", known=("x", "size"))
    past, known, _ = window_specs(windows.schema, windows.config)
    assert past.columns == ("y",)
    assert known.columns == ("x", "size")
    inputs = windows.batch(torch.tensor([6])).inputs
    assert inputs["known"][0, 5:, 0].diff().gt(0).all()  # of the future, too
    assert inputs["known"][0, :, 1].unique().numel() == 1


def test_the_calendar_reaches_beyond_the_last_row():
    moments = [datetime(2024, 1, 1) + timedelta(hours=i) for i in range(40)]
    frame = _wide().with_columns(t=pl.Series(moments))
    windows = _windows(frame, frequency=Frequency("second", 3600), period=24)
    inputs = windows.batch(windows.last_origins()).inputs
    known = window_specs(windows.schema, windows.config)[1]
    assert known.columns[:2] == ("hour sine", "hour cosine")
    hours = [(15 + step) % 24 for step in range(1, 4)]
    wanted = [np.sin(2 * np.pi * hour / 24) for hour in hours]
    assert inputs["known"][0, 5:, 0].tolist() == pytest.approx(wanted, abs=1e-4)
    assert windows.batch(windows.last_origins()).targets["y"].isnan().all()


def test_specs_fit_the_windows():
    windows = _windows(_wide(), known=("x",))
    inputs = windows.batch(torch.tensor([10])).inputs
    for spec in window_specs(windows.schema, windows.config)[:2]:
        assert inputs[spec.name].shape[1:] == spec.shape
        assert spec.shape[1] == len(spec.columns)


def test_unknown_targets_within_a_part_do_not_break_it():
    frame = _wide().with_columns(
        y=pl.when(pl.col("t").is_in([8, 9])).then(None).otherwise(pl.col("y"))
    )
    windows = _windows(frame)
    rows = windows.dataset.usable(torch.arange(20))
    assert {6, 7}.issubset(windows.samples(rows).tolist())


def test_targets_bring_the_yardsticks_of_their_series():
    windows = _windows(_wide())
    origins = torch.tensor([20, 30])
    found = windows.targets_of(origins)
    assert _raw(windows, found["y"]).tolist() == [[21, 22, 23], [31, 32, 33]]
    deviation, naive = found[YARDSTICKS][0, :, 0].tolist()
    assert deviation == pytest.approx(windows.schema.column("y").fitted.scale)
    assert naive == pytest.approx(4.0)  # a line rises by four within a cycle of four steps
    assert windows.rows_of(origins).tolist() == [20, 30]


def test_the_unit_of_logarithms_is_given_back():
    windows = _windows(_wide().with_columns(y=pl.col("y").exp() + 1))
    column = windows.schema.column("y")
    assert in_unit(np.array([0.0]), column)[0] == pytest.approx(
        np.exp(column.fitted.center) if column.fitted.transform == "log" else column.fitted.center
    )


def test_without_times_there_is_no_forecast():
    with pytest.raises(DataError, match="--time-column"):
        _windows(_wide(), time=None)
