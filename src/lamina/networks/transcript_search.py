"""Which text a network heard: the likeliest over all ways in which it can lie in time.

Source: Graves et al. 2006, section 3.2 (best path); Hannun et al. 2014, arXiv:1408.2873 (prefix
beam search with a language model).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.answers import MARK
from lamina.networks.ngram_memory import NgramMemory

_BLANK = 0
_LEAST = math.log(1e-4)  # tokens less likely than this at a step are not followed
_MOST = 16  # nor more than so many of them


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptSearchConfig:
    """How a transcript is looked for."""

    beam: int = 8
    """Texts that are followed at a time, at least 1; 1 takes the likeliest token of each step."""
    language_weight: float = 0.3
    """How much the runs of tokens of the training transcripts count, at least 0; not with a beam
    of 1."""
    token_bonus: float = 0.5
    """Nats that each token is worth, which makes up for what the runs cost."""
    order: int = 5
    """Longest run of tokens that is counted, from 1 to 8."""

    def __post_init__(self) -> None:
        if self.beam < 1 or not 1 <= self.order <= 8:
            raise ConfigError(
                f"beam must be at least 1 and order from 1 to 8, got {self.beam!r} and "
                f"{self.order!r}. Try 8 and 5."
            )
        if not self.language_weight >= 0:
            raise ConfigError(
                f"language_weight must be 0 or above, got {self.language_weight!r}. Try 0.3."
            )


def transcribe(
    logs: Tensor, valid: Tensor, config: TranscriptSearchConfig, language: NgramMemory
) -> Tensor:
    """Return nats, tokens, then the tokens themselves, float [rows, 2 + length].

    Args:
        logs: float [rows, steps, tokens], log-probabilities; token 0 adds nothing.
        valid: bool [rows, steps], where there is sound; padding comes last.
        config: How it is looked for.
        language: Runs of tokens of the training transcripts.
    """
    if config.beam == 1:
        return _best_path(logs, valid)
    found = []
    for row, length in zip(logs.cpu(), valid.sum(dim=1).tolist()):
        tokens, nats = _searched(row[:length], config, language)
        found.append(torch.tensor([nats, len(tokens), *tokens], dtype=torch.float32))
    longest = max((len(row) for row in found), default=2)
    rows = [F.pad(row, (0, longest - len(row))) for row in found]
    return torch.stack(rows).to(logs.device) if rows else logs.new_zeros(0, 2)


def _best_path(logs: Tensor, valid: Tensor) -> Tensor:
    """Return the answers of the likeliest token of each step, repeated ones joined."""
    value, best = logs.max(dim=2)
    before = F.pad(best[:, :-1], (1, 0), value=_BLANK)
    is_new = (best != _BLANK) & (best != before) & valid
    counts = is_new.sum(dim=1)
    # What is written comes first, in its order.
    order = torch.argsort((~is_new).to(torch.int8), dim=1, stable=True)
    tokens = (best * is_new).gather(1, order)[:, : int(counts.max()) if len(counts) else 0]
    nats = -(value * valid).sum(dim=1)
    return torch.cat([nats[:, None], counts[:, None].to(nats.dtype), tokens.to(nats.dtype)], dim=1)


@dataclass(slots=True)
class _Line:
    """One text that is followed: its probability with a blank last, and without."""

    blank: float = -math.inf
    token: float = -math.inf
    language: float = 0.0

    @property
    def total(self) -> float:
        return _add(self.blank, self.token)


def _searched(
    logs: Tensor, config: TranscriptSearchConfig, language: NgramMemory
) -> tuple[tuple[int, ...], float]:
    """Return the likeliest text of one sound, and its nats."""
    lines: dict[tuple[int, ...], _Line] = {(): _Line(blank=0.0)}
    known: dict[tuple[tuple[int, ...], int], float] = {}
    values, tokens = logs.topk(min(_MOST, logs.shape[1]), dim=1)
    for step, best, likely in zip(logs, values, tokens):
        followed = likely[best > _LEAST].tolist()
        shares = step.tolist()
        grown: dict[tuple[int, ...], _Line] = {}
        for text, line in lines.items():
            same = grown.setdefault(text, _Line(language=line.language))
            same.blank = _add(same.blank, line.total + shares[_BLANK])
            for token in followed:
                if token == _BLANK:
                    continue
                is_repeated = bool(text) and text[-1] == token
                if is_repeated:
                    same.token = _add(same.token, line.token + shares[token])
                # The same token twice needs a blank between.
                start = line.blank if is_repeated else line.total
                if start == -math.inf:
                    continue
                longer = (*text, token)
                if longer not in grown:
                    gain = _gain(text, token, config, language, known)
                    grown[longer] = _Line(language=line.language + gain)
                own = grown[longer]
                own.token = _add(own.token, start + shares[token])
        ranked = sorted(grown.items(), key=lambda pair: -(pair[1].total + pair[1].language))
        lines = dict(ranked[: config.beam])
    ends = {
        text: line.total + line.language + _gain(text, 0, config, language, known)
        for text, line in lines.items()
    }
    text = max(ends, key=lambda one: ends[one])
    return text, -lines[text].total


def _gain(
    text: tuple[int, ...],
    token: int,
    config: TranscriptSearchConfig,
    language: NgramMemory,
    known: dict[tuple[tuple[int, ...], int], float],
) -> float:
    """Return what a token is worth after a text, by the runs of training transcripts."""
    if not config.language_weight:
        return config.token_bonus if token else 0.0
    before = (MARK, *text)[-(config.order - 1) :] if config.order > 1 else ()
    key = (before, token)
    if key not in known:
        row = torch.tensor([before], dtype=torch.int64)
        found = float(language.log_probability(row, torch.tensor([token])))
        known[key] = config.language_weight * found
    return known[key] + (config.token_bonus if token else 0.0)


def _add(one: float, other: float) -> float:
    """Return the logarithm of the sum of two probabilities."""
    if one < other:
        one, other = other, one
    return one if other == -math.inf else one + math.log1p(math.exp(other - one))
