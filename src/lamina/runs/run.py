"""A finished (or finishable) run, as a user holds it in the hand."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import polars as pl

from lamina.core.errors import DataError, RunError
from lamina.core.hub import HUB, fetched
from lamina.core.records import Interval
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.modalities.cells import as_text
from lamina.data.schema import Schema
from lamina.data.sources.open import open_source
from lamina.data.sources.prose import prose_reading
from lamina.data.tiles import Tiles
from lamina.evaluation.intervals import BootstrapConfig, score_intervals
from lamina.evaluation.metrics import metrics_of
from lamina.explanation.records import RowExplanation
from lamina.reports.html_table import html_table
from lamina.reports.inline import InlineReport
from lamina.reports.text import format_number
from lamina.runs.explain import Explainer, own_rows
from lamina.runs.explanation_content import ModelExplanation, model_explanation
from lamina.runs.folder import RunFolder, open_run_folder
from lamina.runs.memory import load_memory
from lamina.runs.plan import Plan, read_plan
from lamina.runs.predictor import Predictor, load_predictor
from lamina.runs.request import reading_options
from lamina.runs.similar import similar
from lamina.runtime.sound_blocks import heard_blocks
from lamina.runtime.transcript_segments import Segment
from lamina.runtime.transcription import segments_of

HUB_FILES = ("plan.yaml", "evaluation.json", "model/bundle.json", "model/network.safetensors")
"""The files of a run that are fetched from a hub; none of them can hold code."""


@final
class Scored(dict[str, Interval]):
    """Metrics by name, with how many rows they were measured on.

    Args:
        metrics: Metrics with 95 % intervals.
        num_rows: Rows scored.
        left_out: Rows left out, by reason.
    """

    def __init__(
        self, metrics: Mapping[str, Interval], *, num_rows: int, left_out: Mapping[str, int]
    ) -> None:
        super().__init__(metrics)
        self.num_rows = num_rows
        self.left_out = dict(left_out)

    @property
    def rows(self) -> str:
        """Which rows were scored and which were not, in one sentence."""
        parts = [f"{self.num_rows:,} {'row' if self.num_rows == 1 else 'rows'} scored"]
        parts += [f"{count:,} left out {reason}" for reason, count in self.left_out.items()]
        return ", ".join(parts) + "."

    def _repr_html_(self) -> str:
        """Return the figures for notebooks."""
        return f"{_figures(self)}<p>{self.rows}</p>"


@final
class Run:
    """One run: its plan, its model, its figures.

    Args:
        path: The run folder, or that of a model for the hub; "hub:owner/name" fetches one.

    Raises:
        RunError: There is no run there.
        ConfigError: The hub does not give it.
    """

    def __init__(self, path: Path | str) -> None:
        is_remote = str(path).startswith(HUB)
        place = fetched(str(path), HUB_FILES) if is_remote else path
        self.folder: RunFolder = open_run_folder(place)

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def status(self) -> str:
        """One of "done", "trained", "unfinished" and "planned"."""
        return self.folder.status()

    @cached_property
    def plan(self) -> Plan:
        """Every decision with its reason."""
        return read_plan(self.folder.plan)

    @cached_property
    def predictor(self) -> Predictor:
        """The model, loaded when first used."""
        if not (self.folder.model / "bundle.json").exists():
            # The run's own message says how to finish it.
            self.folder.read_json(self.folder.evaluation)
        return load_predictor(self.folder.model)

    @property
    def evaluation(self) -> dict[str, Any]:
        """The content of evaluation.json."""
        return self.folder.read_json(self.folder.evaluation)

    @property
    def metrics(self) -> dict[str, Interval]:
        """Metrics on the test rows with 95 % intervals."""
        told = self.evaluation["metrics"]
        return {name: Interval.from_document(value) for name, value in told.items()}

    def predict(self, data: Any, **reading: Any) -> pl.DataFrame:
        """Return one answer per row of new data.

        Args:
            data: Path, frame, mapping of arrays or data set; targets are not needed.
            **reading: Options of the source, such as `delimiter`.

        Raises:
            DataError: The data cannot be read or lacks a column.
        """
        return self.predictor.predict(_read(data, reading))

    def write_masks(self, data: Any, folder: Path | str, **reading: Any) -> pl.DataFrame:
        """Write the mask of each picture of new data as a PNG of indices with a palette.

        Beside them stand `answers.csv` with the share of each class, and `parts.csv` with each
        connected part of a class and its box.

        Args:
            data: Path, frame, mapping of arrays or data set; targets are not needed.
            folder: Where to.
            **reading: Options of the source, such as `delimiter`.

        Returns:
            The answers.

        Raises:
            DataError: The data cannot be read, or the model answers no masks.
        """
        from lamina.runs.written_masks import open_folder, write_masks

        open_folder(self.predictor, Path(folder))
        frame = _read(data, reading)
        answers = self.predictor.predict(frame)
        write_masks(self.predictor, frame, answers, Path(folder))
        return answers

    def transcribe(
        self, sound: Any, *, rate: int | None = None, delay_s: float | None = None
    ) -> Iterator[Segment]:
        """Yield what is said in a sound of any length, each segment as soon as it is certain.

        Args:
            sound: Path of a file; an open binary file that gives a WAV file or raw samples; or
                blocks: arrays [samples] or [samples, channels] of int16 or floats in [-1, 1].
            rate: Samples per second of raw samples and of blocks.
            delay_s: Seconds within which a sound is to be heard, at the cost of more work and of
                more errors; None for what costs least.

        Raises:
            ConfigError: The run writes no transcripts.
            DataError: The sound cannot be read, or ends before it should: then after all segments.
        """
        listener = self.predictor.listener()
        blocks = heard_blocks(sound, listener.rate, rate=rate)
        return segments_of(listener, blocks, delay_s=delay_s)

    def similar(
        self, gallery: Any, queries: Any = None, *, count: int = 5, **reading: Any
    ) -> pl.DataFrame:
        """Return the rows of a collection that the network sees as most like each of some rows.

        Args:
            gallery: Path, frame, mapping of arrays or data set: the collection.
            queries: Rows to find others for; None for each row of the collection.
            count: Rows to find for each.
            **reading: Options of both sources, such as `delimiter`.

        Raises:
            ConfigError: The count is below 1, or the task answers no single rows.
            DataError: The data cannot be read or lacks a column.
        """
        asked = None if queries is None else _read(queries, reading)
        return similar(self.predictor, _read(gallery, reading), asked, count=count)

    def score(self, data: Any, **reading: Any) -> Scored:
        """Return the task's metrics on new data, with 95 % intervals.

        Rows that cannot be scored are left out, and counted in what is returned. Where the data has
        the group column of the run, whole groups are resampled. What learnt one running text reads
        a file of plain text as one, too, as when the run was made.

        Args:
            data: Path, frame, mapping of arrays or data set, targets included.
            **reading: Options of the source.

        Raises:
            DataError: The data cannot be read, or lacks a column or every target.
        """
        predictor = self.predictor
        if predictor.is_running:
            reading = reading or prose_reading(data)
        frame = _read(data, reading)
        dataset = encode_frame(predictor.schema, frame, with_targets=True)
        usable = dataset.usable()
        if not len(usable):
            raise DataError("no row has a known target to score against.")
        part = predictor.task.part(dataset, usable, predictor.plan.recipe)
        outputs = predictor.outputs(part.samples, part.index)
        found = predictor.predictions(predictor.heard(part, frame, outputs))
        names = task_metrics(predictor, found.kind)
        groups = group_codes(predictor.schema, frame)
        if groups is None and isinstance(part.samples, Tiles):
            groups = np.arange(frame.height)  # the tiles of a picture are resampled together
        metrics = score_intervals(
            found,
            predictor.task.truth(part.targets(), predictor.schema, num_samples=len(part)),
            names=names,
            groups=None if groups is None else groups[part.rows().numpy()],
            config=BootstrapConfig(seed=predictor.plan.seed),
        )
        return Scored(metrics, num_rows=len(usable), left_out=_left_out(dataset))

    def explain(
        self,
        data: Any = None,
        *,
        row: int | None = None,
        method: str | None = None,
        answer: str | None = None,
        is_checked: bool = True,
        **reading: Any,
    ) -> RowExplanation:
        """Return why the model answers a row as it does.

        Args:
            data: Path, frame, mapping of arrays or data set; None takes the data of the run.
            row: Which row of it; None for the first that is answered. Of a forecast it is the last
                known step.
            method: Name in the table of methods; None takes the one that was measured best.
            answer: Class, label, target or quantile to explain; None takes what the model answers.
            is_checked: Whether the explanation is checked, which takes several times as long.
            **reading: Options of the source.

        Raises:
            DataError: The data cannot be read, lack a column or have no such row.
            ConfigError: There is no such method or answer, or the method does not suit the model.
        """
        frame = own_rows(self.plan) if data is None else _read(data, reading)
        return self.explainer.explain(
            frame,
            row,
            method=method,
            answer=answer,
            is_checked=is_checked,
            memory=load_memory(self.folder.representations),
        )

    def explain_model(self) -> ModelExplanation:
        """Return what all answers rest on: columns, layers, the checked method, explained rows.

        It was measured on test rows when the run was made.

        Raises:
            RunError: Nothing was measured.
        """
        return model_explanation(self.folder)

    @cached_property
    def explainer(self) -> Explainer:
        """What explains the model's answers; made when first used."""
        return Explainer(self.predictor)

    def export(self, path: Path | str, **options: Any) -> Any:
        """Write the model as one file that holds the whole function, proven on the test rows.

        Args:
            path: The file; its ending says the format.
            **options: As those of `lamina.runs.export.export_run`.

        Returns:
            A record of the file: path, identity, size and certificate.
        """
        from lamina.runs.export import export_run

        return export_run(self, path, **options)

    def report(self) -> InlineReport:
        """Return the report, which a notebook shows in a frame of its own.

        Raises:
            RunError: There is none yet.
        """
        try:
            return InlineReport(self.folder.report.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunError(
                f"{self.path} has no report: the run is {self.status}. "
                f"Finish it with: lamina resume {self.path}"
            ) from error

    def save_to_hub_folder(self, folder: Path | str, *, license: str = "unknown") -> Path:
        """Write model, plan, figures and a model card into a folder for the Hugging Face hub.

        Args:
            folder: Where to; it must be empty or not there.
            license: Identifier of the licence, such as "apache-2.0".
        """
        from lamina.runs.hub import save_to_hub_folder

        return save_to_hub_folder(self, folder, license=license)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.status})"

    def _repr_html_(self) -> str:
        """Return the summary for notebooks."""
        from html import escape

        if self.status != "done":
            return f"<p>Run <code>{escape(str(self.path))}</code>: {self.status}</p>"
        verdict = escape(str(self.evaluation.get("verdict", {}).get("sentence", "")))
        return f"<p><b>{escape(self.path.name)}</b>: {verdict}</p>{_figures(self.metrics)}"


def _figures(metrics: Mapping[str, Interval]) -> str:
    rows = [
        (name.replace("_", " "), format_number(m.value), *map(format_number, (m.low, m.high)))
        for name, m in metrics.items()
    ]
    table = [(name, value, f"{low} – {high}") for name, value, low, high in rows]
    return html_table(("metric", "test", "95 % interval"), table)


def task_metrics(predictor: Predictor, kind: str) -> tuple[str, ...]:
    """Return the metrics of a predictor's task that read its kind of predictions.

    Args:
        predictor: The model.
        kind: Kind of its predictions.
    """
    known = set(metrics_of(kind))
    return tuple(name for name in predictor.task.metrics if name in known)


def group_codes(schema: Schema, frame: pl.DataFrame) -> np.ndarray | None:
    """Return the entity of each row, int64 [rows]; None where there is no group column.

    As in the split, a row without a group is an entity of its own.

    Args:
        schema: The schema.
        frame: Raw rows.
    """
    name = schema.group_name
    if name is None or name not in frame.columns:
        return None
    ranks = as_text(frame[name]).rank("dense").cast(pl.Int64)
    codes = ranks.fill_null(0).to_numpy().copy()
    missing = codes == 0
    codes[missing] = codes.max(initial=0) + 1 + np.arange(missing.sum())
    return codes


def _left_out(dataset: Dataset) -> dict[str, int]:
    """Return the rows that cannot be scored, by reason."""
    failed, unlabelled = dataset.failed, dataset.unlabelled & ~dataset.failed
    counts = {
        "with an input that cannot be read": int(failed.sum()),
        "with a target that is missing or unknown to the model": int(unlabelled.sum()),
    }
    return {reason: count for reason, count in counts.items() if count}


def _read(data: Any, reading: Mapping[str, Any]) -> pl.DataFrame:
    return open_source(data, options=reading_options(reading)).read()
