"""An explanation as a notebook shows it."""

import re
from html.parser import HTMLParser

import pytest

from lamina.explanation.notebook import MOST_FEATURES
from lamina.explanation.records import (
    CheckRecord,
    FeatureAttribution,
    InputAttribution,
    Measured,
    NeighbourRecord,
    RowExplanation,
    WrittenAttribution,
)

URI = "data:image/png;base64,AAAA"


def made(**changes) -> RowExplanation:
    columns = (FeatureAttribution("age", "39", 0.5), FeatureAttribution("<b>hours", "40", -1.0))
    words = tuple(FeatureAttribution(w, w, n) for w, n in (("a", 0.0), ("lovely", 2.0), ("no", -1)))
    told = {
        "row": 3, "answer": "income is >50K", "value": 1.5, "unit": "log-odds",
        "reference": -0.5, "method": "gradient_input", "probability": 0.82,
        "inputs": (
            InputAttribution("columns", "columns", columns),
            InputAttribution("photo", "picture", grid=(1, 4), heat=(0.0, 0.01, -0.5, 1.0)),
            InputAttribution("told", "words", words),
        ),
        "check": CheckRecord("passed", "Checked: fine.", Measured(1.0, 0.5, 1.5)),
        "pictures": {"photo": URI},
        "neighbours": (NeighbourRecord(7, 0.25, "yes", "age 41"),),
        "left_out": ("sound",),
    }  # fmt: skip
    return RowExplanation(**{**told, **changes})


def test_words_of_a_written_answer_stay_text():
    rests = WrittenAttribution(
        name="<i>en", parts=("<b>ein",), places=("<u>a", "dog"), falls=((2.0, -1.0),)
    )
    html = made(written=rests)._repr_html_()
    for hostile in ("<i>", "<b>ein", "<u>"):
        assert hostile not in html
    assert "&lt;u&gt;a +2.00" in html
    assert "dog" not in html


class _Balance(HTMLParser):
    """Counts tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_everything_is_said_and_every_tag_is_closed():
    html = made()._repr_html_()
    for words in ("row 3: income is &gt;50K", "82.0 %", "gradient input", "Checked: fine.",
                  "row 7: yes age 41", "not reached by this method: sound", "lovely"):  # fmt: skip
        assert words in html
    parser = _Balance()
    parser.feed(html)
    assert parser.open == []


def test_names_are_escaped():
    html = made()._repr_html_()
    assert "<b>hours" not in html
    assert "&lt;b&gt;hours" in html


def test_what_counts_most_comes_first_and_signs_have_sides():
    html = made()._repr_html_()
    assert html.index("hours") < html.index("age")
    bars = re.findall(r"width:(\d+)px;background:rgb\(([\d,]+)\);margin-left:(\d+)px", html)
    # -1 is the longest and ends at the axis, 120 pixels from the left; 0.5 begins there.
    assert [(bar[0], bar[2]) for bar in bars] == [("120", "0"), ("60", "120")]
    assert bars[0][1] != bars[1][1]


def test_a_picture_lies_under_its_patches():
    html = made()._repr_html_()
    assert f'<image href="{URI}"' in html
    shares = [float(share) for share in re.findall(r'fill-opacity="([\d.]+)"', html)]
    assert shares == [0.0, 0.0, 0.38, 0.75]
    assert "<image" not in made(pictures={"photo": "https://elsewhere/a.png"})._repr_html_()


def test_words_that_count_have_a_ground():
    html = made()._repr_html_()
    spans = re.findall(r"<span title=\"([^\"]+)\"( style=[^>]+)?>(\w+)</span>", html)
    assert [(number, bool(style)) for number, style, _ in spans] == [
        ("+0", False),
        ("+2", True),
        ("-1", True),
    ]


def test_many_columns_are_cut_and_it_is_said():
    many = tuple(FeatureAttribution(f"c{i}", "1", float(i)) for i in range(MOST_FEATURES + 5))
    html = made(inputs=(InputAttribution("columns", "columns", many),))._repr_html_()
    assert html.count("<tr>") == MOST_FEATURES
    assert "and 5 more that count less" in html


@pytest.mark.parametrize("verdict", ["failed", "passed"])
def test_an_explanation_that_fails_is_marked(verdict):
    check = CheckRecord(verdict, "It is chance.", Measured(0.0))
    assert ("FAILED ITS CHECK" in made(check=check)._repr_html_()) == (verdict == "failed")


def test_nothing_is_needed_but_the_row():
    assert (
        "row 3"
        in made(inputs=(), check=None, neighbours=(), left_out=(), probability=None)._repr_html_()
    )
