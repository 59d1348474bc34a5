"""What a written answer rests on, drawn."""

import dataclasses
import re

from lamina.explanation.records import WrittenAttribution
from lamina.reports.content import Looks
from lamina.reports.looks import attention_chart, looks_chart, rests_chart

LOOKS = Looks(
    row=3,
    across=("(start)", "ein", " hund"),
    down=("a", " dog"),
    shares=((0.1, 0.9, 0.0), (0.0, 0.25, 0.75)),
)


def test_each_share_that_can_be_seen_is_a_square_as_dark_as_it_is_large() -> None:
    markup = looks_chart(LOOKS)
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)"[^>]*fill-opacity="([\d.]+)"', markup)
    assert [float(share) for _, _, share in found] == [0.1, 0.9, 0.25, 0.75]
    assert found[1][0] == found[2][0], "one place of the input is one column"
    assert found[0][1] == found[1][1], "one piece of the answer is one row"
    assert "␣dog – ␣hund: 75 %" in markup


def test_many_places_are_narrow_and_not_all_are_named() -> None:
    across = tuple(f"{place / 25:.2f} s" for place in range(200))
    looks = Looks(row=0, across=across, down=("x",), shares=((1.0,) * 200,))
    markup = looks_chart(looks)
    assert markup.count("<rect") == 200
    assert 10 < markup.count("<text") < 100


def test_what_is_hostile_stays_text() -> None:
    word = '"><script>alert(1)</script>'
    looks = Looks(row=0, across=(word,), down=(word, "\x00"), shares=((1.0,), (float("nan"),)))
    markup = looks_chart(looks)
    assert "<script" not in markup
    assert markup.count("<rect") == 1


WRITTEN = WrittenAttribution(
    name="en",
    parts=("ein", "hund"),
    places=("(start)", "a", "dog"),
    falls=((0.0, 2.0, -1.0), (0.0, 0.5, 1.0)),
    looks=((0.1, 0.9, 0.0), (0.0, 0.25, 0.75)),
)


def test_falls_are_as_dark_as_they_are_deep_and_rises_are_not_drawn() -> None:
    markup = rests_chart(WRITTEN)
    assert re.findall(r'fill-opacity="([\d.]+)"', markup) == ["1", "0.25", "0.5"]
    assert "hund – dog: −1.00" in markup
    nothing = dataclasses.replace(WRITTEN, falls=((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0)))
    assert "fill-opacity" not in rests_chart(nothing)


def test_attention_is_drawn_in_shares() -> None:
    markup = attention_chart(WRITTEN)
    assert "hund – dog: 75 %" in markup
    assert "fill-opacity" not in attention_chart(dataclasses.replace(WRITTEN, looks=()))
