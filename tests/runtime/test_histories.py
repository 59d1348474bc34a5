"""Histories become the windows that training sees: the same numbers, bit by bit."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from lamina.core.errors import BundleError
from lamina.data.dataset import encode_frame
from lamina.data.histories import HistoryRows
from lamina.data.parts import Part
from lamina.data.windows import Windows
from lamina.export.signature import columns_of
from lamina.runtime.frequency import Frequency
from lamina.runtime.histories import (
    Histories,
    as_list,
    moment_text,
    moments_after,
    one_cell,
    rows_of_table,
    table_of_answers,
)
from lamina.runtime.modalities.table import READERS
from tests.runs.tiny import EVERY
from tests.tasks.examples import encoded


@pytest.fixture(scope="module")
def asked() -> tuple[HistoryRows, Histories]:
    """Rows that ask for every origin of a table, and what cuts windows out of them."""
    task, schema, _ = encoded("forecast")
    rows = task.histories(EVERY["forecast"].make(), schema)
    return rows, _reader(rows, schema)


def _reader(rows, schema, **changes):
    readers = {
        column["name"]: READERS[column["modality"]].from_document(column["state"])
        for column in columns_of(schema, rows.columns)
    }
    return Histories.from_document({**rows.document(), **changes}, rows.history, readers)


def test_windows_are_those_of_training(asked):
    rows, reader = asked
    assert len(rows) > 100
    found = reader.prepare(list(rows))
    assert not found.errors
    wanted = rows.part.samples.batch(rows.part.index).inputs
    assert set(found.inputs) == set(wanted)
    for name, values in found.inputs.items():
        assert values.dtype == wanted[name].numpy().dtype
        np.testing.assert_array_equal(values, wanted[name].numpy())
    assert np.isnan(found.inputs["past"]).any()  # of the gap, and before the first step


def test_order_and_what_a_step_says_first_do_not_count(asked):
    rows, reader = asked
    row = rows[60]
    wanted = reader.prepare([row]).inputs
    back = {n: c[::-1] if isinstance(c, list) else c for n, c in row.items()}
    # The first cell of a step is overruled by the last.
    twice = {n: [c[-1], *c] if isinstance(c, list) else c for n, c in row.items()}
    twice["sold"] = [-1.0, *row["sold"]]
    texts = {**row, "day": [day.strftime("%d.%m.%Y") for day in row["day"]]}
    for changed in (back, twice, texts):
        found = reader.prepare([changed])
        assert not found.errors
        for name, values in found.inputs.items():
            np.testing.assert_array_equal(values, wanted[name])


def test_one_cell_stands_for_all_steps(asked):
    rows, reader = asked
    row = dict(rows[10])
    wanted = reader.prepare([row]).inputs
    found = reader.prepare([{**row, "floor": row["floor"][0]}]).inputs
    # What is known ahead is then known of every step ahead, too, as it is in the list.
    np.testing.assert_array_equal(found["known"], wanted["known"])
    assert one_cell("a") == one_cell(["a", "a"]) == "a"
    assert one_cell(["a", "b"]) is None
    assert as_list(np.array([1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"day": "2024-01-01"}, "must hold a list of times"),
        ({"day": []}, "holds no step"),
        ({"sold": [1.0]}, "'sold' has 1 cells and 'day' has 3"),
        ({"sold": None}, "no step has both a time and a known value of 'sold'"),
        ({"sold": ["a", "b", "c"]}, "no step has both a time and a known value of 'sold'"),
        ({"day": ["x", "y", "z"]}, "no row has a time"),
        (
            {"day": ["1700-01-01", "1900-01-01", "2024-01-01"]},
            "no regular series",
        ),
    ],
)
def test_what_is_no_history_is_told_and_harms_no_other(asked, change, told):
    _, reader = asked
    days = [datetime.date(2024, 1, day) for day in (1, 2, 3)]
    row = {"day": days, "sold": [1.0, 2.0, 3.0], "open": "yes", "rain": 0.0, "floor": 1.0}
    found = reader.prepare([row, {**row, **change}])
    assert found.rows == (0,)
    assert told in found.errors[1]


def test_times_of_the_steps_ahead():
    hour = Frequency("second", 3600)
    assert moments_after(hour, 0.0, 2) == ["1970-01-01T01:00:00", "1970-01-01T02:00:00"]
    month = Frequency("month", 1)
    (last,) = moments_after(
        month, datetime.datetime(2024, 1, 31, tzinfo=datetime.UTC).timestamp(), 1
    )
    assert last == "2024-02-29T00:00:00"
    assert moments_after(Frequency("number", 2), 7.0, 2) == [9, 11]
    assert moments_after(Frequency("number", 0.5), 7.0, 2) == [7.5, 8.0]
    assert moment_text(1e12) == "33658-09-27T01:46:40.000000"


@pytest.mark.parametrize("change", [{"is_known": [True]}, {"levels": []}, {"numbers": ["shop"]}])
def test_damaged_documents_are_refused(asked, change):
    rows, _ = asked
    with pytest.raises(BundleError, match="the windows"):
        _reader(rows, encoded("forecast")[1], **change)


def test_columns_of_another_kind_are_refused(asked):
    rows, _ = asked
    schema = encoded("forecast")[1]
    readers = {
        column["name"]: READERS[column["modality"]].from_document(column["state"])
        for column in columns_of(schema, rows.columns)
    }
    for change in ({"time": "open"}, {"targets": ("rain",)}):
        with pytest.raises(BundleError, match="the windows"):
            Histories.from_document(rows.document(), replace(rows.history, **change), readers)


def test_clocks_of_series_may_be_apart_by_less_than_a_step():
    task, schema, _ = encoded("forecast")
    frame = EVERY["forecast"].make()
    shifted = frame.with_columns(day=frame["day"].cast(datetime_type()))
    half = shifted["day"] + datetime.timedelta(hours=12)
    is_south = shifted["shop"] == "south"
    shifted = shifted.with_columns(day=shifted["day"].zip_with(~is_south, half))
    plain, moved = (Windows(encode_frame(schema, one), task._windows) for one in (frame, shifted))
    assert moved.grid.num_gaps == plain.grid.num_gaps
    rows = HistoryRows(Part(moved, moved.samples(moved.dataset.usable())), shifted)
    found = _reader(rows, schema).prepare(rows[:])
    wanted = rows.part.samples.batch(rows.part.index).inputs
    np.testing.assert_array_equal(found.inputs["phase"], wanted["phase"].numpy())
    np.testing.assert_array_equal(found.inputs["past"], wanted["past"].numpy())


def datetime_type():
    import polars as pl

    return pl.Datetime("us")


def test_a_table_of_several_series_asks_for_each_and_is_answered_step_by_step():
    history = encoded_history()
    table = [
        {"shop": "a", "day": "2024-01-01", "sold": 1},
        {"shop": "b", "day": "2024-01-01", "sold": 7},
        {"shop": "a", "day": "2024-01-02", "sold": 2},
    ]
    first, second = rows_of_table(table, history)
    assert first == {"shop": "a", "day": ["2024-01-01", "2024-01-02"], "sold": [1, 2]}
    assert second == {"shop": "b", "day": ["2024-01-01"], "sold": [7]}
    answers = [
        {"shop": "a", "day": ["x", "y", "z", "w"], "sold": [1.0, 2.0, 3.0, 4.0]},
        {"shop": None, "day": None, "sold": None, "error": "no"},
    ]
    found = table_of_answers(answers, history)
    assert found[1] == {"shop": "a", "day": "y", "sold": 2.0}
    assert found[4:] == [{"shop": None, "day": None, "sold": None, "error": "no"}]


def encoded_history():
    task, schema, _ = encoded("forecast")
    return task.histories(EVERY["forecast"].make(), schema).history
