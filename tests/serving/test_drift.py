import dataclasses

import numpy as np
import pytest

from lamina.runtime.figures.image import COLOURS, GREY
from lamina.runtime.figures.series import SeriesFigures
from lamina.runtime.figures.sound import SoundFigures
from lamina.runtime.signature import Field, Signature
from lamina.serving.drift import (
    SLOW_ROWS,
    DriftMonitor,
    chi_squared_quantile,
    stability_index,
    threshold_of,
)
from tests.runs.tiny import wave_bytes
from tests.serving.fakes import AGE, COLOUR, IS_NEW, PHOTO, YES_NO

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
    one = monitor(PHOTO)
    one.add([{"photo": b""}] * 100)
    assert one.report() == ()
    assert not one.is_slow


def test_the_threshold_knows_how_few_the_training_rows_were():
    # 29.588 is the quantile of 10 degrees of freedom at .999; (1/100 + 1/50) of it is .8876.
    assert threshold_of(11, 100, 50, 0.001) == pytest.approx(0.8876, rel=0.03)
    assert threshold_of(11, 100, 0, 0.001) == pytest.approx(0.29588, rel=0.03)


def alarms_after(training_rows: int, *, is_counted: bool) -> int:
    """Return in how many of 200 windows without drift something else than "stable" is told."""
    chance, found = np.random.default_rng(3), 0
    for _ in range(200):
        values = chance.normal(size=training_rows)
        field = Field(
            name="x",
            modality="number",
            quantiles=tuple(np.quantile(values, np.linspace(0, 1, 21))),
            num_rows=training_rows if is_counted else 0,
        )
        one = monitor(field, num_rows=1000)
        one.add([{"x": float(x)} for x in chance.normal(size=1000)])
        found += states(one) != {"x": "stable"}
    return found


def test_few_training_rows_raise_no_alarms_by_themselves():
    assert alarms_after(40, is_counted=True) <= 2
    assert alarms_after(40, is_counted=False) > 100


BRIGHT = Field(
    name="photo",
    modality="image",
    figures={
        name: tuple(np.linspace(100, 200, 21)) if name in ("brightness", *COLOURS) else (8.0,) * 21
        for name in (*GREY, *COLOURS)
    },
    height=8,
    width=8,
    channels=3,
)


def pictures(values, side=8):
    chance = np.random.default_rng(4)
    # A deviation of 8 in each picture, as in training.
    signs = chance.permuted(np.resize([8, -8], side * side)).reshape(side, side, 1)
    return [{"photo": (np.full((side, side, 3), v) + signs).astype(np.uint8)} for v in values]


def test_pictures_that_became_darker_are_found_by_their_figures():
    chance = np.random.default_rng(5)
    one = monitor(dataclasses.replace(BRIGHT, num_rows=1000))
    assert one.is_slow
    one.add(pictures(chance.uniform(100, 200, 300)))
    assert {c.figure: c.state for c in one.report()} == dict.fromkeys((*GREY, *COLOURS), "stable")
    assert {c.column for c in one.report()} == {"photo"}
    one.add(pictures(chance.uniform(20, 90, 1000)))
    found = {c.figure: c.state for c in one.report()}
    assert found == {
        name: "drifted" if name in ("brightness", *COLOURS) else "stable"
        for name in (*GREY, *COLOURS)
    }


def test_pictures_of_another_size_and_broken_ones_are_drift():
    one = monitor(BRIGHT)
    one.add(pictures(np.linspace(100, 200, 200), side=4))
    found = {c.figure: c.state for c in one.report()}
    assert (found["height"], found["width"], found["brightness"]) == (
        "drifted",
        "drifted",
        "stable",
    )
    one = monitor(BRIGHT)
    one.add([{"photo": b"no picture"}] * 100)
    assert all(dict(zip(c.bins, c.now))["missing"] == 1.0 for c in one.report())


def test_a_sample_of_the_pictures_is_looked_at_and_one_at_a_time():
    one = monitor(BRIGHT)
    rows = pictures(np.linspace(100, 200, 40))
    first = one.sample(rows)
    assert 0 < len(first) <= SLOW_ROWS
    assert first[0] is rows[0]
    assert one.sample(rows) == ()
    one.add_sample(first)
    assert one.num_rows == len(first)
    # It took its share of the time for now.
    assert one.sample(rows) == ()
    assert one.sample(()) == ()


def spread(values):
    return tuple(np.quantile(values, np.linspace(0, 1, 21)).tolist())


def recordings(heights, seconds=0.25):
    places = np.arange(int(4000 * seconds))
    return [{"call": wave_bytes(height * np.sin(places / 2))} for height in heights]


def states_by_figure(one: DriftMonitor) -> dict[str, str]:
    return {column.figure: column.state for column in one.report()}


def test_recordings_that_became_quieter_or_longer_are_found_by_their_figures():
    chance = np.random.default_rng(6)
    field = Field(name="call", modality="sound", rate=4000, num_rows=400)
    figures = SoundFigures(field)
    seen = [figures.measure(row["call"]) for row in recordings(chance.uniform(0.2, 0.9, 400))]
    known = {name: spread([one[name] for one in seen]) for name in figures.names}
    field = dataclasses.replace(field, figures=known)
    one = monitor(field)
    assert one.is_slow
    one.add(recordings(chance.uniform(0.2, 0.9, 300)))
    assert states_by_figure(one) == dict.fromkeys(figures.names, "stable")
    one.add(recordings(chance.uniform(0.02, 0.1, 1000)))
    found = states_by_figure(one)
    assert (found["loudness"], found["background"]) == ("drifted", "drifted")
    assert (found["seconds"], found["rate"], found["channels"]) == ("stable",) * 3
    one.add(recordings(chance.uniform(0.2, 0.9, 1000), seconds=0.5))
    found = states_by_figure(one)
    assert (found["loudness"], found["seconds"]) == ("stable", "drifted")


def test_series_that_became_rougher_at_an_equal_level_are_found():
    chance = np.random.default_rng(7)

    def lines(count, roughness):
        slow = chance.normal(size=(count, 1)) + np.sin(np.arange(50) / 8)
        return [{"load": row} for row in slow + roughness * chance.normal(size=(count, 50))]

    field = Field(name="load", modality="series", channels=1, num_rows=400)
    figures = SeriesFigures(field)
    seen = [figures.measure(row["load"]) for row in lines(400, 0.1)]
    known = {name: spread([one[name] for one in seen]) for name in figures.names}
    one = monitor(dataclasses.replace(field, figures=known))
    assert not one.is_slow
    one.add(lines(1000, 0.1))
    assert states_by_figure(one) == dict.fromkeys(figures.names, "stable")
    one.add(lines(1000, 0.5))
    found = states_by_figure(one)
    assert (found["roughness"], found["level"], found["steps"]) == ("drifted", "stable", "stable")
