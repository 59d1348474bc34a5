"""JSON as RFC 8259 has it: no NaN, no infinity, no key twice, only whole Unicode.

Python's reader takes more than the standard: constants that are no numbers, keys given several
times, halves of characters. Each would let one request mean two things.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.serving.refusal import Refusal, shown


def read_json(body: bytes) -> Any:
    """Return the value in a body.

    Args:
        body: Bytes of the request.

    Raises:
        Refusal: It is not JSON; 400.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, f"the body is not UTF-8: byte {error.start} cannot be read.") from error
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise Refusal(
            400, f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise Refusal(400, "the body nests lists or objects too deeply.") from error
    except ValueError as error:  # whole numbers of thousands of digits
        raise Refusal(400, "the body holds a number with too many digits.") from error


def write_json(value: Any) -> bytes:
    """Return a value as JSON; numbers that are not finite become null.

    Args:
        value: JSON-like; NumPy scalars and arrays may stand in it.
    """
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
        )
    except ValueError:
        text = json.dumps(
            _finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    return text.encode("utf-8", errors="replace")


def is_whole_unicode(text: str) -> bool:
    """Return whether a text holds no half of a character.

    Args:
        text: Any text.
    """
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal(400, f"the body gives the key {shown(twice)} twice in one object.")
    return values


def _no_constant(word: str) -> Any:
    raise Refusal(400, f"the body holds {word}, which is no JSON. Send null for a missing number.")


def _plain(value: Any) -> Any:
    if isinstance(value, (np.generic, np.ndarray)):
        return _finite(value.tolist())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return _plain(value)
