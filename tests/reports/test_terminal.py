"""The summary on the command line."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from lamina.core.records import Finding
from lamina.reports.content import ReportContent, Summary
from lamina.reports.terminal import show_summary, summary_parts
from tests.reports.examples import EXAMPLES, KEPT, binary_table, hostile, regression


def _shown(content: ReportContent, *, is_terminal: bool = False, width: int = 100) -> str:
    stream = io.StringIO()
    colors = "standard" if is_terminal else None
    console = Console(file=stream, force_terminal=is_terminal, width=width, color_system=colors)
    show_summary(content, console=console, report=Path("runs/adult-1/report.html"))
    return stream.getvalue()


def test_plain_text_has_one_line_per_message() -> None:
    lines = _shown(binary_table()).splitlines()
    names = [line[2:26].strip() for line in lines[4:8]]
    assert names == ["network", "gradient-boosted trees", "logistic regression", "majority class"]
    assert any("87.41 % [86.77 – 88.05]" in line and "0.9279" in line for line in lines)
    assert any(line.startswith("The network and gradient-boosted trees differ") for line in lines)
    assert any(line.startswith("warning: duplicate rows: 52 rows") for line in lines)
    assert "time budget kept: 4 m 44 s of 5 m 00 s" in lines
    assert lines[-1] == "report: runs/adult-1/report.html"
    assert "\x1b" not in "".join(lines)


def test_models_are_ranked() -> None:
    text = _shown(regression())
    names = ("gradient-boosted trees", "▸ network", "linear regression", "mean of training")
    places = [text.index(f"\n{name}" if name[0] == "▸" else f"\n  {name}") for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_terminal_is_never_overrun(width: int) -> None:
    text = _shown(binary_table(), is_terminal=True, width=width)
    assert "\x1b[1m" in text
    plain = Console(width=width)
    for line in text.splitlines():
        assert plain.render_str("").from_ansi(line).cell_len <= width


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("kept", [KEPT, frozenset()])
def test_hostile_texts_neither_style_nor_move_the_cursor(name: str, kept: frozenset[str]) -> None:
    text = _shown(hostile(EXAMPLES[name](), kept=kept))
    text.encode("utf-8")
    assert not set(text) & set("\x00\x07\x1b\x85\r\u202e\u2066")


def test_markup_is_shown_as_it_is() -> None:
    content = ReportContent(title="[bold]x[/bold]", summary=Summary(text="[link=a]b[/link]"))
    assert _shown(content).splitlines()[:2] == ["[bold]x[/bold]", "[link=a]b[/link]"]


def test_only_the_severest_findings_are_listed() -> None:
    many = tuple(
        Finding("check", "severe" if n == 11 else "note", f"message {n}", "", "") for n in range(12)
    )
    content = ReportContent(title="x", summary=Summary(text="y"), findings=many)
    lines = _shown(content).splitlines()
    assert lines[3] == "severe: check: message 11"
    assert "and 4 more findings in the report" in lines
    assert len(summary_parts(content, is_terminal=False, width=80)) == 12
