"""Texts as they are written: tokens to characters, and where each text ends.

The tokens may come from anywhere: an exported graph or a network of torch. So a run and its
exported file spell, stop and end alike.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

from lamina.runtime.errors import DataError

LONGEST_PROMPT = 100_000
"""Most characters of a prompt."""

MOST_TOKENS = 100_000
"""Most tokens that are written at a time."""

MOST_TEXTS = 256
"""Most texts that are written side by side."""

MOST_STOPS = 16
"""Most texts that end a text where they appear."""

ENDS = ("end", "stop", "length")
"""Why a text ended: by itself, by one of the texts that stop it, or because it was long enough."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WritingConfig:
    """How much is written, and where it ends."""

    prompt: str = ""
    """What texts begin with."""
    num_texts: int = 1
    """Texts that are written side by side."""
    num_tokens: int = 256
    """Most tokens of each."""
    seed: int = 0
    """Decides what is drawn."""
    stop: tuple[str, ...] = ()
    """A text ends where one of these appears, and is given without it."""

    def __post_init__(self) -> None:
        if len(self.prompt) > LONGEST_PROMPT:
            raise DataError(
                f"the prompt has {len(self.prompt):,} characters, at most {LONGEST_PROMPT:,} are "
                "read. Shorten it: only its end is of use."
            )
        for name, most in (("num_texts", MOST_TEXTS), ("num_tokens", MOST_TOKENS)):
            value = getattr(self, name)
            if not 1 <= value <= most:
                raise DataError(f"{name} must be from 1 to {most:,}, got {value!r}.")
        if len(self.stop) > MOST_STOPS or not all(self.stop):
            raise DataError(
                f"stop takes up to {MOST_STOPS} texts of one character or more, got "
                f"{len(self.stop)}: {self.stop[:3]!r}."
            )


@final
class Writing:
    """Texts that are being written side by side.

    Args:
        tokens: Gives the next token of every text, place by place, as whole numbers.
        config: How many there are, and where they end.
        bytes_of: Bytes that a token stands for.
        ends: Tokens that end a text.
    """

    def __init__(
        self,
        tokens: Iterator[Any],
        config: WritingConfig,
        *,
        bytes_of: Callable[[int], bytes],
        ends: Collection[int],
    ) -> None:
        self.tokens = tokens
        """Gives the next token of every text."""
        self._bytes_of, self._marks = bytes_of, frozenset(ends)
        self._steps: Iterator[tuple[str, ...]] | None = None
        self._spellings = [Spelling() for _ in range(config.num_texts)]
        self._stops = [Stopping(config.stop) for _ in range(config.num_texts)]
        self.counts = [0] * config.num_texts
        """Tokens of each text so far."""
        self.ends: list[str | None] = [None] * config.num_texts
        """Why each text ended, one of `ENDS`; None where it goes on."""

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield the characters that come next in each text, step by step; "" where none do."""
        for tokens in self.tokens:
            yield tuple(self._add(row, int(token)) for row, token in enumerate(tokens))
            if None not in self.ends:
                return
        rest = tuple(map(self._rest, range(len(self.counts))))
        if any(rest):
            yield rest

    @property
    def is_over(self) -> bool:
        """Whether all texts have ended."""
        return None not in self.ends

    def step(self) -> tuple[str, ...] | None:
        """Return the characters that come next in each text; None where all have ended.

        The same as iterating, for those who take several writings in turn.
        """
        if self._steps is None:
            self._steps = iter(self)
        return next(self._steps, None)

    def _add(self, row: int, token: int) -> str:
        """Return what a token adds to a text."""
        if self.ends[row] is not None:
            return ""
        if token in self._marks:
            self.ends[row] = "end"
            return self._stops[row].rest(self._spellings[row].end())
        self.counts[row] += 1
        found = self._stops[row].add(self._spellings[row].add(self._bytes_of(token)))
        if self._stops[row].has_stopped:
            self.ends[row] = "stop"
        return found

    def _rest(self, row: int) -> str:
        """Return what is held back of a text that is long enough."""
        if self.ends[row] is not None:
            return ""
        self.ends[row] = "length"
        found = self._stops[row].rest(self._spellings[row].end())
        if self._stops[row].has_stopped:
            self.ends[row] = "stop"
        return found


@final
class Spelling:
    """Bytes to characters, as soon as those of a character are complete."""

    def __init__(self) -> None:
        self._waiting = b""

    def add(self, data: bytes) -> str:
        """Return the characters that are complete now.

        Args:
            data: The bytes of the next token.
        """
        self._waiting += data
        for size in range(min(4, len(self._waiting) + 1)):
            whole = self._waiting[: len(self._waiting) - size]
            try:
                found = whole.decode("utf-8")
            except UnicodeDecodeError:
                continue
            self._waiting = self._waiting[len(whole) :]
            return found
        # No beginning of a character is longer than three bytes: these bytes are none.
        found, self._waiting = self._waiting.decode("utf-8", "replace"), b""
        return found

    def end(self) -> str:
        """Return what is left, as it is."""
        found, self._waiting = self._waiting.decode("utf-8", "replace"), b""
        return found


@final
class Stopping:
    """Characters to the same characters, up to the first place where a stop stands.

    What may be the beginning of a stop is held back until it is known.

    Args:
        stops: Texts that end a text.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._waiting = ""
        self.has_stopped = False
        """Whether a stop was found."""

    def add(self, text: str) -> str:
        """Return the characters that can be given now.

        Args:
            text: The next ones.
        """
        self._waiting += text
        places = [place for place in map(self._waiting.find, self._stops) if place >= 0]
        if places:
            self.has_stopped = True
            found, self._waiting = self._waiting[: min(places)], ""
            return found
        held = max((_overlap(self._waiting, stop) for stop in self._stops), default=0)
        cut = len(self._waiting) - held
        found, self._waiting = self._waiting[:cut], self._waiting[cut:]
        return found

    def rest(self, text: str) -> str:
        """Return all that is left.

        Args:
            text: The last characters.
        """
        found = self.add(text)
        if self.has_stopped:
            return found
        found, self._waiting = found + self._waiting, ""
        return found


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of a text that begins a stop."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
