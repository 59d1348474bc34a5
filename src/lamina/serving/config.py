"""How a server listens, how it joins requests, and what it refuses."""

import math
from dataclasses import dataclass, field

from lamina.core.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchingConfig:
    """How waiting requests are joined into one call of the model."""

    max_rows: int = 64
    """Rows of one call at most; 1 answers every request by a call of its own."""
    wait_s: float = 0.002
    """Seconds that the first request waits for others, at most."""
    max_waiting_rows: int = 4096
    """Rows that may wait; requests beyond them are refused until there is room."""

    def __post_init__(self) -> None:
        _check("max_rows", self.max_rows, least=1)
        _check("wait_s", self.wait_s, least=0, most=10)
        _check("max_waiting_rows", self.max_waiting_rows, least=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitsConfig:
    """What one client may ask for, and for how long."""

    body_bytes: int = 16 * 1024 * 1024
    """Bytes of the body of one request."""
    rows: int = 1000
    """Rows of one request."""
    text_characters: int = 200_000
    """Characters of one cell."""
    pixels: int = 25_000_000
    """Pixels of all pictures of one request; they are counted before anything is decoded."""
    rate: float = 200.0
    """Requests per second of one client address, on average; 0 for any number."""
    burst: int = 400
    """Requests that one client address may send at once after a pause."""
    header_s: float = 10.0
    """Seconds until the head of a request is there."""
    body_s: float = 20.0
    """Seconds until the body of a request is there."""
    answer_s: float = 30.0
    """Seconds until the answer to a request that was read is there, or a text is ended."""
    texts: int = 8
    """Texts that one request may have written side by side."""
    written_tokens: int = 4096
    """Tokens of one text that is written."""
    writings: int = 16
    """Requests for which texts are written at the same time; more of them wait."""
    idle_s: float = 15.0
    """Seconds that a connection may stay open between two requests."""
    shutdown_s: float = 30.0
    """Seconds that requests in flight get when the server stops."""
    connections: int = 512
    """Connections at the same time."""
    header_bytes: int = 32 * 1024
    """Bytes of the head of one request."""

    def __post_init__(self) -> None:
        for name in ("body_bytes", "rows", "text_characters", "pixels", "burst", "connections"):
            _check(name, getattr(self, name), least=1)
        for name in ("texts", "written_tokens", "writings"):
            _check(name, getattr(self, name), least=1)
        for name in ("header_s", "body_s", "answer_s", "idle_s", "shutdown_s"):
            _check(name, getattr(self, name), least=0.01, most=86400)
        _check("rate", self.rate, least=0)
        _check("header_bytes", self.header_bytes, least=1024)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingConfig:
    """One server."""

    host: str = "127.0.0.1"
    """Address to listen at; 0.0.0.0 is every address of the machine."""
    port: int = 8000
    """Port to listen at; 0 takes a free one."""
    token: str | None = field(default=None, repr=False)
    """What clients must send as bearer token; None lets everyone ask."""
    batching: BatchingConfig = field(default_factory=BatchingConfig)
    """How requests are joined."""
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    """What is refused."""
    drift_rows: int = 2000
    """Last rows that are compared with the training rows."""
    reload_s: float = 1.0
    """Seconds between two looks at the files of the models; 0 never looks again."""

    def __post_init__(self) -> None:
        _check("port", self.port, least=0, most=65535)
        _check("drift_rows", self.drift_rows, least=50)
        _check("reload_s", self.reload_s, least=0, most=86400)
        if self.token is not None and not _is_token(self.token):
            raise ConfigError(
                f"the token must be 8 to 1000 visible ASCII characters without spaces, got one of "
                f"{len(self.token)}. Make one with: python -c 'import secrets; "
                "print(secrets.token_urlsafe())'"
            )


def _is_token(text: str) -> bool:
    return 8 <= len(text) <= 1000 and all("!" <= letter <= "~" for letter in text)


def _check(name: str, value: float, *, least: float, most: float = math.inf) -> None:
    if not least <= value <= most:
        bound = f"from {least:g} to {most:g}" if most < math.inf else f"{least:g} or more"
        raise ConfigError(f"{name} must be {bound}, got {value!r}.")
