"""How far answers agree, worked out by hand."""

import pytest

from lamina.runtime.agreement import agreement, units_of
from lamina.runtime.boxes import LEAST_SCORE
from lamina.runtime.signature import Answer

ANSWERS = (
    Answer(name="y", kind="class", target="y"),
    Answer(name="p", kind="probability", target="y"),
    Answer(name="n", kind="number", target="n"),
)
ROWS = [{"y": "a", "p": 0.5, "n": 10.0}, {"y": "b", "p": 0.25, "n": 30.0}]


def test_equal_answers_agree() -> None:
    units = units_of(ANSWERS, ROWS)
    # The spread of 10 and 30 is 10.
    assert units == {"n": 10.0}
    found = agreement(ANSWERS, ROWS, ROWS, units=units)
    assert (found.rows, found.flipped, found.largest, found.mean) == (2, 0, 0.0, 0.0)
    assert found.holds(0.0)


def test_deviations_and_flips_are_counted() -> None:
    other = [{"y": "b", "p": 0.75, "n": 10.0}, {"y": "b", "p": 0.25, "n": 31.0}]
    found = agreement(ANSWERS, ROWS, other, units={"n": 10.0})
    # Row 0: another class; row 1: a number that differs by 1 / 10.
    assert found.flipped == 2
    assert found.largest == pytest.approx(0.25)
    assert found.mean == pytest.approx((0.25 + 0 + 0 + 0.1) / 4)
    assert not found.holds(0.3)


def test_a_row_that_only_one_side_answers_is_flipped() -> None:
    nothing = {"y": None, "p": None, "n": None}
    assert agreement(ANSWERS, [nothing], [nothing], units={}).flipped == 0
    assert agreement(ANSWERS, [nothing], ROWS[:1], units={}).flipped == 1


def test_constant_answers_have_a_unit() -> None:
    constant = [{"n": 5.0}, {"n": 5.0}]
    assert units_of(ANSWERS[2:], constant) == {"n": 5.0}
    assert units_of(ANSWERS[2:], [{"n": 0.0}]) == {"n": 1.0}
    assert units_of(ANSWERS[2:], [{"n": None}]) == {"n": 1.0}


def test_numbers_that_hardly_differ_are_measured_against_their_size() -> None:
    close = [{"n": 100.0}, {"n": 100.002}]
    assert units_of(ANSWERS[2:], close) == {"n": pytest.approx(5.0, rel=1e-4)}


BOXES = (Answer(name="boxes", kind="boxes", target="boxes"),)
BOX = {"label": "cat", "score": 0.9, "x0": 10.0, "y0": 10.0, "x1": 60.0, "y1": 30.0}
OTHER = {**BOX, "label": "dog", "x0": 70.0, "x1": 90.0}


def boxes_apart(first: list, second: list) -> tuple[int, float]:
    found = agreement(BOXES, [{"boxes": first}], [{"boxes": second}], units={})
    return found.flipped, found.largest


def test_boxes_may_come_in_another_order() -> None:
    assert boxes_apart([BOX, OTHER], [OTHER, BOX]) == (0, 0.0)
    assert boxes_apart([], []) == (0, 0.0)


def test_boxes_that_differ_are_flipped() -> None:
    moved = {**BOX, "x1": 61.0}  # by a fiftieth of its width
    assert boxes_apart([BOX], [moved]) == (1, pytest.approx(0.02, rel=0.03))
    assert boxes_apart([BOX], [{**BOX, "score": 0.9001}]) == (0, pytest.approx(1e-4))
    assert boxes_apart([BOX], [BOX, OTHER])[0] == 1
    assert boxes_apart([BOX], [])[0] == 1
    found = agreement(BOXES, [{"boxes": None}], [{"boxes": [BOX]}], units={})
    assert found.flipped == 1


def test_a_box_at_the_least_score_may_be_told_by_one_side_alone() -> None:
    hardly = {**OTHER, "score": LEAST_SCORE + 1e-5}
    assert boxes_apart([BOX, hardly], [BOX]) == (0, 0.0)
    assert boxes_apart([BOX, {**OTHER, "score": 0.4}], [BOX])[0] == 1
