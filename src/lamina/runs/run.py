"""A finished (or finishable) run, as a user holds it in the hand."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, final

import polars as pl

from lamina.core.errors import DataError
from lamina.core.records import Interval
from lamina.data.dataset import encode_frame
from lamina.data.sources.open import open_source
from lamina.evaluation.intervals import BootstrapConfig, score_intervals
from lamina.evaluation.metrics import metrics_of
from lamina.runs.folder import RunFolder, open_run_folder
from lamina.runs.plan import Plan, read_plan
from lamina.runs.predictor import Predictor, load_predictor
from lamina.runs.request import reading_options


@final
class Run:
    """One run: its plan, its model, its figures.

    Args:
        path: The run folder.

    Raises:
        RunError: There is no run there.
    """

    def __init__(self, path: Path | str) -> None:
        self.folder: RunFolder = open_run_folder(path)

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
        return {name: Interval(**value) for name, value in self.evaluation["metrics"].items()}

    def predict(self, data: Any, **reading: Any) -> pl.DataFrame:
        """Return one answer per row of new data.

        Args:
            data: Path, frame, mapping of arrays or data set; targets are not needed.
            **reading: Options of the source, such as `delimiter`.

        Raises:
            DataError: The data cannot be read or lacks a column.
        """
        return self.predictor.predict(_read(data, reading))

    def score(self, data: Any, **reading: Any) -> dict[str, Interval]:
        """Return the task's metrics on new data, with 95 % intervals.

        Args:
            data: Path, frame, mapping of arrays or data set, targets included.
            **reading: Options of the source.

        Raises:
            DataError: The data cannot be read, or lacks a column or every target.
        """
        predictor = self.predictor
        dataset = encode_frame(predictor.schema, _read(data, reading), with_targets=True)
        usable = dataset.usable()
        if not len(usable):
            raise DataError("no row has a known target to score against.")
        found = predictor.predictions(predictor.outputs(dataset, usable))
        targets = {name: value[usable] for name, value in dataset.targets.items()}
        names = task_metrics(predictor, found.kind)
        return score_intervals(
            found,
            predictor.task.truth(targets, predictor.schema),
            names=names,
            config=BootstrapConfig(seed=predictor.plan.seed),
        )

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.status})"

    def _repr_html_(self) -> str:
        """Return the summary for notebooks."""
        from html import escape

        if self.status != "done":
            return f"<p>Run <code>{escape(str(self.path))}</code>: {self.status}</p>"
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{m.value:.4g}</td>"
            f"<td>{m.low:.4g} – {m.high:.4g}</td></tr>"
            for name, m in self.metrics.items()
        )
        verdict = escape(str(self.evaluation.get("verdict", {}).get("sentence", "")))
        head = "<tr><th>metric</th><th>test</th><th>95 % interval</th></tr>"
        return f"<p><b>{escape(self.path.name)}</b>: {verdict}</p><table>{head}{rows}</table>"


def task_metrics(predictor: Predictor, kind: str) -> tuple[str, ...]:
    """Return the metrics of a predictor's task that read its kind of predictions.

    Args:
        predictor: The model.
        kind: Kind of its predictions.
    """
    known = set(metrics_of(kind))
    return tuple(name for name in predictor.task.metrics if name in known)


def _read(data: Any, reading: Mapping[str, Any]) -> pl.DataFrame:
    return open_source(data, options=reading_options(reading)).read()
