"""The models of a server: each with its reader, its batcher and its watch over drift.

A model is replaced in one step: requests that came before are finished by the old version, those
that come after are answered by the new one, and none is lost between them.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from lamina.core.errors import ConfigError, LaminaError
from lamina.serving.batching import Batcher
from lamina.serving.config import ServingConfig
from lamina.serving.drift import DriftMonitor
from lamina.serving.function import Function, typical_row
from lamina.serving.meter import Meter
from lamina.serving.refusal import Refusal, shown
from lamina.serving.rows import RowReader

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Model:
    """One version of a model, ready to answer."""

    name: str
    """Name in paths."""
    function: Function
    """From raw rows to answers."""
    reader: RowReader
    """Reads its requests."""
    batcher: Batcher
    """Joins and answers them."""
    drift: DriftMonitor
    """Compares the last rows with the training rows."""
    since: float
    """When it was loaded, in seconds since 1970."""

    @property
    def version(self) -> str:
        """A short hash of everything that decides its answers."""
        return self.function.identity[:16]

    def to_document(self) -> dict[str, Any]:
        """Return what clients may know of it, without its columns."""
        signature = self.function.signature
        return {
            "name": self.name,
            "version": self.version,
            "task": signature.task,
            "run": signature.name,
            "since": round(self.since, 3),
        }


@final
class Models:
    """The models of a server by name.

    Args:
        config: The server.
        meter: Counts.
    """

    def __init__(self, config: ServingConfig, meter: Meter) -> None:
        self._config = config
        self._meter = meter
        self._models: dict[str, Model] = {}
        self.problems: dict[str, str] = {}
        """Why the newest file of a model was refused, by name."""
        self._closing: set[asyncio.Task[None]] = set()
        self._watch()

    def __len__(self) -> int:
        return len(self._models)

    def every(self) -> Mapping[str, Model]:
        """Return the models as they are now."""
        return dict(self._models)

    def get(self, name: str) -> Model:
        """Return a model.

        Args:
            name: Its name, as a client wrote it.

        Raises:
            Refusal: There is none; 404.
        """
        model = self._models.get(name)
        if model is None:
            known = ", ".join(self._models) or "none is loaded"
            raise Refusal(404, f"there is no model {shown(name)}; known: {known}.")
        return model

    def prepare(self, name: str, function: Function) -> Model:
        """Return a version of a model that has answered once; nothing is replaced yet.

        Args:
            name: Its name.
            function: From raw rows to answers.

        Raises:
            LaminaError: It fails on a typical row.
        """
        signature = function.signature
        probe = [typical_row(signature)]
        try:
            answers = function.predict(probe)
        except Exception as error:  # whatever is in the file, the old version stays
            raise LaminaError(f"it fails on a typical row: {error}") from error
        if len(answers) != 1:
            raise LaminaError(f"it gives {len(answers)} answers to one row.")
        batcher = Batcher(
            function.predict,
            self._config.batching,
            probe=probe,
            error=signature.error,
            on_call=self._meter.count_call(name),
        )
        reader = RowReader(signature, self._config.limits)
        drift = DriftMonitor(signature, num_rows=self._config.drift_rows)
        return Model(name, function, reader, batcher, drift, time.time())

    def put(self, model: Model) -> None:
        """Answer by this version from now on.

        Args:
            model: As `prepare` gave it.
        """
        old = self._models.get(model.name)
        self._models[model.name] = model
        self.problems.pop(model.name, None)
        self._meter.loads.add(model.name, "loaded")
        if old is not None:
            task = asyncio.ensure_future(old.batcher.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def refuse(self, name: str, reason: str) -> None:
        """Keep the old version of a model, and remember why.

        Args:
            name: Its name.
            reason: What is wrong with the new file.
        """
        self.problems[name] = reason
        self._meter.loads.add(name, "refused")

    async def close(self) -> None:
        """Answer what waits, and end."""
        for model in self._models.values():
            await model.batcher.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def _watch(self) -> None:
        every = self._models.values
        watch = self._meter.watch
        watch(
            "lamina_model_info",
            "The versions that answer.",
            ("model", "version"),
            lambda: [((m.name, m.version), 1) for m in every()],
        )
        watch(
            "lamina_model_loaded_seconds",
            "When each version was loaded, in seconds since 1970.",
            ("model",),
            lambda: [((m.name,), m.since) for m in every()],
        )
        watch(
            "lamina_queue_rows",
            "Rows that wait or are being answered.",
            ("model",),
            lambda: [((m.name,), m.batcher.num_waiting_rows) for m in every()],
        )
        watch(
            "lamina_drift_psi",
            "Population stability index of the last rows against the training rows.",
            ("model", "column", "figure"),
            lambda: [
                ((m.name, one.column, one.figure), one.psi)
                for m in every()
                for one in m.drift.report()
                if one.psi is not None
            ],
        )
        watch(
            "lamina_drift_drifted",
            "Whether a column's index is above its threshold and above 0.25.",
            ("model", "column", "figure"),
            lambda: [
                ((m.name, one.column, one.figure), one.state == "drifted")
                for m in every()
                for one in m.drift.report()
            ],
        )


def model_name(path: Path) -> str:
    """Return the name under which a file or run is served.

    Args:
        path: The file or folder.
    """
    stem = path.name if path.is_dir() else path.name.split(".")[0]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:80]
    return name or "model"


def check_name(name: str) -> str:
    """Return a name that can stand in a path.

    Args:
        name: The name wanted.

    Raises:
        ConfigError: It holds something else than letters, digits, points, hyphens, underscores.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"a model's name must be 1 to 80 letters, digits, '.', '-' and '_', got {name!r}. "
            "Give another one: NAME=FILE"
        )
    return name
