"""What a written answer rests on, drawn."""

import re

from lamina.reports.content import Looks
from lamina.reports.looks import looks_chart

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
