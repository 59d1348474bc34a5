"""From the records of a report to one HTML page that loads nothing.

Every text passes `clean_text` and Jinja2's autoescape; markup comes only from our own template and
charts. The page's Content-Security-Policy allows exactly its own style sheet and script, by hash,
and pictures only as data URIs: a markup that slipped through could neither run nor call home.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from lamina.core.durations import format_duration
from lamina.reports import attributions, bars, charts, forecast_charts, looks, tagged
from lamina.reports.content import (
    ColumnSummary,
    GroupScores,
    Metric,
    Mistake,
    ModelScores,
    PlanStep,
    ReportContent,
    Summary,
)
from lamina.reports.pictures import is_safe_uri
from lamina.reports.text import (
    arrow,
    as_sentence,
    bind_units,
    clean_text,
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
)

MOST_COLUMNS = 120
"""Columns the schema table shows; targets come first."""
MOST_MISTAKES = 24
"""Mistakes shown."""

_VERDICTS = {
    "better": "Better than every baseline",
    "equal": "Not shown to be better than the best baseline",
    "worse": "Worse than the best baseline",
    "unknown": "Not compared",
}
_SEVERITIES = ("severe", "warning", "note")
_DEEPEST = 4
_SHORT_TEXT = 80


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the plan's table."""

    depth: int
    """How far it is moved in, 0 to 4."""
    name: str
    """What is decided."""
    value: str
    """The value on one line."""
    reason: str
    """Why."""


def render_report(content: ReportContent) -> str:
    """Return the whole page.

    Args:
        content: What it shows.
    """
    style, script = _resource("style.css"), _resource("script.js")
    template = _environment(content).get_template("report")
    results = content.results
    metrics = results.metrics if results else ()
    ranked = rank_models(metrics, results.models if results else ())
    mistakes = content.mistakes[:MOST_MISTAKES]
    kind = _mistake_kind(mistakes)
    if kind == "table":
        mistakes = tuple(_with_text_as_cell(mistake) for mistake in mistakes)
    page = template.render(
        content=content,
        lead=lead_text(content.summary),
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        titles=section_titles(content),
        charts=_charts(),
        ranked=ranked,
        best=_best(metrics, ranked),
        has_seconds=any(model.seconds is not None for model in ranked),
        most_classes=bars.MOST_CLASSES,
        top_confusions=bars.top_confusions(results.confusion)
        if results and results.confusion
        else [],
        mistakes=mistakes,
        mistake_kind=kind,
        mistake_columns=_mistake_columns(mistakes),
        has_reasons=any(part.reason for part in content.data.splits) if content.data else False,
        has_confidence=any(mistake.confidence is not None for mistake in mistakes),
        findings=sorted(content.findings, key=lambda one: _severity(one.severity)),
        columns=_shown_columns(content),
        split_total=sum(p.num_rows for p in content.data.splits) or 1 if content.data else 1,
        plan=plan_rows(content.plan),
    )
    return str(page)


def section_titles(content: ReportContent) -> dict[str, str]:
    """Return the sections a report has, by anchor, in order.

    Args:
        content: The report.
    """
    every = (
        ("summary", "Summary", True),
        ("results", "How good it is", content.results),
        ("written", "What it writes", content.written),
        ("filled", "What it fills in", content.filled),
        ("mistakes", "Worst mistakes", content.mistakes),
        ("explanations", "Why it answers so", content.explanation),
        ("checks", "Checks before training", content.findings),
        ("data", "Data", content.data),
        ("plan", "Plan", content.plan),
        ("training", "Training", content.training),
        ("receipt", "Receipt", content.receipt),
    )
    return {anchor: title for anchor, title, there in every if there}


def lead_text(summary: Summary) -> str:
    """Return the paragraph at the top, without the verdict where that is shown on its own.

    Args:
        summary: The top of the page.
    """
    text = summary.text
    if summary.verdict and len(summary.verdict.sentence) < len(text):
        text = text.replace(summary.verdict.sentence, "")
    return " ".join(text.split()) or summary.text


def rank_models(metrics: Sequence[Metric], models: Sequence[ModelScores]) -> list[ModelScores]:
    """Return the models, best first by the first metric; those without it come last.

    They stay as they are where neither way of the metric is better.

    Args:
        metrics: The first one ranks.
        models: The models.
    """
    if not metrics:
        return list(models)
    first = metrics[0]
    if first.is_higher_better is None:
        return list(models)

    def key(model: ModelScores) -> tuple[bool, float]:
        score = model.scores.get(first.name)
        if score is None or score.value != score.value:
            return True, 0.0
        return False, -score.value if first.is_higher_better else score.value

    return sorted(models, key=key)


def plan_rows(steps: Sequence[PlanStep], depth: int = 0) -> list[PlanRow]:
    """Return the plan as lines; mappings inside values become lines of their own.

    Args:
        steps: Decisions.
        depth: How far the first level is moved in.
    """
    rows: list[PlanRow] = []
    for step in steps:
        is_nested = isinstance(step.value, Mapping)
        is_group = is_nested or (step.value is None and bool(step.steps))
        shown = "" if is_group else format_value(step.value)
        rows.append(PlanRow(min(depth, _DEEPEST), step.name, shown, step.reason))
        if is_nested and depth < 8:
            inner = [PlanStep(name=str(name), value=v) for name, v in step.value.items()]
            rows += plan_rows(inner, depth + 1)
        rows += plan_rows(step.steps, depth + 1)
    return rows


def _environment(content: ReportContent) -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader(
            {
                "report": _resource("template.html.jinja"),
                "explanation": _resource("explanation.html.jinja"),
            }
        ),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: (
            value if isinstance(value, Markup) else bind_units(clean_text(value))
        ),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    units = (
        {metric.name: metric.unit for metric in content.results.metrics} if content.results else {}
    )
    environment.filters.update(
        short=lambda value, limit: shorten(value, limit),
        clean=lambda value, limit: Markup.escape(clean_text(value, limit)),
        count=lambda value: f"{value:,}",
        number=format_number,
        share=format_share,
        interval=format_interval,
        metric=metric_label,
        arrow=arrow,
        sentence=as_sentence,
        bytes=format_bytes,
        duration=format_duration,
        energy=format_energy,
        energy_range=format_energy_range,
        amount=lambda value, kind: format_amount(kind, value),
        is_safe=is_safe_uri,
        # Safe by the pattern that `is_safe` checked; it is longer than texts may be.
        uri=lambda value: Markup(value) if is_safe_uri(value) else "",
        score_names=_score_names,
        unit_of=lambda name: units.get(name, ""),
        verdict_class=lambda kind: kind if kind in _VERDICTS else "unknown",
        verdict_words=lambda kind: _VERDICTS.get(kind, _VERDICTS["unknown"]),
        severity_class=lambda kind: kind if kind in _SEVERITIES else "note",
    )
    return environment


def _charts() -> SimpleNamespace:
    return SimpleNamespace(
        interval=bars.interval_chart,
        sparkline=bars.sparkline,
        importance=bars.importance_chart,
        confusion=bars.confusion_chart,
        curve=charts.curve_chart,
        reliability=charts.reliability_chart,
        fit=charts.fit_chart,
        residual=charts.residual_chart,
        forecast=forecast_charts.forecast_chart,
        tagged=tagged.tagged_markup,
        looks=looks.looks_chart,
        rests=looks.rests_chart,
        attention=looks.attention_chart,
        columns=attributions.columns_chart,
        heat=attributions.picture_chart,
        words=attributions.words_markup,
        steps=attributions.steps_chart,
        lines=attributions.lines_chart,
        check=attributions.check_curves,
        layers=attributions.layers_chart,
        map=attributions.map_chart,
    )


def _resource(name: str) -> str:
    return files("lamina.reports").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> Markup:
    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return Markup(
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest(style)}'; "
        f"script-src 'sha256-{digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def _best(metrics: Sequence[Metric], models: Sequence[ModelScores]) -> dict[str, str]:
    best = {}
    for metric in metrics:
        if metric.is_higher_better is None:
            continue
        ordered = rank_models([metric], models)
        if ordered and metric.name in ordered[0].scores:
            best[metric.name] = ordered[0].name
    return best


def _score_names(groups: Sequence[GroupScores]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group.scores))[:12]


def _severity(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _shown_columns(content: ReportContent) -> list[ColumnSummary]:
    columns = content.data.columns if content.data else ()
    return sorted(columns, key=lambda column: column.role != "target")[:MOST_COLUMNS]


def _mistake_kind(mistakes: Sequence[Mistake]) -> str:
    if any(mistake.picture or mistake.lines for mistake in mistakes):
        return "cards"
    longest = max((len(mistake.text) for mistake in mistakes), default=0)
    has_cells = any(mistake.cells for mistake in mistakes)
    return "text" if longest > (_SHORT_TEXT if has_cells else 0) else "table"


def _with_text_as_cell(mistake: Mistake) -> Mistake:
    if not mistake.text or mistake.text in mistake.cells.values():
        return mistake
    return replace(mistake, cells={"text": mistake.text, **mistake.cells})


def _mistake_columns(mistakes: Sequence[Mistake]) -> list[str]:
    return list(dict.fromkeys(name for mistake in mistakes for name in mistake.cells))[:16]
