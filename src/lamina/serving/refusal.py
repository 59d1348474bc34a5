"""A request that is not answered, and how the client is told.

Every answer that is no success has this form:

    {"error": {"status": 422, "message": "wanted a number, got 'x'.", "where": ["row", "x"]}}
"""

from collections.abc import Mapping
from typing import Any

from lamina.core.errors import LaminaError

Place = tuple[str | int, ...]
"""Where in the body of a request: keys and positions from the outside to the inside."""


class Refusal(LaminaError):
    """A request cannot be answered, for a reason that its sender can mend.

    Args:
        status: HTTP status, 400 to 499, or 503 while the server stops.
        message: What, got, wanted, how to mend. It never holds what must stay secret.
        where: Place in the body.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        where: Place = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.where = where
        self.headers = dict(headers or {})

    def to_document(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return error_document(self.status, self.message, self.where)


def error_document(status: int, message: str, where: Place = ()) -> dict[str, Any]:
    """Return the body of an answer that is no success.

    Args:
        status: HTTP status.
        message: What went wrong.
        where: Place in the body of the request.
    """
    return {"error": {"status": status, "message": message, "where": list(where)}}


def shown(value: Any, limit: int = 60) -> str:
    """Return a foreign value for a message: short, on one line, printable.

    Args:
        value: What was got.
        limit: Characters at most.
    """
    text = repr(value)[: limit + 1] if not isinstance(value, str) else repr(value[: limit + 1])
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    return text if len(text) <= limit else text[:limit] + "…"
