"""Texts as they are sent: whole, or piece by piece as they are written.

A stream is made of server-sent events, one JSON object each:

    data: {"model": "plays", "version": "1f…"}
    data: {"pieces": ["Once"]}
    data: {"pieces": [" upon"]}
    data: {"texts": [{"tokens": 12, "end": "length"}]}

`pieces` has the next characters of every text, `texts` comes last. Should the model fail on the
way, the last event is `{"error": {…}}`, of the form of every other error.

Source:
    HTML Living Standard, "Server-sent events", https://html.spec.whatwg.org
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from lamina.serving.body import ClientLeftError
from lamina.serving.models import Model
from lamina.serving.refusal import Refusal, error_document
from lamina.serving.strict_json import write_json
from lamina.serving.writing_desk import Written

EVENTS = "text/event-stream"
"""Content type of a stream."""

_FAILED = "the model failed while it wrote."


async def whole_texts(
    moments: AsyncGenerator[Written, None], model: Model, has_left: Callable[[], Awaitable[bool]]
) -> dict[str, Any]:
    """Return the answer to a request for whole texts.

    Args:
        moments: What is written.
        model: Who writes.
        has_left: Whether nobody waits for it any more.

    Raises:
        ClientLeftError: Nobody does.
    """
    pieces: list[tuple[str, ...]] = []
    last = None
    async for last in moments:
        pieces.append(last.pieces)
        if await has_left():
            raise ClientLeftError
    assert last is not None, "there is one moment at least"
    texts = [
        {"text": "".join(parts), "tokens": count, "end": end}
        for parts, count, end in zip(zip(*pieces), last.counts, last.ends)
    ]
    return {"model": model.name, "version": model.version, "texts": texts}


async def text_events(
    moments: AsyncGenerator[Written, None], model: Model
) -> AsyncGenerator[bytes, None]:
    """Yield the events of a stream; the first comes with what is written first.

    Args:
        moments: What is written.
        model: Who writes.
    """
    head = _event({"model": model.name, "version": model.version})
    last = None
    try:
        async with aclosing(moments):
            async for last in moments:
                pieces = _event({"pieces": last.pieces}) if any(last.pieces) else b""
                yield head + pieces
                head = b""
    except Refusal:
        raise
    except Exception:
        if last is None:
            raise
        yield _event(error_document(500, _FAILED))
        return
    assert last is not None, "there is one moment at least"
    told = [{"tokens": count, "end": end} for count, end in zip(last.counts, last.ends)]
    yield _event({"texts": told})


async def chained(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Yield a piece, then the others; empty ones are left out.

    Args:
        first: The piece that was taken already.
        rest: The others.
    """
    async with aclosing(rest):
        yield first
        async for piece in rest:
            if piece:
                yield piece


def _event(document: Any) -> bytes:
    return b"data: " + write_json(document) + b"\n\n"
