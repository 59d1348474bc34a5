"""Reads the values of a document from a file that may be damaged, refusing what cannot be."""

import math
from collections.abc import Mapping
from typing import Any

from lamina.runtime.errors import BundleError


class Fields:
    """Reads the values of a document from a file, refusing what cannot be.

    Args:
        document: The document.
        what: What it describes, for messages.

    Raises:
        BundleError: The document is no mapping; its methods raise it for a value that cannot be.
    """

    def __init__(self, document: Any, what: str) -> None:
        if not isinstance(document, Mapping):
            raise BundleError(f"the state of {what} must be a mapping, got {short(document)}.")
        self._document = document
        self._what = what

    def text(self, key: str, choices: tuple[str, ...] = ()) -> str:
        """Return a text.

        Args:
            key: Its name.
            choices: Texts it may be; any where empty.
        """
        value = self.value(key)
        if not isinstance(value, str) or (choices and value not in choices):
            raise self.refusal(key, value, " or ".join(map(repr, choices)) or "a text")
        return value

    def number(self, key: str, *, above: float = -math.inf) -> float:
        """Return a finite number.

        Args:
            key: Its name.
            above: What it must exceed.
        """
        value = self.value(key)
        if not is_number(value) or not value > above:
            raise self.refusal(key, value, f"a finite number above {above}")
        return float(value)

    def optional_number(self, key: str) -> float | None:
        """Return a finite number, or None where there is none.

        Args:
            key: Its name.
        """
        return None if self.value(key) is None else self.number(key)

    def integer(self, key: str, *, least: int, most: int = 1 << 40) -> int:
        """Return an integer.

        Args:
            key: Its name.
            least: Least it may be.
            most: Most it may be.
        """
        value = self.value(key)
        if type(value) is not int or not least <= value <= most:
            raise self.refusal(key, value, f"an integer from {least} to {most}")
        return value

    def boolean(self, key: str) -> bool:
        """Return a truth value.

        Args:
            key: Its name.
        """
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.refusal(key, value, "true or false")
        return value

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """Return distinct texts.

        Args:
            key: Their name.
            least: Least number of them.
        """
        value = self.value(key)
        is_list = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
        if not is_list or len(set(value)) != len(value) or len(value) < least:
            raise self.refusal(key, value, f"a list of at least {least} distinct texts")
        return tuple(value)

    def numbers(self, key: str, *, count: int | None = None) -> tuple[float, ...]:
        """Return finite numbers.

        Args:
            key: Their name.
            count: How many there must be; any number where None.
        """
        value = self.value(key)
        is_list = isinstance(value, (list, tuple)) and all(map(is_number, value))
        if not is_list or (count is not None and len(value) != count):
            raise self.refusal(key, value, f"a list of {'' if count is None else count} numbers")
        return tuple(map(float, value))

    def items(self, key: str, *, least: int = 0) -> tuple[Any, ...]:
        """Return a list of anything.

        Args:
            key: Its name.
            least: Least number of items.
        """
        value = self.value(key)
        if not isinstance(value, (list, tuple)) or len(value) < least:
            raise self.refusal(key, value, f"a list of at least {least} items")
        return tuple(value)

    def names(self) -> tuple[str, ...]:
        """Return the names of all values."""
        return tuple(map(str, self._document))

    def value(self, key: str) -> Any:
        """Return what is there, unchecked.

        Args:
            key: Its name.
        """
        if key not in self._document:
            raise BundleError(f"the state of {self._what} has no {key!r}: the file is damaged.")
        return self._document[key]

    def refusal(self, key: str, value: Any, wanted: str) -> BundleError:
        """Return the error for a value that cannot be.

        Args:
            key: Its name.
            value: The value.
            wanted: What it must be.
        """
        return BundleError(
            f"{key!r} in the state of {self._what} must be {wanted}, got {short(value)}: "
            "the file is damaged."
        )


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, truth values apart.

    Args:
        value: Any value.
    """
    is_plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_plain and abs(value) < 1e308 and math.isfinite(value)


def short(value: Any) -> str:
    """Return a value as text of at most 60 characters, for messages.

    Args:
        value: Any value.
    """
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
