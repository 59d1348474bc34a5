"""Small tables for notebooks; what shows them escapes whatever comes from the data."""

import lamina
from lamina.reports.html_table import html_table
from tests.runs.tiny import EXAMPLES, finished, table

EVIL = "<script>alert(1)</script>"


def test_cells_and_heads_are_escaped() -> None:
    text = html_table([EVIL], [[EVIL], [1.5]])
    assert "<script" not in text
    assert text.count("<tr>") == 3
    assert ">1.5</td>" in text


def test_plans_scores_and_checks_show_themselves() -> None:
    run = finished("binary")
    scored = run.score(EXAMPLES["binary"].make())._repr_html_()
    assert "balanced accuracy" in scored
    assert "160 rows scored." in scored
    plan = run.plan._repr_html_()
    assert all(path in plan for path in ("network", "training.steps", "data.split"))
    evil = table().rename({"x": EVIL})
    for shown in (lamina.check(evil, target="answer"), lamina.plan(evil, target="answer")):
        assert "<script" not in shown._repr_html_()
        assert "alert(1)" in shown._repr_html_()
