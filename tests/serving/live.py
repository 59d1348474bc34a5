"""A server in a thread of the test, on a free port, with fakes as models."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from lamina.serving.app import Application
from lamina.serving.config import BatchingConfig, LimitsConfig, ServingConfig
from lamina.serving.meter import Meter
from lamina.serving.models import Models
from lamina.serving.server import Server, bind


@dataclass
class Live:
    """A running server."""

    url: str
    models: Models
    meter: Meter
    server: Server
    loop: asyncio.AbstractEventLoop
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20, trust_env=False, **options)

    def post(self, path: str, document: Any, **options: Any) -> httpx.Response:
        with self.client() as client:
            return client.post(path, json=document, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        with self.client() as client:
            return client.get(path, **options)

    def run(self, call: Callable[[], Any]) -> Any:
        """Return what a call gives in the thread of the event loop."""

        async def once() -> Any:
            return call()

        return asyncio.run_coroutine_threadsafe(once(), self.loop).result(10)

    def exchange(self, *pieces: bytes, timeout: float = 10) -> bytes:
        """Send raw bytes and return all that comes back until the server closes."""
        with socket.create_connection(self.address, timeout) as connection:
            for piece in pieces:
                connection.sendall(piece)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Return what a server sends until it closes, or nothing more comes."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return found


def read_answer(connection: socket.socket) -> bytes:
    """Return one whole answer, from a connection that stays open."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(65536)
        assert piece, f"the server closed after {found!r}"
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def config(**limits: Any) -> ServingConfig:
    """Return settings for tests: quick, without a limit of the rate."""
    return ServingConfig(
        port=0, limits=LimitsConfig(**{"rate": 0, **limits}), batching=BatchingConfig()
    )


@contextmanager
def serving(
    functions: dict[str, Any],
    settings: ServingConfig | None = None,
    *,
    tasks: Callable[[Models], Sequence[Callable[[], Any]]] = lambda models: (),
    **changes: Any,
) -> Iterator[Live]:
    """Run a server while the block runs; it must end by itself when told to."""
    settings = replace(settings or config(), **changes)
    meter, said = Meter(), []
    models = Models(settings, meter)
    application = Application(models, settings, meter, say=said.append, tasks=tasks(models))
    server = Server(application, settings, bind(settings.host, settings.port))
    url = server.url
    started = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        for name, function in functions.items():
            models.put(models.prepare(name, function))
        await server.serve(started.set)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert started.wait(20), "the server did not start"
    live = Live(url, models, meter, server, loops[0], said)
    try:
        yield live
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
