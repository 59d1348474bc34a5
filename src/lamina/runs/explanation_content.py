"""From explanation.json to the section of a report; one explanation as a page of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from lamina.core.config import from_document
from lamina.core.errors import ConfigError, RunError
from lamina.core.files import write_atomically
from lamina.core.records import Interval
from lamina.explanation.records import CheckRecord, RowExplanation
from lamina.reports import content as page
from lamina.reports.inline import InlineReport
from lamina.reports.render import render_report
from lamina.runs.folder import RunFolder


@final
@dataclass(frozen=True, slots=True)
class ModelExplanation:
    """What moves a whole model, as it was measured on test rows when the run was made."""

    run: str
    """Name of the run."""
    section: page.ExplanationSection
    """What its report shows."""
    document: Mapping[str, Any]
    """The content of explanation.json."""

    def page(self) -> str:
        """Return it as a page of its own."""
        text = f"What the answers of {self.run} rest on, measured on test rows."
        return render_report(
            page.ReportContent(
                title=self.run,
                summary=page.Summary(text=text),
                subtitle="the model explained",
                explanation=self.section,
            )
        )

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return dict(self.document)

    def _repr_html_(self) -> str:
        """Return the page for notebooks, in a frame of its own."""
        return InlineReport(self.page())._repr_html_()

    def __repr__(self) -> str:
        return f"ModelExplanation({self.run!r}, {self.section.method})"


def model_explanation(folder: RunFolder) -> ModelExplanation:
    """Return what moves a run's model.

    Args:
        folder: The run folder.

    Raises:
        RunError: Nothing was measured, or the file is damaged.
    """
    section = explanation_section(folder)
    if section is None:
        raise RunError(
            f"{folder.path} has no explanation of the whole model: the run is {folder.status()}, "
            "or was made without it. Explain one row with --row N, or fit again."
        )
    name = folder.path.resolve().name
    return ModelExplanation(name, section, folder.read_json(folder.explanation))


def explanation_section(folder: RunFolder) -> page.ExplanationSection | None:
    """Return what a report shows of a run's explanation.json; None where there is none.

    Args:
        folder: The run folder.

    Raises:
        RunError: The file is damaged.
    """
    if not folder.explanation.exists():
        return None
    told = folder.read_json(folder.explanation)
    try:
        return _section(told)
    except (ConfigError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{folder.explanation} is damaged: {error}. Delete it.") from error


def explanation_page(
    explanation: RowExplanation, *, run: str, check: CheckRecord | None = None
) -> page.ReportContent:
    """Return a page of one explanation.

    Args:
        explanation: What was found.
        run: Name of the run.
        check: What was measured about the method on the test rows of the run.
    """
    section = page.ExplanationSection(
        method=explanation.method,
        unit=explanation.unit,
        check=check,
        rows=(page.ExplainedRow(explanation=explanation),),
    )
    text = f"Why the model of {run} answers row {explanation.row} with: {explanation.answer}."
    return page.ReportContent(
        title=run, summary=page.Summary(text=text), subtitle="one answer explained",
        explanation=section,
    )  # fmt: skip


def write_page(
    out: Path, folder: RunFolder, explanation: RowExplanation | ModelExplanation
) -> None:
    """Write a page of one explanation.

    Args:
        out: File to write.
        folder: The run folder.
        explanation: What was found.
    """
    if isinstance(explanation, ModelExplanation):
        write_atomically(out, explanation.page())
        return
    check = method_check(folder, explanation.method)
    content = explanation_page(explanation, run=folder.path.resolve().name, check=check)
    write_atomically(out, render_report(content))


def method_check(folder: RunFolder, method: str) -> CheckRecord | None:
    """Return what a run measured about a method on its test rows; None where it did not.

    Args:
        folder: The run folder.
        method: Name of the method.
    """
    section = explanation_section(folder)
    return section.check if section is not None and section.method == method else None


def _section(told: Mapping[str, Any]) -> page.ExplanationSection:
    importance, layers = told.get("importance") or {}, told.get("layers") or {}
    return page.ExplanationSection(
        method=told["method"],
        unit=told["unit"],
        check=from_document(CheckRecord, _defined(told["check"]), where="check"),
        importances=_intervals(importance.get("columns", {})),
        importance_note=(
            f"rise of the {importance['error']} when a column is shuffled among "
            f"{importance['rows']:,} test rows, with 95 % intervals"
            if importance
            else ""
        ),
        rows=tuple(_row(row) for row in told.get("rows") or ()),
        layers=_intervals({one["layer"]: one for one in layers.get("layers", ())}),
        layer_metric=layers.get("metric", ""),
        layer_chance=layers.get("chance", 0.0),
        layer_rows=layers.get("rows", 0),
        maps=_maps(told.get("projection")),
        features=tuple(
            page.LayerPictures(layer=one["layer"], pictures=tuple(one["pictures"]))
            for one in told.get("features") or ()
        ),
        left_out=tuple(told.get("left_out") or ()),
    )


def _row(told: Mapping[str, Any]) -> page.ExplainedRow:
    own = {n: v for n, v in told.items() if n not in ("schema", "truth", "is_mistake")}
    own["check"] = None if own.get("check") is None else _defined(own["check"])
    return page.ExplainedRow(
        explanation=from_document(RowExplanation, own, where="explanation"),
        truth=told.get("truth", ""),
        is_mistake=told.get("is_mistake", False),
    )


def _defined(check: Mapping[str, Any]) -> dict[str, Any]:
    """Return a check whose figures are numbers, not null where one is not defined."""
    own = dict(check)
    for name in ("gain", "similarity"):
        if own.get(name) and own[name]["value"] is None:
            own[name] = {**own[name], "value": float("nan")}
    return own


def _intervals(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Interval]:
    return {name: Interval.from_document(one) for name, one in told.items()}


def _maps(told: Mapping[str, Any] | None) -> tuple[page.SampleMap, ...]:
    if not told:
        return ()
    labels = tuple(told["labels"])
    shares = " and ".join(f"{share:.0%}" for share in told["shares"])
    found = [
        page.SampleMap(
            title=f"two principal components of the last layer, which hold {shares} of its spread",
            points=tuple((x, y) for x, y in told["components"]),
            labels=labels,
        )
    ]
    if "tsne" in told:
        found.append(
            page.SampleMap(
                title="t-SNE: neighbours stay neighbours, far distances mean nothing",
                points=tuple((x, y) for x, y in told["tsne"]),
                labels=labels,
            )
        )
    return tuple(found)
