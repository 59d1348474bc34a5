"""Counters, gauges and histograms in the text format of Prometheus.

The format is a line per figure, so it is written here instead of by a library; see decision 13 in
`docs/decisions/`.

Source:
    Prometheus, "Exposition formats", text format 0.0.4,
    https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, final

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of the page of figures."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds of a histogram of times."""
ROWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
"""Bounds of a histogram of counts of rows."""

Labels = tuple[str, ...]
Reading = Iterable[tuple[Labels, float]]


class Metric(Protocol):
    """Something that can be written as lines."""

    name: str

    def lines(self) -> list[str]:
        """Return its lines."""


@final
class Counter:
    """Figures that only rise, by label.

    Args:
        name: Its name, ending in `_total`.
        text: What it counts.
        labels: Names of its labels.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self._head = _head(name, text, "counter")
        self._labels = tuple(labels)
        self._values: dict[Labels, float] = {} if labels else {(): 0.0}
        self._lock = threading.Lock()

    def add(self, *labels: str, amount: float = 1.0) -> None:
        """Count.

        Args:
            *labels: Values of the labels.
            amount: How much, 0 or more.
        """
        with self._lock:
            self._values[labels] = self._values.get(labels, 0.0) + amount

    def value(self, *labels: str) -> float:
        """Return the count so far.

        Args:
            *labels: Values of the labels.
        """
        return self._values.get(labels, 0.0)

    def lines(self) -> list[str]:
        """Return its lines."""
        with self._lock:
            values = sorted(self._values.items())
        return [*self._head, *(_line(self.name, self._labels, key, v) for key, v in values)]


@final
class Gauge:
    """Figures that are read when somebody looks.

    Args:
        name: Its name.
        text: What it shows.
        labels: Names of its labels.
        read: Gives values of the labels and the figure of each.
    """

    def __init__(
        self, name: str, text: str, labels: Sequence[str], read: Callable[[], Reading]
    ) -> None:
        self.name = name
        self._head = _head(name, text, "gauge")
        self._labels = tuple(labels)
        self._read = read

    def lines(self) -> list[str]:
        """Return its lines."""
        return [*self._head, *(_line(self.name, self._labels, k, v) for k, v in self._read())]


@final
class Histogram:
    """How often a figure fell below each bound, by label.

    Args:
        name: Its name.
        text: What it measures.
        labels: Names of its labels.
        bounds: Rising upper bounds.
    """

    def __init__(
        self, name: str, text: str, labels: Sequence[str], bounds: Sequence[float]
    ) -> None:
        self.name = name
        self._head = _head(name, text, "histogram")
        self._labels = tuple(labels)
        self._bounds = tuple(bounds)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._lock = threading.Lock()

    def add(self, value: float, *labels: str) -> None:
        """Count one figure.

        Args:
            value: The figure.
            *labels: Values of the labels.
        """
        place = bisect_left(self._bounds, value)
        with self._lock:
            counts = self._counts.get(labels)
            if counts is None:
                counts = self._counts[labels] = [0] * (len(self._bounds) + 1)
                self._sums[labels] = 0.0
            counts[place] += 1
            self._sums[labels] += value

    def lines(self) -> list[str]:
        """Return its lines."""
        with self._lock:
            every = [(k, list(c), self._sums[k]) for k, c in sorted(self._counts.items())]
        lines = list(self._head)
        for key, counts, total in every:
            so_far = 0
            for bound, count in zip((*self._bounds, math.inf), counts):
                so_far += count
                name, labels = f"{self.name}_bucket", (*self._labels, "le")
                lines.append(_line(name, labels, (*key, _number(bound)), so_far))
            lines.append(_line(f"{self.name}_sum", self._labels, key, total))
            lines.append(_line(f"{self.name}_count", self._labels, key, so_far))
        return lines


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the page of figures.

    Args:
        metrics: In the order in which they are written.
    """
    return "".join(f"{line}\n" for metric in metrics for line in metric.lines())


def process_figures() -> Mapping[str, float]:
    """Return resident memory in bytes and open files of this process, where the system tells."""
    from pathlib import Path

    figures: dict[str, float] = {}
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[1])
        figures["process_resident_memory_bytes"] = float(pages * resource.getpagesize())
        figures["process_open_fds"] = float(sum(1 for _ in Path("/proc/self/fd").iterdir()))
    except (ImportError, OSError, ValueError, IndexError):
        pass
    return figures


def _head(name: str, text: str, kind: str) -> list[str]:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return [f"# HELP {name} {escaped}", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Sequence[str], values: Sequence[str], figure: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values))
    return f"{name}{{{pairs}}} {_number(figure)}" if pairs else f"{name} {_number(figure)}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)
