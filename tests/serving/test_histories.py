"""Histories in requests: what can only be a mistake is refused, with its place."""

import datetime
import json

import pytest

from lamina.serving.config import LimitsConfig
from lamina.serving.histories import steps_from_text
from lamina.serving.refusal import Refusal
from lamina.serving.rows import RowReader
from tests.serving.histories import signature

DAYS = [f"2024-01-{day:02}" for day in range(1, 7)]
ROW = {"day": DAYS, "sold": [1, 2, 3.5, None, 5, 6], "open": "yes", "shop": "north"}


def _read(row):
    reader = RowReader(signature(), LimitsConfig(text_characters=500))
    return reader.read(json.dumps({"row": row}).encode(), "application/json").rows[0]


def test_cells_are_read_one_by_one_and_gaps_are_allowed():
    found = _read({**ROW, "rain": [0, None, 1, 1, 1, 1]})
    assert found["day"][0] == datetime.datetime(2024, 1, 1)
    assert found["sold"][3] is None
    assert found["rain"][1] is None
    assert found["open"] == "yes"
    assert found["shop"] == "north"
    # A missing day is a gap; a column that nobody sends is unknown.
    gone = {"day": DAYS[:2] + DAYS[4:], "sold": [1, 2, 5, 6]}
    assert _read(gone)["rain"] is None


@pytest.mark.parametrize(
    ("change", "status", "where", "told"),
    [
        ({"day": None}, 422, ["row", "day"], "wanted a list of times"),
        ({"day": "2024-01-01"}, 422, ["row", "day"], "wanted a list of times"),
        ({"day": [*DAYS[:5], None]}, 422, ["row", "day", 5], "has no time"),
        ({"day": [*DAYS[:5], "soon"]}, 422, ["row", "day", 5], "a date or time"),
        ({"day": DAYS[::-1]}, 422, ["row", "day", 1], "in order of time"),
        ({"day": [*DAYS[:5], DAYS[4]]}, 422, ["row", "day", 5], "came twice"),
        ({"day": [*DAYS[:5], "2024-01-05T03:00"]}, 422, ["row", "day", 5], "same step of 1 day"),
        ({"day": [f"2024-0{m}-01" for m in range(1, 7)]}, 422, ["row", "day"], "29 steps of 1 day"),
        ({"sold": [1, 2]}, 422, ["row", "sold"], "2 cells came for 6 times"),
        ({"sold": [1, *[None] * 5]}, 422, ["row", "sold"], "too short: 1 of its steps"),
        ({"sold": 3}, 422, ["row", "sold"], "too short: 0 of its steps"),
        ({"sold": [1, 2, "three", 4, 5, 6]}, 422, ["row", "sold", 2], "wanted a number"),
        ({"sold": [1, 2, [3], 4, 5, 6]}, 422, ["row", "sold", 2], "wanted a number"),
        ({"sold": [1] * 501}, 413, ["row", "sold"], "501 steps"),
        ({"shop": ["north"] * 6}, 422, ["row", "shop"], "one series"),
        ({"sale": [1] * 6}, 422, ["row", "sale"], "no column 'sale'"),
    ],
)
def test_what_is_no_history_is_refused(change, status, where, told):
    with pytest.raises(Refusal) as caught:
        _read({**ROW, **change})
    assert caught.value.status == status
    assert list(caught.value.where) == where
    assert told in str(caught.value)


def test_fields_of_a_form_hold_a_cell_per_step():
    sold, shop = signature().field("sold"), signature().field("shop")
    assert steps_from_text("1, 2;\n ;4", sold, has_steps=True) == [1.0, 2.0, None, None, 4.0]
    assert steps_from_text("[1, null]", sold, has_steps=True) == [1, None]
    assert steps_from_text(" north ", shop, has_steps=False) == "north"
    for text in ("[1", "1, two"):
        with pytest.raises(Refusal):
            steps_from_text(text, sold, has_steps=True)


def test_a_form_is_read_as_a_history():
    reader = RowReader(signature(), LimitsConfig())
    parts = {"day": ",".join(DAYS), "sold": "1,2,3,4,5,6", "open": "yes", "shop": "north"}
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in parts.items()
    )
    row = reader.read(f"{body}--b--\r\n".encode(), "multipart/form-data; boundary=b").rows[0]
    assert row["sold"] == [1, 2, 3, 4, 5, 6]
    assert len(row["day"]) == 6
