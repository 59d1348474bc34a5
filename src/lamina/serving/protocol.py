"""HTTP connections with bounds that the web server itself does not set.

uvicorn closes a connection that is silent between two requests, but waits without end for the rest
of a head that comes a byte at a time, and answers a crowd with 503. Here a head has a deadline, and
a connection beyond the bound is told 429 at once.
"""

import asyncio
from typing import Any

from lamina.serving.refusal import error_document
from lamina.serving.strict_json import write_json

_FULL_BODY = write_json(error_document(429, "too many connections. Try again later."))
_FULL = (
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_FULL_BODY), _FULL_BODY)
)


def protocol_class(*, header_s: float, connections: int) -> type[asyncio.Protocol]:
    """Return the class of which the server makes one object per connection.

    Args:
        header_s: Seconds until the head of a request is there.
        connections: Connections at the same time.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class BoundedProtocol(H11Protocol):  # type: ignore[misc]
        """One connection."""

        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if len(self.connections) > connections:
                transport.write(_FULL)
                transport.close()
                return
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def on_response_complete(self) -> None:
            self._unwatch()
            super().on_response_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            super().connection_lost(exc)
            # Also where the connection broke: the timer would keep the object for its time.
            self._unset_keepalive_if_required()

        def _watch(self) -> None:
            """Start the deadline of a head that has begun; a running request has its own."""
            is_running = self.cycle is not None and not self.cycle.response_complete
            if is_running or self.transport.is_closing():
                self._unwatch()
            elif self._deadline is None and self.timeout_keep_alive_task is None:
                self._deadline = self.loop.call_later(header_s, self._give_up)

        def _unwatch(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _give_up(self) -> None:
            self._deadline = None
            self.transport.abort()

    return BoundedProtocol
