import asyncio
from typing import Any

import pytest

from lamina.serving.body import ClientLeftError, read_body
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal

SMALL = LimitsConfig(body_bytes=10, body_s=0.1)


def read(*messages: dict[str, Any], headers: dict[bytes, bytes] | None = None) -> tuple[Any, int]:
    """Return the body, or what was raised, and how many messages were taken."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    async def main() -> bytes:
        return await read_body({"headers": list((headers or {}).items())}, receive, SMALL)

    try:
        found: Any = asyncio.run(main())
    except (Refusal, ClientLeftError) as error:
        found = error
    return found, len(messages) - len(left)


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_pieces_are_joined():
    assert read(piece(b"abc", more=True), piece(b"def", more=False))[0] == b"abcdef"


@pytest.mark.parametrize("length", [b"11", b"99999999999999999999"])
def test_a_length_that_is_too_large_is_refused(length):
    found, _ = read(piece(b"", more=False), headers={b"content-length": length})
    assert found.status == 413


def test_a_client_that_asks_first_is_not_told_to_go_on():
    headers = {b"content-length": b"11", b"expect": b"100-continue"}
    found, taken = read(piece(b"x", more=False), headers=headers)
    assert (found.status, taken) == (413, 0)


def test_pieces_without_a_length_are_counted():
    found, taken = read(*(piece(b"x" * 6, more=True) for _ in range(50)))
    assert found.status == 413
    assert taken < 12


def test_a_slow_body_is_refused():
    found, _ = read(piece(b"x", more=True))
    assert found.status == 408


def test_a_client_that_left_is_noticed():
    found, _ = read(piece(b"x", more=True), {"type": "http.disconnect"})
    assert isinstance(found, ClientLeftError)
