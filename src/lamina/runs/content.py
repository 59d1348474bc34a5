"""From the files of a run to the records of its report."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from lamina.core.durations import format_duration
from lamina.core.errors import DataError
from lamina.core.records import Interval
from lamina.data.modalities.table import MODALITIES
from lamina.data.schema import Column, Schema
from lamina.evaluation.metrics import METRICS
from lamina.reports import content as page
from lamina.reports.curves import panels_from_log
from lamina.reports.pictures import thumbnail_uri
from lamina.runs.explanation_content import explanation_section
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan
from lamina.runs.prepare import Material
from lamina.runs.tables import promised, result_section
from lamina.runs.written import written_in_words
from lamina.training.log import read_log

_PICTURES = 24
_TEXTS = 6
_SERIES = 12
_BARS = 16


def make_content(
    folder: RunFolder,
    plan: Plan,
    material: Material,
    evaluation: Mapping[str, Any],
    receipt: Mapping[str, Any],
) -> page.ReportContent:
    """Return everything the report shows.

    Args:
        folder: The run folder.
        plan: Every decision.
        material: Rows, schema, split, findings.
        evaluation: Content of evaluation.json.
        receipt: Content of receipt.json.
    """
    inputs = len(material.schema.inputs)
    what = f"{inputs} {'column' if inputs == 1 else 'columns'}"
    told = f"{', '.join(plan.data.target)} from {what}" if plan.data.target else what
    return page.ReportContent(
        title=folder.path.name,
        subtitle=told,
        summary=_summary(plan, material, evaluation),
        data=_data(plan, material),
        findings=material.findings,
        plan=_plan_steps(plan.to_document(), plan.reasons, ()),
        training=_training(folder, plan, evaluation),
        results=result_section(evaluation, material),
        written=_written(evaluation),
        filled=tuple(
            tuple(page.FilledPiece(text=one["text"], filled=one.get("filled")) for one in pieces)
            for pieces in evaluation.get("filled", ())
        ),
        mistakes=_mistakes(material, evaluation),
        explanation=explanation_section(folder),
        receipt=_receipt(receipt),
    )


def _summary(plan: Plan, material: Material, evaluation: Mapping[str, Any]) -> page.Summary:
    rows = evaluation["rows"]
    verdict = evaluation["verdict"]
    text = (
        f"A network learnt {_learnt(plan, material)} from {rows['train']:,} rows "
        f"and was tested {_times(evaluation.get('test_touched', 1))} on {rows['test']:,} rows it "
        f"had never seen. {verdict['sentence']}"
    )
    promise = promised(evaluation)
    facts = [
        page.Fact(
            label=f"{METRICS[name].name.replace('_', ' ')} on {rows['test']:,} test rows",
            value=shown(name, value["value"]),
            note=f"95 % interval {shown(name, value['low'])} – {shown(name, value['high'])}"
            + (f"; {promise}" if name == "coverage" and promise else ""),
        )
        for name, value in list(evaluation["metrics"].items())[:3]
    ]
    seconds = evaluation["training"]["seconds"]
    facts.append(
        page.Fact(
            label="Training",
            value=format_duration(seconds),
            note=f"{evaluation['training']['steps']:,} steps",
        )
    )
    warnings = [f"{f.check}: {f.message}" for f in material.findings if f.severity != "note"]
    if rows["test"] < 200:
        warnings.append(f"Only {rows['test']} test rows: the intervals are wide.")
    if evaluation["training"]["is_interrupted"]:
        warnings.append("Training was interrupted; lamina resume goes on with it.")
    kinds = {"better": "better", "worse": "worse", "": "unknown"}
    kind = "better" if verdict["beats_baselines"] else kinds.get(verdict["outcome"], "equal")
    return page.Summary(
        text=text,
        verdict=page.Verdict(kind=kind, sentence=verdict["sentence"]),
        facts=tuple(facts),
        warnings=tuple(warnings),
    )


def _learnt(plan: Plan, material: Material) -> str:
    """Return what was learnt: the targets or, where there are none, the inputs."""
    names = plan.data.target or tuple(column.name for column in material.schema.inputs)
    return ", ".join(names)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def shown(metric: str, value: float | None) -> str:
    """Return a value of a metric as a person reads it.

    Args:
        metric: Its name.
        value: The value; None where it is not defined.
    """
    if value is None or math.isnan(value):
        return "–"
    return f"{value * 100:.2f} %" if METRICS[metric].value.is_share else f"{value:,.4g}"


def _data(plan: Plan, material: Material) -> page.DataSection:
    info, parts = material.infos[0], material.split
    return page.DataSection(
        source=info.location,
        kind=info.kind,
        num_rows=material.rows.num_rows,
        num_bytes=info.num_bytes,
        fingerprint=info.fingerprint,
        split_reason=parts.reason,
        splits=tuple(
            page.SplitPart(name=name, num_rows=len(getattr(parts, name)))
            for name in ("train", "validation", "test")
        ),
        columns=tuple(_column(c, material) for c in material.schema.columns),
        pictures=_pictures(plan, material),
        texts=_texts(plan, material),
        series=_series(plan, material),
        problems=material.problems[:200],
    )


def _column(column: Column, material: Material) -> page.ColumnSummary:
    cells = material.rows.frame[column.name]
    examples = tuple(show_cell(column, cell) for cell in cells.drop_nulls().head(3).to_list())
    is_plain = (
        not isinstance(cells.dtype, (pl.Array, pl.List, pl.Struct)) and cells.dtype != pl.Binary
    )
    return page.ColumnSummary(
        name=column.name,
        role=column.role,
        modality=column.modality,
        evidence=column.evidence,
        missing=cells.null_count() / max(1, len(cells)),
        num_distinct=cells.n_unique() if is_plain else None,
        examples=examples,
        histogram=_histogram(column, cells) if is_plain else None,
    )


def show_cell(column: Column, cell: Any) -> str:
    """Return a raw cell as plain text.

    Args:
        column: Its column.
        cell: The cell.
    """
    if cell is None:
        return "missing"
    if column.fitted is not None:
        return column.fitted.show(cell)
    if column.modality in MODALITIES and isinstance(cell, (bytes, list, np.ndarray)):
        return column.modality
    return str(cell)[:200]


def _histogram(column: Column, cells: pl.Series) -> page.Histogram | None:
    if column.modality == "number":
        numbers = cells.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
        values = numbers.drop_nulls().to_numpy()
        values = values[np.isfinite(values)]
        if not len(values):
            return None
        low, high = np.quantile(values, [0.005, 0.995])
        counts, edges = np.histogram(np.clip(values, low, high), bins=_BARS)
        return page.Histogram(
            counts=tuple(int(c) for c in counts), edges=tuple(float(e) for e in edges)
        )
    if column.modality in ("category", "boolean"):
        # Under a name of our own: a column called "count" would meet that of the counts.
        texts = cells.drop_nulls().cast(pl.String).alias("cell")
        top = texts.value_counts(sort=True).head(12)
        labels = tuple(str(label)[:40] for label in top["cell"].to_list())
        return page.Histogram(counts=tuple(top["count"].to_list()), labels=labels)
    return None


def _sample_rows(material: Material, count: int) -> list[int]:
    height = material.rows.frame.height
    return sorted({int(i) for i in np.linspace(0, height - 1, min(count, height))})


def _pictures(plan: Plan, material: Material) -> tuple[page.Picture, ...]:
    column = next((c for c in material.schema.inputs if c.modality == "image"), None)
    if column is None:
        return ()
    frame = material.rows.frame
    shown_pictures = []
    for row in _sample_rows(material, _PICTURES):
        uri = picture_of(frame[column.name][row])
        if uri:
            shown_pictures.append(page.Picture(uri=uri, label=_label(plan, frame, row)))
    return tuple(shown_pictures)


def picture_of(cell: Any) -> str:
    """Return a picture cell as a data URI; empty where it cannot be read.

    Args:
        cell: Path, bytes or array.
    """
    if cell is None:
        return ""
    try:
        return thumbnail_uri(cell.to_numpy() if isinstance(cell, pl.Series) else cell)
    except DataError:
        return ""


def _texts(plan: Plan, material: Material) -> tuple[page.TextSample, ...]:
    column = next((c for c in material.schema.inputs if c.modality == "text"), None)
    if column is None:
        return ()
    frame = material.rows.frame
    return tuple(
        page.TextSample(text=str(frame[column.name][row]), label=_label(plan, frame, row))
        for row in _sample_rows(material, _TEXTS)
    )


def _series(plan: Plan, material: Material) -> tuple[page.SeriesSample, ...]:
    frame = material.rows.frame
    found = []
    for row in _sample_rows(material, _SERIES):
        lines = lines_of(material.schema, frame.row(row, named=True))
        if lines:
            found.append(page.SeriesSample(lines=lines, label=_label(plan, frame, row)))
    return tuple(found)


def lines_of(schema: Schema, row: Mapping[str, Any]) -> tuple[tuple[float, ...], ...]:
    """Return what of the first cell that is drawn as lines is drawn; () where there is none.

    Args:
        schema: The fitted schema.
        row: Raw cells by column.
    """
    found = (c.fitted.lines(row[c.name]) for c in schema.inputs if c.fitted is not None)
    return next((lines for lines in found if lines), ())


def _label(plan: Plan, frame: pl.DataFrame, row: int) -> str:
    return str(frame[plan.data.target[0]][row]) if plan.data.target else f"row {row}"


def _plan_steps(
    document: Mapping[str, Any], reasons: Mapping[str, str], prefix: tuple[str, ...]
) -> tuple[page.PlanStep, ...]:
    steps = []
    for name, value in document.items():
        if not prefix and name in ("schema", "reasons"):
            continue
        path = (*prefix, name)
        reason = reasons.get(".".join(path), "")
        if isinstance(value, Mapping) and value:
            inner = _plan_steps(value, reasons, path)
            steps.append(page.PlanStep(name=name, reason=reason, steps=inner))
        elif value is not None or reason:
            steps.append(page.PlanStep(name=name, value=value, reason=reason))
    return tuple(steps)


def _training(folder: RunFolder, plan: Plan, evaluation: Mapping[str, Any]) -> page.TrainingSection:
    rows = read_log(folder.log) if folder.log.exists() else []
    told = evaluation["training"]
    shown_rows = [row for row in rows if row.get("kind") in ("step", "validation")]
    why = "stopped early" if told["is_stopped_early"] else "ran to its end"
    budgets = []
    if plan.budget.time_s is not None:
        budgets.append(page.Budget(kind="time", limit=plan.budget.time_s, used=told["seconds"]))
    probes = [row for row in rows if row.get("kind") == "probe"]
    energies = [row for row in rows if row.get("kind") == "energy"]
    return page.TrainingSection(
        panels=panels_from_log(shown_rows, mark=told["best_step"]),
        note=(
            f"{told['steps']:,} steps, {told['epochs']:.1f} epochs, "
            f"{format_duration(told['seconds'])}; it {why}."
        ),
        probe=_probe(probes[-1], plan.recipe.training.batch_size) if probes else (),
        budgets=tuple(budgets),
        energy=_energy(energies[-1]) if energies else None,
    )


def _probe(row: Mapping[str, Any], batch_size: int) -> tuple[page.ProbeTrial, ...]:
    trials = row.get("candidates", [])
    return tuple(
        page.ProbeTrial(
            setting=_setting(trial),
            samples_per_second=_throughput(trial, batch_size),
            difference=_difference(trial["loss"], trials[0]["loss"]),
            note=_trial_note(trial),
            is_kept=bool(trial["is_chosen"]),
        )
        for trial in trials
    )


def _throughput(trial: Mapping[str, Any], batch_size: int) -> float | None:
    seconds = trial["seconds_per_step"]
    return None if seconds is None else batch_size / max(float(seconds), 1e-9)


def _trial_note(trial: Mapping[str, Any]) -> str:
    if trial["seconds_per_step"] is None:
        return "not measured: too slow for the probe"
    return "" if trial["is_same"] else "computes other numbers"


def _difference(loss: float | None, reference: float | None) -> float | None:
    """Return the relative difference of two losses, where both are known."""
    return abs(loss / reference - 1) if loss is not None and reference else None


def _setting(trial: Mapping[str, Any]) -> str:
    threads = trial["threads"]
    parts = [trial["dtype"], "channels last" if trial["channels_last"] else ""]
    parts.append("" if threads is None else f"{threads} thread{'s' if threads > 1 else ''}")
    return ", ".join(filter(None, parts))


def _energy(row: Mapping[str, Any]) -> page.Energy:
    joules = Interval(float(row["joules"]), float(row["low"]), float(row["high"]))
    return page.Energy(joules=joules, method=str(row["method"]))


def _mistakes(material: Material, evaluation: Mapping[str, Any]) -> tuple[page.Mistake, ...]:
    if not material.rows.is_whole:
        return ()
    frame, schema = material.rows.frame, material.schema
    names = evaluation.get("class_names") or evaluation.get("identity_names")
    labels = evaluation.get("label_names")
    found = []
    for mistake in evaluation.get("mistakes", ()):
        row = frame.row(mistake["row"], named=True)
        cells = {
            c.name: show_cell(c, row[c.name])
            for c in schema.inputs
            if c.modality not in ("image", "text")
        }
        texts = [str(row[c.name]) for c in schema.inputs if c.modality == "text"]
        images = [
            picture_of(frame[c.name][mistake["row"]])
            for c in schema.inputs
            if c.modality == "image"
        ]
        pictures = [page.Picture(uri=uri) for uri in images if uri]
        found.append(
            page.Mistake(
                row=mistake["row"],
                truth=_said(mistake["true"], names, labels) if schema.targets else "itself",
                prediction=_said(mistake["answered"], names, labels)
                + ("" if schema.targets else " nats per token"),
                confidence=mistake.get("confidence"),
                note=mistake.get("note", ""),
                cells=dict(list(cells.items())[:20]),
                text=" ".join(texts),
                picture=pictures[0] if pictures else None,
                lines=lines_of(schema, row),
            )
        )
    return tuple(found)


def _written(evaluation: Mapping[str, Any]) -> page.WrittenSection | None:
    told = evaluation.get("written")
    if told is None:
        return None
    texts = tuple(page.WrittenText(text=t["text"], copied=t["copied"]) for t in told["texts"])
    return page.WrittenSection(
        texts=texts, sentence=written_in_words(told), temperature=told["temperature"]
    )


def _said(values: list[float], names: list[str] | None, labels: list[str] | None) -> str:
    if names and len(values) == 1:
        return names[int(values[0])]
    if labels:
        return ", ".join(labels[int(value)] for value in values) or "none"
    return ", ".join(f"{value:,.4g}" for value in values)


def _receipt(receipt: Mapping[str, Any]) -> page.Receipt:
    return page.Receipt(
        command=receipt["command"],
        seeds=receipt["seeds"],
        versions=receipt["versions"],
        hardware={name: str(value) for name, value in receipt["hardware"].items()},
        hashes=receipt["hashes"],
        started=receipt["started"],
        seconds=receipt["seconds"],
    )
