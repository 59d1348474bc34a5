"""Texts of several requests that are written side by side, each as if it were alone.

A strand is the texts that go on from one prompt. Strands that are asked for together are lines of
one call of the graph; in another company they are put together anew, from what each remembers. So
one can come, rest or leave at any step, and nothing of it is left behind.

Source: Yu et al. 2022, "Orca: a distributed serving system for Transformer-based generative
models" (batches that change at every step). Differs: memories are padded at the front and joined
where the company changes, instead of attention apart for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np

from lamina.runtime.sampling import SamplingConfig, draw_tokens, uniform
from lamina.runtime.writers.steps import SCORES, Lines
from lamina.runtime.writing import Writing


@dataclass(frozen=True, slots=True)
class Draw:
    """How the tokens of a strand are drawn."""

    config: SamplingConfig
    """Temperature and bounds."""
    seed: int
    """Decides what is drawn."""
    banned: tuple[int, ...]
    """Tokens that are never drawn."""


@final
class Strand:
    """The texts that go on from one prompt: an iterator of the next token of each, int64 [texts].

    Args:
        strands: Where it is written beside others.
        prompt: Ids, at least one, at most as many as are read at a time.
        num_texts: Texts that go on from it.
        num_tokens: Tokens to write.
        context: Tokens that are read at a time.
        draw: How tokens are drawn.
    """

    def __init__(
        self,
        strands: "Strands",
        prompt: Sequence[int],
        *,
        num_texts: int,
        num_tokens: int,
        context: int,
        draw: Draw,
    ) -> None:
        self.num_texts, self.num_tokens, self.place = num_texts, num_tokens, 0
        self.unread = np.array([list(prompt)], dtype=np.int64)
        """Tokens that come next, int64 [texts or 1, length]."""
        self.held: Held | None = None
        """What is remembered; None where nothing is yet."""
        self.strands = strands
        """Where it is written beside others."""
        self.draw = draw
        """How tokens are drawn."""
        self._context = context
        self._history = self.unread.repeat(num_texts, axis=0)
        self._ready: list[np.ndarray] = []

    @property
    def is_over(self) -> bool:
        """Whether all its tokens are written."""
        return self.place == self.num_tokens

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> np.ndarray:
        if not self._ready:
            if self.is_over:
                raise StopIteration
            self.strands.step([self])
        return self._ready.pop(0)

    def chance(self) -> np.ndarray:
        """Return the number that decides the next token of each text, float32 [texts]."""
        return uniform(self.draw.seed, "token", self.place, np.arange(self.num_texts))

    def take(self, drawn: np.ndarray) -> None:
        """Take the next token of each text.

        Args:
            drawn: int64 [texts].
        """
        self.place += 1
        self.unread = drawn[:, None]
        self._ready.append(drawn)
        self._history = np.concatenate([self._history, self.unread], axis=1)[:, -self._context :]
        if self.held is not None and self.held.length + 1 > self._context:
            # All that is remembered is full: the last half of it is read anew.
            self.held, self.unread = None, self._history[:, -max(1, self._context // 2) :]


@dataclass(slots=True)
class Held:
    """Lines of which some are a strand's."""

    lines: Lines
    """What is remembered, of all who are written together."""
    company: tuple[Strand, ...]
    """Who these are, in order."""
    own: slice
    """The strand's lines."""
    length: int
    """Tokens that it remembers."""


@final
class Strands:
    """Writes strands side by side.

    Args:
        new: Lines that remember nothing, as many as are asked for.
        has_any_lengths: Whether lines of different lengths can lie side by side; otherwise those of
            each length are asked for apart.
    """

    def __init__(self, new: Callable[[int], Lines], *, has_any_lengths: bool) -> None:
        self._new, self._has_any_lengths = new, has_any_lengths

    def step(self, strands: Sequence[Strand]) -> None:
        """Write one more token of each text.

        Args:
            strands: Each once; none is over.
        """
        known = [(strand, strand.held) for strand in strands if strand.held is not None]
        for strand in strands:
            if strand.held is None:
                self._begin(strand)
        if self._has_any_lengths:
            self._go_on(known)
            return
        for length in {held.length for _, held in known}:
            self._go_on([pair for pair in known if pair[1].length == length])

    def _begin(self, strand: Strand) -> None:
        """Read what a strand begins with, alone: such stretches differ in length."""
        lines, count = self._new(len(strand.unread)), strand.num_texts
        scores = lines.read(strand.unread)[SCORES]
        if len(lines) < count:  # a prompt is read once, however many texts go on from it
            scores = scores.repeat(count, axis=0)
            lines.select(np.zeros(count, dtype=np.int64))
        strand.held = Held(lines, (strand,), slice(0, count), strand.unread.shape[1])
        _draw([(strand, scores)])

    def _go_on(self, known: Sequence[tuple[Strand, Held]]) -> None:
        """Read one more token of each text."""
        if not known:
            return
        company = tuple(strand for strand, _ in known)
        lines = known[0][1].lines
        if any(held.lines is not lines or held.company != company for _, held in known):
            lines = Lines.joined([(held.lines, held.own) for _, held in known])
        scores = lines.read(np.concatenate([strand.unread for strand in company]))[SCORES]
        start = 0
        for strand, held in known:
            own = slice(start, start + strand.num_texts)
            strand.held = Held(lines, company, own, held.length + 1)
            start = own.stop
        _draw([(strand, scores[strand.held.own]) for strand in company if strand.held is not None])


def _draw(scored: Sequence[tuple[Strand, np.ndarray]]) -> None:
    """Draw the next token of each text; of strands that are drawn from alike, all in one go."""
    alike: dict[tuple[SamplingConfig, tuple[int, ...]], list[tuple[Strand, np.ndarray]]] = {}
    for strand, scores in scored:
        key = strand.draw.config, strand.draw.banned
        alike.setdefault(key, []).append((strand, scores))
    for (config, banned), own in alike.items():
        every = np.concatenate([scores for _, scores in own])
        every[:, list(banned)] = -np.inf
        drawn = draw_tokens(every, config, np.concatenate([strand.chance() for strand, _ in own]))
        ends = np.cumsum([strand.num_texts for strand, _ in own])[:-1]
        for (strand, _), some in zip(own, np.split(drawn, ends), strict=True):
            strand.take(some)


def step_together(writings: Sequence[Writing]) -> list[tuple[str, ...] | None]:
    """Return what comes next in each of several writings, as their own `step` does.

    Those of one model are written in one call; each is the same as alone, but for the last digits
    of the scores.

    Args:
        writings: Each once.
    """
    waiting: dict[Strands, list[Strand]] = {}
    for writing in writings:
        strand = writing.tokens
        if isinstance(strand, Strand) and not writing.is_over and not strand.is_over:
            waiting.setdefault(strand.strands, []).append(strand)
    for strands, own in waiting.items():
        strands.step(own)
    return [writing.step() for writing in writings]
