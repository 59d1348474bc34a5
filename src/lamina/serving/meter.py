"""The figures that a server keeps about itself; `/metrics` shows them."""

from collections.abc import Callable, Mapping
from typing import final

from lamina.serving.batching import Call
from lamina.serving.metrics import (
    ROWS,
    SECONDS,
    Counter,
    Gauge,
    Histogram,
    Metric,
    Reading,
    exposition,
    process_figures,
)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@final
class Meter:
    """Counts requests, calls of models and loads of files."""

    def __init__(self) -> None:
        self.num_in_flight = 0
        self.requests = Counter(
            "lamina_requests_total",
            "Requests answered, by route, method and status.",
            ("route", "method", "status"),
        )
        self.request_seconds = Histogram(
            "lamina_request_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ("route",),
            SECONDS,
        )
        self.rows = Counter("lamina_rows_total", "Rows answered.", ("model",))
        self.row_errors = Counter(
            "lamina_row_errors_total", "Rows that could not be answered.", ("model",)
        )
        self.batch_rows = Histogram(
            "lamina_batch_rows", "Rows of one call of a model.", ("model",), ROWS
        )
        self.call_seconds = Histogram(
            "lamina_call_seconds", "Seconds of one call of a model.", ("model",), SECONDS
        )
        self.tokens = Counter("lamina_written_tokens_total", "Tokens written.", ("model",))
        self.errors = Counter(
            "lamina_errors_total", "Requests that failed by a fault of the server.", ("route",)
        )
        self.loads = Counter("lamina_loads_total", "Files loaded or refused.", ("model", "outcome"))
        self._gauges: list[Metric] = [
            Gauge(
                "lamina_requests_in_flight",
                "Requests that have no answer yet.",
                (),
                lambda: [((), self.num_in_flight)],
            )
        ]

    def watch(
        self, name: str, text: str, labels: tuple[str, ...], read: Callable[[], Reading]
    ) -> None:
        """Show a figure that is read when somebody looks.

        Args:
            name: Its name.
            text: What it shows.
            labels: Names of its labels.
            read: Gives values of the labels and the figure of each.
        """
        self._gauges.append(Gauge(name, text, labels, read))

    def count_call(self, model: str) -> Callable[[Call], None]:
        """Return what a batcher tells its calls to.

        Args:
            model: Name of the model.
        """

        def count(call: Call) -> None:
            self.rows.add(model, amount=call.num_rows)
            self.batch_rows.add(call.num_rows, model)
            self.call_seconds.add(call.seconds, model)

        return count

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            route: The route, not the path: foreign paths must not become labels.
            method: Of the request.
            status: Of the answer.
            seconds: How long it took.
        """
        self.requests.add(route, method if method in _METHODS else "other", str(status))
        self.request_seconds.add(seconds, route)
        if status >= 500 and status != 503:
            self.errors.add(route)

    def page(self) -> str:
        """Return all figures in Prometheus' format."""
        own: Mapping[str, float] = process_figures()
        process = [_constant(name, value) for name, value in own.items()]
        kept: list[Metric] = [
            *(self.requests, self.request_seconds, self.errors, self.rows, self.row_errors),
            *(self.batch_rows, self.call_seconds, self.tokens, self.loads),
        ]
        return exposition([*kept, *self._gauges, *process])


def _constant(name: str, value: float) -> Gauge:
    text = name.removeprefix("process_").replace("_", " ").capitalize()
    return Gauge(name, f"{text}.", (), lambda: [((), value)])
