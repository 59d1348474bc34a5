"""The pieces charts are made of: escaping, ticks, scales."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.reports.svg import (
    Frame,
    extent,
    figure,
    format_ticks,
    join,
    label,
    log_ticks,
    num,
    tag,
    text_width_px,
    ticks,
    tip,
)


def test_texts_and_attributes_are_escaped() -> None:
    assert tag("a", "<b>", class_='"x"') == '<a class="&#34;x&#34;">&lt;b&gt;</a>'
    assert tag("a", tip("<")) == "<a><title>&lt;</title></a>"
    assert join(["<", tag("b")]) == "&lt;<b></b>"
    assert label(1, 2.5, "</text>").endswith(">&lt;/text&gt;</text>")
    assert "&#34;&gt;" in figure(10, 20, '">', [])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0001])
def test_coordinates_are_always_numbers(value: float) -> None:
    assert num(value) == "0"


def test_ticks_are_round() -> None:
    assert ticks(0.0, 1.0, 4) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert ticks(0.83, 0.88, 5) == [0.83, 0.84, 0.85, 0.86, 0.87, 0.88]
    assert format_ticks([0.0, 0.25, 0.5], unit="%") == ["0 %", "25 %", "50 %"]
    assert format_ticks([0.0, 0.002, 0.004]) == ["0.000", "0.002", "0.004"]
    assert format_ticks([0.0, 2e6]) == ["0", "2 M"]
    assert log_ticks(-2.0, 0.0) == pytest.approx([-2.0, -1.52288, -1.0, -0.52288, 0.0], abs=1e-4)


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(2, 8))
def test_ticks_lie_in_the_range(low: float, span: float, count: int) -> None:
    high = low + span
    found = ticks(low, high, count)
    assert len(found) <= count + 2
    air = 1e-6 * max(span, abs(low), abs(high))
    assert all(low - air <= tick <= high + air for tick in found)


def test_extent_survives_what_has_none() -> None:
    assert extent([]) == (0.0, 1.0)
    assert extent([math.nan]) == (0.0, 1.0)
    low, high = extent([3.0, 3.0])
    assert low < 3.0 < high


def test_a_frame_maps_its_corners() -> None:
    frame = Frame((0.0, 10.0), (-1.0, 1.0), left=10, right=110, top=0, bottom=50)
    assert (frame.at_x(0.0), frame.at_x(10.0)) == (10, 110)
    assert (frame.at_y(-1.0), frame.at_y(1.0)) == (50, 0)
    assert frame.shown_y(0.5) == 0.5
    assert Frame((0, 1), (0, 1), is_log=True).shown_y(2.0) == 100.0


def test_a_line_breaks_where_a_value_is_missing() -> None:
    frame = Frame((0.0, 3.0), (0.0, 1.0), left=0, right=3, top=0, bottom=1)
    path = frame.path([0, 1, 2, 3], [0, 1, math.nan, 0], "c0")
    assert 'd="M0 1 L1 0 M3 1"' in path
    assert len(frame.axes(x_label="x", y_label="y")) > 6


def test_wide_characters_take_more_room() -> None:
    assert text_width_px("漢字") > text_width_px("ab") > text_width_px("il")
