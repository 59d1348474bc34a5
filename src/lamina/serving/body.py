"""Reads the body of a request within bounds of size and time."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_DRAIN_S = 1.0
_DRAIN_TIMES = 4


class ClientLeftError(Exception):
    """The client closed the connection before its request was whole."""


async def read_body(scope: Message, receive: Receive, limits: LimitsConfig) -> bytes:
    """Return the whole body.

    Args:
        scope: Of the request.
        receive: Gives the next piece.
        limits: Bytes and seconds.

    Raises:
        Refusal: It is too large (413) or too slow (408).
        ClientLeftError: Nobody waits for an answer any more.
    """
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limits.body_bytes:
        if b"expect" not in headers:
            await _drain(receive, limits.body_bytes * _DRAIN_TIMES)
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_s):
            return await _read(receive, limits)
    except TimeoutError as error:
        raise Refusal(
            408, f"the body did not arrive within {limits.body_s:g} s. Send it faster, or less."
        ) from error


async def _read(receive: Receive, limits: LimitsConfig) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        piece = message.get("body", b"")
        if piece:
            pieces.append(piece)
            size += len(piece)
        if size > limits.body_bytes:
            pieces.clear()
            if message.get("more_body"):
                await _drain(receive, limits.body_bytes * _DRAIN_TIMES)
            raise _too_large(limits)
        if not message.get("more_body"):
            return b"".join(pieces)


async def _drain(receive: Receive, most: int) -> None:
    """Read on for a moment: a client that still sends would not see why it was refused."""
    size = 0
    try:
        async with asyncio.timeout(_DRAIN_S):
            while size <= most:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _too_large(limits: LimitsConfig) -> Refusal:
    return Refusal(
        413,
        f"the body is larger than the {limits.body_bytes:,} bytes that are allowed. Send fewer "
        "rows, or smaller pictures.",
    )
