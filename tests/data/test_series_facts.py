import numpy as np
import polars as pl
import pytest
import torch

from lamina.data.dataset import encode_frame
from lamina.data.schema import fit_schema, infer_schema
from lamina.data.series_facts import series_facts


def _facts(frame, *, train=None, **roles):
    schema = fit_schema(infer_schema(frame, targets=["y"], roles=roles), frame)
    rows = torch.arange(frame.height if train is None else train)
    return series_facts(encode_frame(schema, frame), rows)


def _waves(num_series=3, steps=200, period=12):
    time = np.arange(steps)
    frames = [
        pl.DataFrame(
            {
                "who": [f"s{n}"] * (steps - 20 * n),
                "t": time[20 * n :],
                "y": (10 * n + np.sin(2 * np.pi * time / period))[20 * n :],
            }
        )
        for n in range(num_series)
    ]
    return pl.concat(frames)


def test_a_long_table():
    frame = _waves().filter(~((pl.col("who") == "s1") & (pl.col("t") == 100)))
    frame = pl.concat([frame, frame[:2]])
    facts = _facts(frame, time="t", series="who")
    assert facts.frequency.name == "1"
    assert (facts.period, facts.num_series) == (12, 3)
    assert (facts.num_gaps, facts.num_duplicates, facts.num_timeless) == (1, 2, 0)
    assert facts.repeated == pytest.approx(1.0, abs=0.05)
    for words in ("3 series", "after 12 steps", "1 steps are missing", "2 rows"):
        assert words in facts.told


def test_the_cycle_is_sought_in_the_training_part():
    wave, noise = _waves(1, 150)["y"], np.random.default_rng(0).normal(size=150)
    frame = pl.DataFrame({"t": range(300), "y": np.concatenate([noise, wave])})
    assert _facts(frame, train=150, time="t").period == 1
    assert _facts(frame[150:], time="t").period == 12
    assert "no cycle" in _facts(frame, train=150, time="t").told


def test_rows_without_times_are_no_series():
    frame = _waves(1).drop("who")
    assert _facts(frame.with_columns(x=pl.col("y").sin())) is None
    assert _facts(frame.with_columns(t=pl.lit(3.0)), time="t") is None
