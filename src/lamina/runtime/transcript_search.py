"""Which text was heard: the likeliest over all ways in which it can lie in time.

A search is given the steps of a sound as they come and tells each token once no text that it still
follows is without it; the whole of a recording is searched by the same code.

Source: Graves et al. 2006, "Connectionist temporal classification", section 3.2 (best path); Hannun
et al. 2014, arXiv:1408.2873 (prefix beam search with a language model).
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.token_runs import TokenRuns

BLANK = 0
"""The token of a step that adds nothing."""

MARK = 2
"""The token before every text."""

_LEAST = math.log(1e-4)  # tokens less likely than this at a step are not followed
_MOST = 16  # nor more than so many of them


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSettings:
    """How a transcript is looked for."""

    beam: int
    """Texts that are followed at a time; 1 takes the likeliest token of each step."""
    language_weight: float
    """How much the runs of tokens of the training transcripts count; not with a beam of 1."""
    token_bonus: float
    """Nats that each token is worth."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the settings of a document.

        Args:
            document: With a value for each, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a search for transcripts")
        return cls(
            beam=fields.integer("beam", least=1, most=10_000),
            language_weight=fields.number("language_weight"),
            token_bonus=fields.number("token_bonus"),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """One token of a text, and when it was heard."""

    token: int
    """The token."""
    step: int
    """The step at which it was likeliest, from 0."""


class AbstractSearch(ABC):
    """A search for the text of one sound, whose steps come bit by bit."""

    nats: float
    """How unlikely the text so far is."""

    @abstractmethod
    def add(self, logs: np.ndarray) -> list[Heard]:
        """Return the tokens that are certain now, after more steps.

        Args:
            logs: float [steps, tokens], log-probabilities.
        """

    @abstractmethod
    def end(self) -> list[Heard]:
        """Return the tokens that are left when the sound has ended."""


def search(
    settings: SearchSettings, language: TokenRuns, *, patience: int | None = None
) -> AbstractSearch:
    """Return a search that has heard nothing yet.

    Args:
        settings: How the text is looked for.
        language: Runs of tokens of the training transcripts.
        patience: Steps after which a token is decided at the latest, which bounds the memory; None
            to wait for the end.
    """
    return _BestPath() if settings.beam == 1 else _Beam(settings, language, patience)


def transcript(
    logs: np.ndarray, settings: SearchSettings, language: TokenRuns
) -> tuple[tuple[int, ...], float]:
    """Return the tokens of the likeliest text of one sound, and its nats.

    Args:
        logs: float [steps, tokens], log-probabilities.
        settings: How it is looked for.
        language: Runs of tokens of the training transcripts.
    """
    found = search(settings, language)
    tokens = tuple(one.token for one in [*found.add(logs), *found.end()])
    return tokens, found.nats


@final
class _BestPath(AbstractSearch):
    """The likeliest token of each step, repeated ones joined."""

    def __init__(self) -> None:
        self.nats = 0.0
        self._last, self._step = BLANK, 0

    def add(self, logs: np.ndarray) -> list[Heard]:
        if not len(logs):
            return []
        best = logs.argmax(axis=1)
        before = np.concatenate([[self._last], best[:-1]])
        places = np.flatnonzero((best != BLANK) & (best != before))
        found = [Heard(int(best[place]), self._step + int(place)) for place in places]
        self.nats -= float(logs.max(axis=1).sum(dtype=np.float64))
        self._last, self._step = int(best[-1]), self._step + len(logs)
        return found

    def end(self) -> list[Heard]:
        return []


@dataclass(slots=True)
class _Line:
    """One text that is followed: its log-probability with a blank last, and without."""

    blank: float = -math.inf
    token: float = -math.inf
    language: float = 0.0
    times: tuple[int, ...] = ()
    """Step of each token that is not certain yet."""
    peak: float = -math.inf
    """How likely the last token was where it was likeliest."""

    @property
    def total(self) -> float:
        return _add(self.blank, self.token)

    def hear(self, share: float, step: int) -> None:
        """Take a step for the time of the last token where it is likeliest so far."""
        if share > self.peak:
            self.peak = share
            self.times = (*self.times[:-1], step) if self.times else ()


@final
class _Beam(AbstractSearch):
    """Some texts at a time, by their first tokens; those that all share are certain."""

    def __init__(self, settings: SearchSettings, language: TokenRuns, patience: int | None) -> None:
        self.nats = 0.0
        self.settings, self.language, self._patience = settings, language, patience
        # Texts without what is certain; of that, only what follows is judged by is kept.
        self._lines: dict[tuple[int, ...], _Line] = {(): _Line(blank=0.0)}
        self._past: tuple[int, ...] = (MARK,)
        self._last: int | None = None
        self._step = 0

    def add(self, logs: np.ndarray) -> list[Heard]:
        logs = logs.astype(np.float64)
        count = min(_MOST, logs.shape[1])
        likely = np.argsort(-logs, axis=1, kind="stable")[:, :count]
        found: list[Heard] = []
        for step, tokens in zip(logs, likely):
            followed = [int(t) for t in tokens if step[t] > _LEAST and t != BLANK]
            grown = self._grown(step.tolist(), followed)
            ranked = sorted(grown.items(), key=lambda pair: -(pair[1].total + pair[1].language))
            self._lines = dict(ranked[: self.settings.beam])
            self._step += 1
            found += self._certain()
        # The first line is the best one.
        self.nats = -next(iter(self._lines.values())).total
        return found

    def end(self) -> list[Heard]:
        ends = {
            text: line.total + line.language + self._gain(text, BLANK)
            for text, line in self._lines.items()
        }
        text = max(ends, key=lambda one: ends[one])
        self.nats = -self._lines[text].total
        return [Heard(*one) for one in zip(text, self._lines[text].times)]

    def _certain(self) -> list[Heard]:
        """Return the tokens that all texts begin with, or that were waited for long enough."""
        found: list[Heard] = []
        while True:
            best, line = next(iter(self._lines.items()))
            if not best:
                return found
            is_late = self._patience is not None and line.times[0] < self._step - self._patience
            if not is_late and any(text[:1] != best[:1] for text in self._lines):
                return found
            found.append(Heard(best[0], line.times[0]))
            kept = {text: own for text, own in self._lines.items() if text[:1] == best[:1]}
            for own in kept.values():
                own.times = own.times[1:]
            self._lines = {text[1:]: own for text, own in kept.items()}
            self._last = best[0]
            self._past = (*self._past, best[0])[-self.language.order :]

    def _grown(self, shares: list[float], followed: list[int]) -> dict[tuple[int, ...], _Line]:
        """Return the texts after one more step, those that stay and those that grow."""
        grown = {
            text: _Line(language=line.language, times=line.times, peak=line.peak)
            for text, line in self._lines.items()
        }
        for text, line in self._lines.items():
            same, last = grown[text], text[-1] if text else self._last
            same.blank = _add(same.blank, line.total + shares[BLANK])
            for token in followed:
                is_repeated = last == token
                if is_repeated:
                    same.token = _add(same.token, line.token + shares[token])
                    same.hear(shares[token], self._step)
                # The same token twice needs a blank between.
                start = line.blank if is_repeated else line.total
                if start == -math.inf:
                    continue
                longer = (*text, token)
                own = grown.get(longer)
                if own is None:
                    gain = line.language + self._gain(text, token)
                    times = (*line.times, self._step)
                    own = grown[longer] = _Line(language=gain, times=times)
                own.token = _add(own.token, start + shares[token])
                own.hear(shares[token], self._step)
        return grown

    def _gain(self, text: tuple[int, ...], token: int) -> float:
        """Return what a token is worth after a text; token 0 is its end."""
        bonus = self.settings.token_bonus if token else 0.0
        if not self.settings.language_weight:
            return bonus
        before = (*self._past, *text)[1 - self.language.order :]
        before = before if self.language.order > 1 else ()
        return bonus + self.settings.language_weight * self.language.log_probability(before, token)


def _add(one: float, other: float) -> float:
    """Return the logarithm of the sum of two probabilities."""
    if one < other:
        one, other = other, one
    return one if other == -math.inf else one + math.log1p(math.exp(other - one))
