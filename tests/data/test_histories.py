import datetime

import polars as pl

from tests.runs.tiny import EVERY
from tests.tasks.examples import encoded


def _rows(frame=None):
    task, schema, _ = encoded("forecast")
    return task.histories(EVERY["forecast"].make() if frame is None else frame, schema)


def test_a_row_is_the_past_of_one_series_and_what_is_known_of_the_future():
    rows = _rows()
    history = rows.history
    assert (history.time, history.series, history.targets) == ("day", "shop", ("sold",))
    assert set(history.known) == {"open", "floor"}
    assert (history.horizon, history.step) == (4, "1 day")
    assert [column.name for column in rows.columns] == ["day", "sold", "open", "rain", "floor"]
    row = rows[-1]
    assert row["shop"] == "south"
    steps = len(row["day"])
    assert steps == history.look_back + 4
    assert all(len(row[name]) == steps for name in ("sold", "open", "rain", "floor"))
    # Of the future only what is known ahead is told.
    assert row["sold"][-4:] == row["rain"][-4:] == [None] * 4
    assert None not in row["sold"][:-4]
    assert None not in row["open"]
    days = list(row["day"])
    assert days == sorted(days)
    assert rows[-1] == rows[len(rows) - 1]
    assert rows[3:5] == [rows[3], rows[4]]
    assert len(list(rows)) == len(rows)


def test_the_typical_history_is_like_the_table_and_none_of_its_rows():
    rows = _rows()
    typical = rows.typical()
    assert len(typical["day"]) == len(typical["sold"]) == rows.history.look_back
    # The last step is the last of the table.
    assert typical["day"][-1] == "2024-03-30T00:00:00"
    assert typical["sold"][:7] == typical["sold"][7:14]
    assert max(typical["sold"]) - min(typical["sold"]) > 100
    assert not set(typical["sold"]) & set(EVERY["forecast"].make()["sold"].to_list())


def test_a_gap_is_no_step_of_a_row():
    gone = datetime.date(2024, 2, 3)
    rows = _rows()
    north = [row for row in rows if row["shop"] == "north"]
    assert not any(gone in row["day"] for row in north)
    assert any(gone in row["day"] for row in rows if row["shop"] == "south")


def test_columns_that_windows_do_not_show_are_not_asked_for():
    frame = EVERY["forecast"].make().with_columns(note=pl.lit("a text of several words"))
    assert "note" not in _rows(frame)[0]
