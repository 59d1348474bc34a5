"""What moves a whole model, in a terminal and in a pipe."""

import dataclasses
import io

import pytest
from rich.console import Console

from lamina.core.records import Interval
from lamina.explanation.records import CheckRecord, Measured
from lamina.reports.content import (
    ExplainedRow,
    ExplanationSection,
    LayerPictures,
    SampleMap,
)
from lamina.reports.model_explanation_terminal import MOST_COLUMNS, show_model_explanation
from tests.reports.test_explanation_terminal import made

SECTION = ExplanationSection(
    method="integrated_gradients",
    unit="log-odds",
    check=CheckRecord("passed", "Checked: fine.", Measured(1.0, 0.5, 1.5), num_rows=32),
    importances={"low": Interval(0.1, 0.05, 0.15), "[red]high": Interval(0.4, 0.3, 0.5)},
    importance_note="rise of the cross entropy among 99 test rows",
    rows=(ExplainedRow(explanation=made(), truth="<=50K", is_mistake=True),),
    layers={"text": Interval(0.6, 0.5, 0.7), "trunk": Interval(0.9, 0.85, 0.95)},
    layer_metric="accuracy",
    layer_chance=0.5,
    layer_rows=200,
    maps=(SampleMap(title="a map", points=((0.0, 0.0),), labels=("a",)),),
    features=(LayerPictures(layer="photo", pictures=()),),
    left_out=("a map of the test rows",),
)


def written(section: ExplanationSection, *, is_terminal: bool = False) -> str:
    stream = io.StringIO()
    colours = "standard" if is_terminal else None
    console = Console(file=stream, force_terminal=is_terminal, width=100, color_system=colours)
    show_model_explanation("adult-1", section, console)
    return stream.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_everything_is_said(is_terminal):
    out = written(SECTION, is_terminal=is_terminal)
    for words in ("what moves adult-1", "integrated gradients", "32 test rows", "Checked: fine.",
                  "cross entropy among 99", "guessing reaches 50 %", "90.0 %", "a worst mistake",
                  "<=50K", "lovely +2", "patch 4 +1", "no time was left for: a map"):  # fmt: skip
        assert words in out


def test_bars_are_as_long_as_what_they_show():
    lines = written(SECTION).splitlines()
    length = {
        name: next(line for line in lines if line.startswith(f"  {name}")).count("█")
        for name in ("low", "[red]high", "text", "trunk")
    }
    # 24 cells: .1 of .4 is 6; the accuracies are shown above guessing, .1 of .4 again.
    assert length == {"low": 6, "[red]high": 24, "text": 6, "trunk": 24}
    assert next(n for n, line in enumerate(lines) if "high" in line) < next(
        n for n, line in enumerate(lines) if line.startswith("  low")
    )


def test_what_is_not_there_is_not_shown():
    bare = ExplanationSection(method="occlusion", unit="log-odds")
    assert written(bare).splitlines() == ["what moves adult-1"]


def test_many_columns_are_cut_and_it_is_said():
    many = {f"c{i}": Interval(1.0, 0.5, 1.5) for i in range(MOST_COLUMNS + 7)}
    assert "and 7 more" in written(dataclasses.replace(SECTION, importances=many))


def test_columns_that_tell_nothing_have_no_bar():
    section = dataclasses.replace(SECTION, importances={"x": Interval(-0.1, -0.2, 0.0)}, layers={})
    assert "█" not in written(section)


def test_a_row_whose_explanation_failed_is_marked():
    check = CheckRecord("failed", "No.", Measured(0.0))
    row = ExplainedRow(explanation=made(check=check))
    assert "FAILED ITS CHECK" in written(dataclasses.replace(SECTION, rows=(row,)))
