"""Which text was heard: the likeliest over all ways in which it can lie in time.

Source: Graves et al. 2006, "Connectionist temporal classification", section 3.2 (best path); Hannun
et al. 2014, arXiv:1408.2873 (prefix beam search with a language model).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

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


def transcript(
    logs: np.ndarray, settings: SearchSettings, language: TokenRuns
) -> tuple[tuple[int, ...], float]:
    """Return the tokens of the likeliest text of one sound, and its nats.

    Args:
        logs: float [steps, tokens], log-probabilities.
        settings: How it is looked for.
        language: Runs of tokens of the training transcripts.
    """
    if settings.beam == 1:
        return _best_path(logs)
    return _Search(settings, language).run(logs.astype(np.float64))


def _best_path(logs: np.ndarray) -> tuple[tuple[int, ...], float]:
    """Return the text of the likeliest token of each step, repeated ones joined."""
    best = logs.argmax(axis=1)
    before = np.concatenate([[BLANK], best[:-1]])
    tokens = best[(best != BLANK) & (best != before)]
    return tuple(tokens.tolist()), float(-logs.max(axis=1).sum()) if len(logs) else 0.0


@dataclass(slots=True)
class _Line:
    """One text that is followed: its log-probability with a blank last, and without."""

    blank: float = -math.inf
    token: float = -math.inf
    language: float = 0.0

    @property
    def total(self) -> float:
        return _add(self.blank, self.token)


class _Search:
    def __init__(self, settings: SearchSettings, language: TokenRuns) -> None:
        self.settings, self.language = settings, language

    def run(self, logs: np.ndarray) -> tuple[tuple[int, ...], float]:
        lines: dict[tuple[int, ...], _Line] = {(): _Line(blank=0.0)}
        count = min(_MOST, logs.shape[1])
        likely = np.argsort(-logs, axis=1, kind="stable")[:, :count]
        for step, tokens in zip(logs, likely):
            followed = [int(t) for t in tokens if step[t] > _LEAST and t != BLANK]
            grown = self._grown(lines, step.tolist(), followed)
            ranked = sorted(grown.items(), key=lambda pair: -(pair[1].total + pair[1].language))
            lines = dict(ranked[: self.settings.beam])
        ends = {
            text: line.total + line.language + self._gain(text, BLANK)
            for text, line in lines.items()
        }
        text = max(ends, key=lambda one: ends[one])
        return text, -lines[text].total

    def _grown(
        self, lines: Mapping[tuple[int, ...], _Line], shares: list[float], followed: list[int]
    ) -> dict[tuple[int, ...], _Line]:
        """Return the texts after one more step, those that stay and those that grow."""
        grown: dict[tuple[int, ...], _Line] = {}
        for text, line in lines.items():
            same = grown.setdefault(text, _Line(language=line.language))
            same.blank = _add(same.blank, line.total + shares[BLANK])
            for token in followed:
                is_repeated = bool(text) and text[-1] == token
                if is_repeated:
                    same.token = _add(same.token, line.token + shares[token])
                # The same token twice needs a blank between.
                start = line.blank if is_repeated else line.total
                if start == -math.inf:
                    continue
                longer = (*text, token)
                own = grown.get(longer)
                if own is None:
                    gain = line.language + self._gain(text, token)
                    own = grown[longer] = _Line(language=gain)
                own.token = _add(own.token, start + shares[token])
        return grown

    def _gain(self, text: tuple[int, ...], token: int) -> float:
        """Return what a token is worth after a text; token 0 is its end."""
        bonus = self.settings.token_bonus if token else 0.0
        if not self.settings.language_weight:
            return bonus
        before = (MARK, *text[-self.language.order :])[1 - self.language.order :]
        before = before if self.language.order > 1 else ()
        return bonus + self.settings.language_weight * self.language.log_probability(before, token)


def _add(one: float, other: float) -> float:
    """Return the logarithm of the sum of two probabilities."""
    if one < other:
        one, other = other, one
    return one if other == -math.inf else one + math.log1p(math.exp(other - one))
