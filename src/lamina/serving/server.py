"""Runs a server: binds its address, answers until told to stop, and finishes what it began."""

import asyncio
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

from lamina.core.errors import ConfigError, MissingExtraError
from lamina.serving.app import Application
from lamina.serving.config import ServingConfig
from lamina.serving.protocol import protocol_class

_BACKLOG = 256
_SWITCH_S = 0.0005
"""How long one thread of Python may make another wait. The default, 5 ms, is longer than most calls
of a model: its thread would wait for the event loop ten times as long as it works."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: Name or address.
        port: Port; 0 takes a free one.

    Raises:
        ConfigError: The address cannot be taken.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"the address {host!r} is not known here: {reason}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"cannot listen at {host}:{port}: {reason}. Choose another --port, or 0 for a free one."
        ) from error
    return listener


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address.

    Args:
        host: Name or address.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@final
class Server:
    """One server on one socket.

    Args:
        application: What it answers.
        config: Its limits.
        listener: Where it listens.

    Raises:
        MissingExtraError: uvicorn is not installed.
    """

    def __init__(
        self, application: Application, config: ServingConfig, listener: socket.socket
    ) -> None:
        try:
            import uvicorn
        except ImportError as error:
            raise MissingExtraError(
                "uvicorn", extra="serve", purpose="answering over HTTP"
            ) from error
        limits = config.limits
        settings = uvicorn.Config(
            application,
            http=protocol_class(header_s=limits.header_s, connections=limits.connections),
            loop="asyncio",
            ws="none",
            lifespan="on",
            # Nothing of a request is logged: heads hold tokens, and bodies hold people.
            log_config=None,
            log_level="critical",
            access_log=False,
            # A client could name any address as its own, and so escape the limit of its rate.
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=max(1, round(limits.idle_s)),
            timeout_graceful_shutdown=max(1, round(limits.shutdown_s)),
            h11_max_incomplete_event_size=limits.header_bytes,
        )
        self._server = _quiet_server(uvicorn)(settings)
        self._application = application
        self._listener = listener

    @property
    def url(self) -> str:
        """Where the server is found."""
        host, port = self._listener.getsockname()[:2]
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1" if host == "0.0.0.0" else "::1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def stop(self) -> None:
        """Finish what is in flight, then end; a second time, end at once."""
        if self._server.should_exit:
            self._server.force_exit = True
        self._server.should_exit = True
        self._application.is_stopping = True

    async def serve(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Answer until told to stop.

        Args:
            on_start: Called when the server answers.
        """
        starting = asyncio.create_task(self._told(on_start))
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            starting.cancel()

    def run(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Answer until the process is interrupted or terminated.

        Args:
            on_start: Called when the server answers.
        """
        before = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            with _signals(self.stop):
                asyncio.run(self.serve(on_start))
        finally:
            sys.setswitchinterval(before)

    async def _told(self, on_start: Callable[[], None]) -> None:
        while not self._server.started:
            await asyncio.sleep(0.005)
        on_start()


def _quiet_server(uvicorn: Any) -> Any:
    class QuietServer(uvicorn.Server):  # type: ignore[misc, name-defined]
        """A server that leaves signals to its caller: an interrupt is a proper end here."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return QuietServer


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
