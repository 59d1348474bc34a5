"""Progress for people: a live bar in a terminal, plain lines elsewhere."""

import time
from collections.abc import Mapping
from typing import Any, TextIO, final

from lamina.core.durations import format_duration
from lamina.training.log import AbstractLogger, Record

PLAIN_INTERVAL_S = 10.0
"""Time between two plain lines about steps."""


def progress_logger(stream: TextIO) -> AbstractLogger:
    """Return a live bar where the stream is a terminal, plain lines elsewhere.

    Args:
        stream: Where to write, such as `sys.stderr`.
    """
    return BarLogger(stream) if stream.isatty() else PlainLogger(stream)


@final
class PlainLogger(AbstractLogger):
    """One line per validation and event, and one about steps now and then.

    Args:
        stream: Where to write.
        interval_s: Time between two lines about steps.
    """

    def __init__(self, stream: TextIO, *, interval_s: float = PLAIN_INTERVAL_S) -> None:
        self._stream = stream
        self._interval_s = interval_s
        self._last = time.monotonic()

    def write(self, record: Record) -> None:
        """Write a line where the record is worth one.

        Args:
            record: JSON-like.
        """
        now = time.monotonic()
        if record["kind"] == "step":
            if now - self._last < self._interval_s:
                return
            self._last = now
        line = describe(record)
        if line:
            self._stream.write(line + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Flush; the stream belongs to the caller."""
        self._stream.flush()


@final
class BarLogger(AbstractLogger):
    """A live bar with time left, loss, metrics and throughput.

    Args:
        stream: A terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[live]}"),
            console=Console(file=stream),
            transient=True,
        )
        self._task = self._progress.add_task("training", total=1.0, live="")
        self._metrics = ""
        self._progress.start()

    def write(self, record: Record) -> None:
        """Move the bar, or print a line above it.

        Args:
            record: JSON-like.
        """
        if record["kind"] == "step":
            speed = f"{record['samples_per_second']:,.0f} samples/s"
            live = f"loss {record['loss']:.4g}  {self._metrics}  {speed}"
            self._progress.update(self._task, completed=record["progress"], live=live)
        elif record["kind"] == "validation":
            self._metrics = _metrics(record["metrics"])
        elif line := describe(record):
            self._progress.console.print(line, markup=False, highlight=False)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def describe(record: Record) -> str:
    """Return one line of plain text about a record; empty where there is nothing to say.

    Args:
        record: JSON-like, as loggers receive it.
    """
    kind = record["kind"]
    if kind == "step":
        return (
            f"step {record['step']}/{record['total_steps']}  loss {record['loss']:.4g}  "
            f"{record['samples_per_second']:,.0f} samples/s  {_time(record)}"
        )
    if kind == "validation":
        return (
            f"epoch {record['epoch']:.1f}  loss {record['loss']:.4g}  "
            f"{_metrics(record['metrics'])}  {_time(record)}"
        )
    if kind == "event":
        return str(record["message"])
    if kind == "end":
        how = "interrupted after" if record["is_interrupted"] else "trained for"
        return f"{how} {record['steps']} steps, {_time(record)}"
    return ""


def _metrics(metrics: Mapping[str, Any]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())


def _time(record: Record) -> str:
    return format_duration(record["seconds"])
