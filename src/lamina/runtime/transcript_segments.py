"""Segments of a transcript: words that became certain together, and when they were said."""

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from lamina.runtime.transcript_search import Heard

MOST_S = 6.0
"""Longest segment in seconds, unless a single word is longer."""

MOST_CHARACTERS = 80
"""Most characters of a segment, and of a word that is waited for."""

PAUSE_S = 1.0
"""Seconds without a word behind which a new segment begins."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words of a transcript."""

    start_s: float
    """Where the first is heard, in seconds from the beginning."""
    end_s: float
    """Where the last ends."""
    text: str
    """The words, with the space before them: joined, segments are the whole text."""


@final
class Segments:
    """Turns tokens, as they become certain, into segments of whole words.

    Args:
        spell: The bytes of a token.
        seconds_per_step: Time from one step to the next.
    """

    def __init__(self, spell: Callable[[int], bytes], seconds_per_step: float) -> None:
        self._spell, self._seconds = spell, seconds_per_step
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun: int | None = None  # step of the first byte of a character that is not complete
        self._word: list[tuple[str, int, int]] = []  # characters, and the steps they were heard at

    def add(self, heard: Sequence[Heard]) -> list[Segment]:
        """Return the segments that are complete now.

        Args:
            heard: Tokens that became certain together.
        """
        words = []
        for one in heard:
            begun = one.step if self._begun is None else self._begun
            characters = self._decoder.decode(self._spell(one.token))
            self._begun = begun if self._decoder.getstate()[0] else None
            for character in characters:
                word = self._word
                is_complete = character.isspace() and not _is_blank(word)
                if is_complete or len(word) >= MOST_CHARACTERS:
                    words.append(word)
                    self._word = []
                self._word.append((character, begun, one.step))
        return self._joined(words)

    def end(self) -> list[Segment]:
        """Return what is left when the text has ended; a space at its end is left out."""
        rest = self._decoder.decode(b"", final=True)
        self._word += [(character, self._begun or 0, self._begun or 0) for character in rest]
        word, self._word = self._word, []
        return [] if _is_blank(word) else self._joined([word])

    def _joined(self, words: Sequence[list[tuple[str, int, int]]]) -> list[Segment]:
        """Return words as segments, cut at pauses and where they become too long."""
        segments: list[Segment] = []
        for word in words:
            spoken = [one for one in word if not one[0].isspace()] or word
            text = "".join(character for character, _, _ in word)
            start, end = spoken[0][1] * self._seconds, (spoken[-1][2] + 1) * self._seconds
            last = segments[-1] if segments else None
            if (
                last is None
                or start - last.end_s >= PAUSE_S
                or end - last.start_s > MOST_S
                or len(last.text) + len(text) > MOST_CHARACTERS
            ):
                segments.append(Segment(_rounded(start), _rounded(end), text))
            else:
                segments[-1] = Segment(last.start_s, _rounded(end), last.text + text)
        return segments


def _is_blank(word: Sequence[tuple[str, int, int]]) -> bool:
    return all(character.isspace() for character, _, _ in word)


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
