"""Explanations in a terminal and in a pipe."""

import io
import re

import pytest
from rich.console import Console

from lamina.explanation.records import (
    CheckRecord,
    FeatureAttribution,
    InputAttribution,
    Measured,
    NeighbourRecord,
    RowExplanation,
    WrittenAttribution,
)
from lamina.reports.explanation_terminal import show_explanation


def made(**changes) -> RowExplanation:
    columns = (
        FeatureAttribution("age", "39", 0.5),
        FeatureAttribution("[red]hours\x1b[2J", "40", -1.0),
    )
    words = tuple(FeatureAttribution(w, w, n) for w, n in (("a", 0.0), ("lovely", 2.0), ("no", -1)))
    told = {
        "row": 3, "answer": "income is >50K", "value": 1.5, "unit": "log-odds",
        "reference": -0.5, "method": "occlusion", "probability": 0.82,
        "inputs": (
            InputAttribution("columns", "columns", columns),
            InputAttribution("photo", "picture", grid=(2, 2), heat=(0.0, 0.1, -0.5, 1.0)),
            InputAttribution("told", "words", words),
        ),
        "check": CheckRecord("passed", "Checked: fine.", Measured(1.0, 0.5, 1.5)),
        "neighbours": (NeighbourRecord(7, 0.25, "yes", "age 41"),),
        "left_out": ("sound",),
    }  # fmt: skip
    return RowExplanation(**{**told, **changes})


def written(told: RowExplanation, *, is_terminal: bool) -> str:
    stream = io.StringIO()
    colours = "standard" if is_terminal else None
    console = Console(file=stream, force_terminal=is_terminal, width=100, color_system=colours)
    show_explanation(told, console)
    return stream.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_everything_is_said(is_terminal):
    out = written(made(), is_terminal=is_terminal)
    for words in ("income is >50K", "82.0 %", "age", "lovely", "row 2, column 2", "Checked: fine."):
        assert words in out
    assert "row 7" in out
    assert "not reached by this method: sound" in out


def test_each_word_of_a_written_answer_is_told_with_what_it_rests_on():
    rests = WrittenAttribution(
        name="en",
        parts=("ein", "[red]hund\x1b[2J"),
        places=("a", "dog"),
        falls=((2.0, -1.0), (-0.5, -0.25)),
        looks=((0.75, 0.25), (0.1, 0.9)),
    )
    out = written(made(written=rests), is_terminal=False)
    assert "its fall without a place of en" in out
    assert re.search(r"ein +a \+2\.00   looks at a \(75%\)", out)
    assert re.search(r"hund⟨U\+001B⟩.* +nothing by itself   looks at dog \(90%\)", out)
    assert "\x1b" not in out


def test_hostile_names_cannot_move_the_cursor_or_style():
    out = written(made(), is_terminal=False)
    assert "\x1b" not in out
    assert "[red]hours⟨U+001B⟩" in out


def test_what_counts_most_comes_first_and_signs_have_sides():
    lines = written(made(), is_terminal=False).splitlines()
    age, hours = (next(n for n, line in enumerate(lines) if w in line) for w in ("age ", "hours"))
    assert hours < age
    assert lines[age].index("│") < lines[age].index("█")
    assert lines[hours].index("█") < lines[hours].index("│")
    assert lines[hours].rstrip().endswith("-1")


def test_a_failed_check_is_marked():
    check = CheckRecord("failed", "Do not rely on it.", Measured(0.0))
    assert "FAILED ITS CHECK. Do not rely on it." in written(made(check=check), is_terminal=True)
