"""Who may ask, and how often: the bearer token and one token bucket per client address."""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import final

from lamina.serving.refusal import Refusal

MOST_CLIENTS = 10_000
"""Addresses that are remembered; the one that was quiet longest is forgotten first."""


@final
class TokenCheck:
    """Compares what a client sent with the token, in a time that tells nothing about it.

    Only the digest of the token is kept, so that no message or dump of the server can show it.

    Args:
        token: What clients must send; None lets everyone ask.
    """

    def __init__(self, token: str | None) -> None:
        self._digest = None if token is None else _digest(token.encode())

    @property
    def is_needed(self) -> bool:
        """Whether there is a token."""
        return self._digest is not None

    def check(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Let a request pass, or refuse it.

        Args:
            headers: Of the request, names in lower case.

        Raises:
            Refusal: The token is missing or wrong; 401.
        """
        if self._digest is None:
            return
        given = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        # Digests have one length, so not even the token's length can be measured.
        is_right = hmac.compare_digest(_digest(token.strip()), self._digest)
        if not (is_right and scheme.lower() == b"bearer"):
            raise Refusal(
                401,
                "a bearer token is needed, and the request has none or another one. "
                "Send the header: Authorization: Bearer TOKEN",
                headers={"WWW-Authenticate": 'Bearer realm="lamina"'},
            )


@final
class RateLimit:
    """One token bucket per client address.

    A bucket holds `burst` requests and fills with `rate` per second.

    Args:
        rate: Requests per second; 0 for any number.
        burst: Requests that may come at once.
        clock: Seconds that only rise.
    """

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, client: str) -> None:
        """Count a request, or refuse it.

        Args:
            client: Address.

        Raises:
            Refusal: The bucket is empty; 429.
        """
        if not self._rate:
            return
        now = self._clock()
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        is_allowed = left >= 1
        self._buckets[client] = (left - 1 if is_allowed else left, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        if not is_allowed:
            seconds = max(1, round((1 - left) / self._rate))
            raise Refusal(
                429,
                f"more than {self._rate:g} requests per second came from this address. Send "
                "several rows per request, or more slowly.",
                headers={"Retry-After": str(seconds)},
            )


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
