"""What is printed holds cells and names as they are, never as markup of the terminal."""

import polars as pl
import pytest

from lamina.cli import show
from lamina.core.records import Finding, Interval, Problem
from lamina.data.schema import Column, Schema
from lamina.runs.api import Checked
from lamina.runs.listing import RunSummary
from lamina.runs.run import Scored
from tests.runs.tiny import finished


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def test_names_and_cells_are_no_markup(capsys, tmp_path):
    show.show_answers(pl.DataFrame({"[red]a": ["[/b]x", None]}), None, is_json=False)
    schema = Schema((Column("[bold]c", "input", "number", "[link]why"),))
    finding = Finding("leak", "severe", "[red]m", "[/]e", "[x]r")
    show.show_checked(Checked((finding,), (Problem("[a]", "[b]"),), schema), is_json=False)
    show.show_runs((RunSummary(tmp_path / "[i]", "done", "", "", None, None, ""),), is_json=False)
    out = capsys.readouterr().out
    for text in ("[red]a", "[/b]x", "[bold]c", "[link]why", "[red]m", "[/]e", "[x]r", "[a]: [b]"):
        assert text in out, text


def test_no_findings_are_told(capsys):
    show.show_checked(Checked((), (), Schema(())), is_json=False)
    assert "No faults found." in capsys.readouterr().out


def test_metrics_are_shown_with_their_intervals(capsys):
    show.show_metrics({"accuracy": Interval(0.5, 0.25, 0.75)}, is_json=False)
    assert "0.25 – 0.75" in capsys.readouterr().out


def test_watching_is_silent_for_machines(capsys):
    with show.watching(is_json=True) as watch:
        watch.say("x")
    with show.watching(is_json=False) as watch:
        watch.say("[b]y")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("[b]y\n", "")


def test_a_plan_shows_each_value_with_its_reason(capsys):
    plan = finished("binary").plan
    show.show_plan(plan, None, is_json=False)
    out = capsys.readouterr().out
    assert "training.batch_size" in out
    assert "set by the user" in out
    assert "reasons." not in out


def test_people_are_not_told_twice(capsys):
    show.show_run(finished("binary"), is_json=False)
    assert capsys.readouterr().out == ""


def test_rows_left_out_of_a_score_are_told(capsys):
    scored = Scored({"accuracy": Interval(0.5, 0.25, 0.75)}, num_rows=7, left_out={"[red]": 2})
    show.show_metrics(scored, is_json=False)
    assert "7 rows scored, 2 left out [red]." in capsys.readouterr().out
    show.show_metrics(scored, is_json=True)
    assert '"left_out"' in capsys.readouterr().out


def test_a_mask_is_shown_in_short(capsys) -> None:
    runs = {"size": [180, 240], "classes": list(range(200)), "counts": list(range(200))}
    show.show_answers(pl.DataFrame({"mask": [runs]}, strict=False), None, is_json=False)
    told = capsys.readouterr().out
    assert "'size': [180, 240]" in " ".join(told.split())
    assert len(told) < 400
