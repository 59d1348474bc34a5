"""MLflow: parameters, figures and the report, on a server or in a folder."""

import json
import os
import re
import time
from pathlib import Path
from typing import Any, ClassVar, final

from lamina.core.errors import MissingExtraError
from lamina.core.files import write_atomically
from lamina.runs.plan import Plan
from lamina.runs.trackers.base import AbstractTracker, Outcome, leaves, scalars
from lamina.training.log import Record

EXPERIMENT = "lamina"
"""Name of the experiment, unless the environment's MLFLOW_EXPERIMENT_NAME says otherwise."""

_FLUSH_S = 5.0
_TOGETHER = 100
_LONGEST = 500
_STRANGE = re.compile(r"[^\w. /-]")


@final
class MLflowTracker(AbstractTracker):
    """Logs to an MLflow store through its client.

    Args:
        where: Address of a server, or a folder; None takes the environment's MLFLOW_TRACKING_URI,
            and the folder `mlruns` without it.

    Raises:
        MissingExtraError: MLflow is not installed.
    """

    name: ClassVar[str] = "mlflow"

    def __init__(self, where: str | None = None) -> None:
        # A server that is not there must not hold up a run for minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise MissingExtraError("mlflow-skinny", extra="track", purpose="--track") from error
        address = where or os.environ.get("MLFLOW_TRACKING_URI") or "mlruns"
        if "://" not in address:
            # The client refuses plain folders unless it is told that they are meant.
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
            address = Path(address).resolve().as_uri()
        self._make, self._address = MlflowClient, address
        self._waiting: list[Any] = []
        self._flushed, self._step = time.monotonic(), 0
        self._is_interrupted = False

    def begin(self, folder: Path, plan: Plan) -> None:
        """Make the run, or go on with the one that the run folder remembers.

        Args:
            folder: The run folder.
            plan: Every decision.
        """
        from mlflow.entities import Param

        self._client = self._make(tracking_uri=self._address)
        kept = folder / "mlflow.json"
        told = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        if told.get("address") == self._address:
            self._run = str(told["run"])
            self._client.update_run(self._run, status="RUNNING")
            return
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        found = self._client.get_experiment_by_name(name)
        number = self._client.create_experiment(name) if found is None else found.experiment_id
        made = self._client.create_run(
            number, run_name=folder.name, tags={"lamina.run": str(folder)}
        )
        self._run = made.info.run_id
        parameters = [
            Param(_STRANGE.sub("_", path)[:250], str(value)[:_LONGEST])
            for path, value in leaves(plan.to_document())
        ]
        for start in range(0, len(parameters), _TOGETHER):
            self._client.log_batch(self._run, params=parameters[start : start + _TOGETHER])
        write_atomically(kept, json.dumps({"address": self._address, "run": self._run}))

    def write(self, record: Record) -> None:
        """Take the figures of a record; they are sent every few seconds.

        Args:
            record: JSON-like.
        """
        self._step = int(record.get("step", self._step))
        self._is_interrupted = bool(record.get("is_interrupted", self._is_interrupted))
        for name, value in scalars(record).items():
            self._add(name, value)
        if time.monotonic() - self._flushed > _FLUSH_S:
            self._flush()

    def close(self) -> None:
        """Send what waits."""
        self._flush()

    def finish(self, outcome: Outcome) -> None:
        """Send the final figures and the report, and end.

        Args:
            outcome: Evaluation and report.
        """
        for name, value in outcome.figures():
            self._add(name, value)
        self._flush()
        self._client.log_artifact(self._run, str(outcome.report))
        self._client.log_artifact(self._run, str(outcome.report.parent / "plan.yaml"))
        self._client.set_terminated(
            self._run, status="KILLED" if self._is_interrupted else "FINISHED"
        )

    def _add(self, name: str, value: float) -> None:
        from mlflow.entities import Metric

        self._waiting.append(
            Metric(_STRANGE.sub("_", name), value, int(time.time() * 1000), self._step)
        )

    def _flush(self) -> None:
        for start in range(0, len(self._waiting), _TOGETHER):
            self._client.log_batch(self._run, metrics=self._waiting[start : start + _TOGETHER])
        self._waiting.clear()
        self._flushed = time.monotonic()
