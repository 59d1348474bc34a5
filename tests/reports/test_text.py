"""Texts and numbers as shown: by hand, and by properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.records import Interval
from lamina.reports.text import (
    arrow,
    as_sentence,
    bind_units,
    clean_text,
    fit_label,
    format_amount,
    format_bytes,
    format_energy,
    format_energy_range,
    format_interval,
    format_number,
    format_share,
    format_value,
    metric_label,
    shorten,
    text_width,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x00", "⟨U+0000⟩"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("فيلم", "فيلم"),
        (12, "12"),
    ],
)
def test_what_disturbs_is_made_visible(text: object, shown: str) -> None:
    assert clean_text(text) == shown


def test_long_texts_are_cut_and_say_so() -> None:
    assert clean_text("ab" * 5_000, 10) == "ababababab… (10,000 characters)"
    assert shorten("a b\n\n  c", 10) == "a b c"
    assert shorten("abcdefgh", 5) == "abcd…"


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_every_text_can_be_written(text: str) -> None:
    shown = clean_text(text)
    shown.encode("utf-8")
    assert not any("\u202a" <= c <= "\u202e" or (ord(c) < 32 and c not in "\n\t") for c in shown)


@given(st.text(), st.integers(2, 60))
def test_shortened_texts_fit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(st.text(), st.floats(2, 30))
def test_labels_fit(text: str, width: float) -> None:
    assert text_width(fit_label(text, width)) <= width + 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (0.0, "0"),
        (12345.0, "12,345"),
        (0.123456, "0.1235"),
        (1234.56, "1,235"),
        (0.00001234, "1.234e-05"),
        (3.2e12, "3.2e+12"),
    ],
)
def test_numbers(value: float | None, shown: str) -> None:
    assert format_number(value) == shown


def test_shares_are_never_rounded_to_certainty() -> None:
    assert format_share(0.0) == "0 %"
    assert format_share(1.0) == "100 %"
    assert format_share(0.9999) == "> 99.9 %"
    assert format_share(0.0001) == "< 0.1 %"
    assert format_share(0.0573) == "5.7 %"
    assert format_share(None) == format_share(math.nan) == "–"


def test_an_interval_decides_the_digits() -> None:
    # Half width 0.0064: two digits of it are four decimals.
    assert format_interval(Interval(0.87413, 0.86773, 0.88053)) == ("0.8741", "0.8677 – 0.8805")
    assert format_interval(Interval(0.87413, 0.86773, 0.88053), "%") == (
        "87.41 %",
        "86.77 – 88.05",
    )
    assert format_interval(Interval(24_180.4, 22_760.0, 25_600.0), "USD") == (
        "24,180 USD",
        "22,760 – 25,600",
    )
    assert format_interval(Interval(-0.004, -0.046, -0.0001)) == ("-0.004", "-0.046 – 0.000")
    assert format_interval(Interval(0.5, 0.5, 0.5)) == ("0.5000", "")
    # Below the sixth decimal nothing may vanish.
    assert format_interval(Interval(3e-7, 2.7e-7, 3.4e-7)) == ("3e-07", "2.7e-07 – 3.4e-07")
    assert format_interval(Interval(0.25, 0.25, 0.25 + 2e-9))[0] == "0.25"
    assert format_interval(Interval(math.nan, math.nan, math.nan)) == ("–", "")


@given(st.floats(), st.floats(), st.floats())
def test_no_interval_fails(value: float, low: float, high: float) -> None:
    assert all(isinstance(part, str) for part in format_interval(Interval(value, low, high), "%"))


def test_amounts() -> None:
    assert format_bytes(None) == "–"
    assert format_bytes(5_326_368) == "5.3 MB"
    assert format_energy(8_520.0) == "8.52 kJ (0.00237 kWh)"
    assert format_energy(12.0) == "12 J (3.33e-06 kWh)"
    assert format_energy_range(Interval(8e3, 5.9e3, 11.3e3)) == "5.90 – 11.3 kJ"
    assert format_amount("time", 284.0) == "4 m 44 s"
    assert format_amount("energy", 3.6e6) == "3.60 MJ (1 kWh)"


def test_values_of_a_plan() -> None:
    assert format_value(True) == "yes"
    assert format_value(None) == "none"
    assert format_value(2048) == "2048"
    assert format_value(0.0040000001) == "0.004"
    assert format_value(["a", 1, None]) == "a, 1, none"
    assert format_value({"a": [1]}) == '{"a": [1]}'


def test_words() -> None:
    assert metric_label("roc_auc") == "roc auc"
    assert as_sentence("rows at random ") == "rows at random."
    assert as_sentence("Why?") == "Why?"
    assert as_sentence("") == ""


def test_percent_signs_stay_with_their_numbers() -> None:
    assert bind_units("87 % of 100 %") == "87\u00a0% of 100\u00a0%"


def test_arrows_point_to_the_better_side() -> None:
    assert [arrow(way) for way in (True, False, None)] == ["↑", "↓", ""]
