"""The gate before the routes: counts, refuses, bounds the time, and turns errors into answers.

Whatever happens behind it, a client gets JSON of one form, and the server goes on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, final

from lamina.serving.access import RateLimit, TokenCheck
from lamina.serving.body import ClientLeftError, Message, Receive
from lamina.serving.config import ServingConfig
from lamina.serving.meter import Meter
from lamina.serving.page import PAGE
from lamina.serving.refusal import Refusal, error_document, shown
from lamina.serving.strict_json import write_json

Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

OPEN_PATHS = (*PAGE, "/health", "/health/live", "/health/ready")
"""Paths without a token: whether the server lives, and a page that holds nothing of the models."""

SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        b"media-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Sent with every answer."""

_FIXED_ROUTES = (*OPEN_PATHS, "/metrics", "/openapi.json", "/v1/models")
_MODEL_ROUTES = ("predict", "explain", "generate", "drift")


@final
class Gate:
    """Stands before the routes.

    Args:
        inner: The routes.
        config: Limits and token.
        meter: Counts.
        say: Told of faults of the server.
    """

    def __init__(
        self, inner: Application, config: ServingConfig, meter: Meter, say: Callable[[str], None]
    ) -> None:
        self._inner = inner
        self._meter = meter
        self._say = say
        self._token = TokenCheck(config.token)
        self._rate = RateLimit(config.limits.rate, config.limits.burst)
        limits = config.limits
        # Reading and answering have bounds of their own; this one is for clients that read slowly.
        self._most_seconds = limits.body_s + limits.answer_s + limits.idle_s

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request.

        Args:
            scope: Of the request.
            receive: Gives pieces of its body.
            send: Takes pieces of the answer.
        """
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        begin = time.perf_counter()
        exchange = _Exchange(receive, send)
        self._meter.num_in_flight += 1
        try:
            async with asyncio.timeout(self._most_seconds):
                await self._answer(scope, exchange)
        except TimeoutError:
            # The client does not read. What was sent in part cannot be mended.
            pass
        finally:
            self._meter.num_in_flight -= 1
            seconds = time.perf_counter() - begin
            route = route_of(scope["path"])
            self._meter.count_request(route, scope["method"], exchange.status or 499, seconds)

    async def _answer(self, scope: Any, exchange: "_Exchange") -> None:
        try:
            path = scope["path"]
            if not path.startswith("/health"):
                self._rate.check(scope["client"][0] if scope.get("client") else "")
            if path not in OPEN_PATHS:
                self._token.check(scope["headers"])
            await self._inner(scope, exchange.receive, exchange.send)
        except Refusal as refusal:
            document = refusal.to_document()
            await exchange.send_document(refusal.status, document, refusal.headers)
        except ClientLeftError:
            await exchange.send_document(400, error_document(400, "the request was cut off."), {})
        except Exception as error:
            if getattr(error, "status_code", 500) < 500:
                await exchange.send_document(*_no_route(scope, error))
                return
            # Only the kind is said: the message may hold cells of somebody's row.
            cause = error.__cause__ or error
            self._say(f"{scope['method']} {route_of(scope['path'])}: {type(cause).__name__}")
            text = "the server failed on this request; its log names the kind of fault."
            await exchange.send_document(500, error_document(500, text), {})


@final
class _Exchange:
    """Watches one request: what was read of it, and what was answered."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._is_read = False
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            self._is_read = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", []))
            names = {name.lower() for name, _ in headers}
            headers += [pair for pair in SECURITY_HEADERS if pair[0] not in names]
            if self.status >= 400 and not self._is_read:
                # The rest of the body will not be read, so the connection cannot be used again.
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def send_document(self, status: int, document: Any, headers: dict[str, str]) -> None:
        """Send a whole answer, if none was begun."""
        if self.status:
            return
        body = write_json(document)
        pairs = [(name.lower().encode(), text.encode()) for name, text in headers.items()]
        pairs.append((b"content-type", b"application/json"))
        pairs.append((b"content-length", str(len(body)).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": body})


def _no_route(scope: Any, error: Any) -> tuple[int, Any, dict[str, str]]:
    """Return the answer to a path or method that is not there, as the router raised it."""
    messages = {
        404: "there is no such page. The paths stand in /openapi.json.",
        405: f"the path does not know the method {shown(scope['method'], 20)}.",
    }
    status = error.status_code
    document = error_document(status, messages.get(status, str(error.detail)))
    return status, document, dict(error.headers or {})


def route_of(path: str) -> str:
    """Return the route of a path, so that foreign paths do not become labels without end.

    Args:
        path: Of a request.
    """
    if path in _FIXED_ROUTES:
        return path
    parts = path.split("/")
    if parts[:3] == ["", "v1", "models"] and len(parts) == 4:
        return "/v1/models/{name}"
    if parts[:3] == ["", "v1", "models"] and len(parts) == 5 and parts[4] in _MODEL_ROUTES:
        return f"/v1/models/{{name}}/{parts[4]}"
    return "other"
