import math
from datetime import datetime

import numpy as np
import pytest

from lamina.runtime.signature import Field, Signature
from lamina.serving.drift import (
    DriftMonitor,
    bins_of,
    chi_squared_quantile,
    stability_index,
)
from tests.serving.fakes import AGE, BOUGHT, COLOUR, IS_NEW, NOTE, PHOTO, YES_NO

X = Field(name="x", modality="number", quantiles=tuple(np.linspace(0, 1, 21).tolist()), typical=0.5)


def monitor(*fields: Field, num_rows: int = 1000) -> DriftMonitor:
    signature = Signature(name="m", task="t", fields=fields, answers=YES_NO)
    return DriftMonitor(signature, num_rows=num_rows)


def states(one: DriftMonitor) -> dict[str, str]:
    return {column.column: column.state for column in one.report()}


def test_the_index_of_a_case_worked_out_by_hand():
    # 1000 rows: shares .5, .3, .2 now, .4, .4, .2 in training (half a row changes little):
    # .1 ln(.5/.4) + (-.1) ln(.3/.4) + 0 = .02231 + .02877 = .05108
    found = stability_index(np.array([500, 300, 200]), np.array([0.4, 0.4, 0.2]))
    assert found == pytest.approx(0.05108, abs=3e-4)


def test_equal_shares_have_the_index_zero():
    assert stability_index(np.array([40, 40, 20]), np.array([0.4, 0.4, 0.2])) == pytest.approx(0)


@pytest.mark.parametrize(
    ("freedom", "level", "table"),
    [(1, 0.95, 3.841), (4, 0.99, 13.277), (10, 0.999, 29.588), (10, 0.9999, 35.564)],
)
def test_quantiles_of_chi_squared_against_a_table(freedom, level, table):
    assert chi_squared_quantile(freedom, level) == pytest.approx(table, rel=0.03)


def test_rows_like_those_of_training_raise_no_alarm():
    chance = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        one = monitor(X, COLOUR, num_rows=100)
        levels = chance.choice(COLOUR.levels, 100, p=COLOUR.shares)
        values = chance.uniform(size=100)
        one.add([{"x": float(x), "colour": str(c)} for x, c in zip(values, levels)])
        alarms += any(state != "stable" for state in states(one).values())
    # At .001 per window, three of two hundred would be a chance of one in a thousand.
    assert alarms <= 2


def test_the_threshold_is_what_noise_reaches_with_its_stated_chance():
    chance = np.random.default_rng(1)
    shares = np.array([0.1] * 10)
    found = [stability_index(chance.multinomial(500, shares), shares) for _ in range(4000)]
    bound = chi_squared_quantile(9, 0.99) / 500
    assert 0.004 < np.mean(np.array(found) > bound) < 0.02


def test_rows_that_moved_are_found():
    chance = np.random.default_rng(2)
    one = monitor(X, COLOUR, IS_NEW)
    one.add(
        [
            {"x": float(x) * 0.5, "colour": "violet", "is_new": bool(x < 0.25)}
            for x in chance.uniform(size=500)
        ]
    )
    assert states(one) == {"x": "drifted", "colour": "drifted", "is_new": "stable"}
    report = {column.column: column for column in one.report()}
    assert report["x"].psi > report["x"].threshold
    assert dict(zip(report["colour"].bins, report["colour"].now))["other levels"] == 1.0


def test_cells_that_are_missing_more_often_are_drift():
    one = monitor(AGE)
    one.add([{"age": None}] * 300)
    assert states(one) == {"age": "drifted"}


def test_few_rows_tell_nothing():
    one = monitor(X)
    one.add([{"x": 9.0}] * 49)
    (column,) = one.report()
    assert (column.psi, column.threshold, column.state) == (None, None, "unknown")
    one.add([{"x": 9.0}])
    assert states(one) == {"x": "drifted"}


def test_the_window_slides():
    one = monitor(COLOUR, num_rows=100)
    one.add([{"colour": "violet"}] * 250)
    assert states(one) == {"colour": "drifted"}
    good = ["red"] * 50 + ["green"] * 30 + ["blue"] * 20
    one.add([{"colour": colour} for colour in good])
    assert one.num_rows == 100
    (column,) = one.report()
    assert column.psi == pytest.approx(0)


def test_more_rows_than_the_window_leave_the_last_ones():
    one = monitor(COLOUR, num_rows=60)
    one.add([{"colour": "red"}] * 500 + [{"colour": "blue"}] * 60)
    (column,) = one.report()
    assert dict(zip(column.bins, column.now))["blue"] == 1.0


def test_columns_without_shares_are_not_watched():
    assert bins_of(PHOTO) is None
    one = monitor(PHOTO)
    one.add([{"photo": b""}] * 100)
    assert one.report() == ()


@pytest.mark.parametrize("field", [AGE, COLOUR, IS_NEW, BOUGHT, NOTE, X], ids=lambda f: f.name)
def test_shares_of_training_add_up(field):
    bins = bins_of(field)
    assert sum(bins.shares) == pytest.approx(1)
    assert len(bins.shares) == len(bins.texts) >= 2
    for cell in (None, 5, "text", 1e99, True, datetime(2024, 1, 1), math.nan):
        assert 0 <= bins.place(cell) < len(bins.shares)


def test_many_equal_values_make_one_bin():
    # Six of ten training rows are 0, the others spread up to 4.
    field = Field(name="x", modality="number", quantiles=(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4))
    bins = bins_of(field)
    assert bins.texts[0] == "up to 0"
    assert bins.shares[0] == pytest.approx(0.6)
    assert bins.place(0) == 0
    assert bins.place(0.5) == 1


@pytest.mark.parametrize(("cell", "level"), [(1, "1"), (1.0, "1"), ("1.0", "1"), (True, "true")])
def test_levels_are_read_as_training_read_them(cell, level):
    field = Field(name="c", modality="category", levels=(level, "x"), shares=(0.6, 0.4))
    assert bins_of(field).place(cell) == 0
