"""What users of the library call: `lamina.fit`, `lamina.plan`, `lamina.check`, `lamina.load`."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lamina.core.records import Finding, Problem
from lamina.data.schema import Schema
from lamina.reports.html_table import html_table
from lamina.runs import fit as stages
from lamina.runs.plan import Plan
from lamina.runs.request import make_request
from lamina.runs.run import Run
from lamina.runs.watch import Watch


@dataclass(frozen=True, slots=True)
class Checked:
    """What is in the data, and what is wrong with it."""

    findings: tuple[Finding, ...]
    """What the checks found, the worst first."""
    problems: tuple[Problem, ...]
    """Rows and files that could not be read."""
    schema: Schema
    """What each column is, and why."""

    def _repr_html_(self) -> str:
        """Return findings and columns for notebooks."""
        found = html_table(
            ("severity", "check", "finding", "remedy"),
            [(f.severity, f.check, f.message, f.remedy) for f in self.findings],
        )
        columns = html_table(
            ("column", "role", "modality", "evidence"),
            [(c.name, c.role, c.modality, c.evidence) for c in self.schema.columns],
        )
        aside = f"<p>{len(self.problems):,} rows or files were put aside.</p>"
        head = found if self.findings else "<p>No faults found.</p>"
        return f"{head}{aside if self.problems else ''}{columns}"


def fit(source: Any, **options: Any) -> Run:
    """Train a network on data and evaluate it honestly.

    Args:
        source: Path, built-in name, query, frame, mapping of arrays, data set, or a plan's file.
        **options: `target`, `test`, `validation`, `columns` (modality by column), `ignore`,
            `group`, `time_column`, `series`, `time` ("5m"), `energy` ("20Wh"), `out`, `from_run`,
            `pretrained` (folder or "hub:owner/name"), `settings` (mapping of plan values), `seed`,
            `overrule`, `delimiter`, `encoding`, `has_header`, `query`, `watch` (a
            `lamina.runs.watch.Watch`), and `track` ("tensorboard", "mlflow", or either with
            "=WHERE").

    Returns:
        The finished run.

    Raises:
        DataError: The data cannot be read or learnt from, or a check found something severe.
        ConfigError: An option or setting is wrong.
        MissingExtraError: The library of the tracker is not installed.
    """
    watch = options.pop("watch", None) or Watch()
    if (track := options.pop("track", None)) is not None:
        watch = replace(watch, track=str(track))
    return stages.fit(make_request(source, **options), watch)


def plan(source: Any, **options: Any) -> Plan:
    """Return what `fit` would do, and why, without training.

    The plan of a path, name or query can be written to a file and fitted later. That of data which
    live in memory only is for reading: write the data to a file first to fit its plan.

    Args:
        source: As for `fit`.
        **options: As for `fit`, but `out` is the file (.yaml) that the plan is written to.

    Raises:
        DataError: The data cannot be read or learnt from.
        ConfigError: An option or setting is wrong, or the plan cannot be written to `out`.
    """
    watch: Watch | None = options.pop("watch", None)
    return stages.plan_only(make_request(source, **options), watch)


def check(source: Any, **options: Any) -> Checked:
    """Return what is in the data and what is wrong with it, without training.

    Args:
        source: As for `fit`.
        **options: As for `fit`.

    Raises:
        DataError: The data cannot be read or learnt from.
        ConfigError: An option or setting is wrong.
    """
    watch: Watch | None = options.pop("watch", None)
    material = stages.check_only(make_request(source, **options), watch)
    return Checked(material.findings, material.problems, material.schema)


def load(path: Path | str) -> Run:
    """Return a run that lies in a folder.

    Args:
        path: The run folder, or one that `save_to_hub_folder` wrote; "hub:owner/name" fetches such
            a folder.

    Raises:
        RunError: There is no run there.
    """
    return Run(path)
