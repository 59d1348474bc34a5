"""Work beside the answers that takes a small share of the time, however much there is to do."""

import threading
import time
from collections.abc import Callable
from typing import final


@final
class Pace:
    """Lets one piece of work begin at a time, and leaves time between them.

    Args:
        share: Of the time, above 0 and at most 1, that the work may take.
        clock: Seconds that only rise.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._began: float | None = None
        self._next = clock()

    def begin(self) -> bool:
        """Return whether a piece of work may begin; if so, `end` must follow."""
        with self._lock:
            now = self._clock()
            if self._began is not None or now < self._next:
                return False
            self._began = now
            return True

    def end(self) -> None:
        """Say that the piece of work is done."""
        with self._lock:
            if self._began is None:
                return
            now = self._clock()
            self._next = self._began + (now - self._began) / self._share
            self._began = None
