"""Stopping in good order: Ctrl-C and SIGTERM finish the step and keep a usable model."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, final

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@final
class StopRequest:
    """A wish to stop after the current step.

    As a context it listens to SIGINT and SIGTERM; a second SIGINT stops at once, in the usual way.
    Outside the main thread it listens to nothing, and `ask` still works.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why to stop, or None."""
        self._before: dict[int, Any] = {}

    def ask(self, reason: str) -> None:
        """Ask for a stop.

        Args:
            reason: Why, for the log.
        """
        self.reason = reason

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self.reason is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.ask(f"received {signal.Signals(number).name}")
