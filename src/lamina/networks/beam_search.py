"""Beam search: the likeliest text that a network could write, looked for among several at a time.

All texts of a batch are searched together; those that are found leave the batch.

Source: Graves 2012, arXiv:1211.3711; Wu et al. 2016, arXiv:1609.08144, equation 14 (length
penalty). Differs: a text is given up to `beam` ends, and the best of them is taken.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.networks.translator_base import AbstractReading, AbstractTranslator


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchConfig:
    """How the likeliest text is looked for."""

    beam: int = 5
    """Texts that are followed at a time, at least 1; 1 takes the likeliest token always."""
    length_penalty: float = 1.0
    """Power of the length that log-probabilities are divided by; 0 prefers short texts."""
    most_tokens: int = 256
    """Most tokens of an answer, at least 1."""
    tokens_per_token: float = 2.0
    """Most tokens of an answer for each one read, beside 20 that are always free; above 0."""

    def __post_init__(self) -> None:
        if self.beam < 1 or self.most_tokens < 1 or not self.tokens_per_token > 0:
            raise ConfigError(
                "beam and most_tokens must be at least 1 and tokens_per_token above 0, got "
                f"{self.beam!r}, {self.most_tokens!r} and {self.tokens_per_token!r}. Try 5, 256 "
                "and 2."
            )
        if not self.length_penalty >= 0:
            raise ConfigError(
                f"length_penalty must be 0 or above, got {self.length_penalty!r}. Try 1."
            )


@dataclass(frozen=True, slots=True)
class Found:
    """The likeliest texts that were found."""

    tokens: Tensor
    """int64 [rows, length], padded with 0, without marks."""
    nats: Tensor
    """float [rows], negative log-probability of each, its end included."""
    counts: Tensor
    """int64 [rows], tokens of each, its end included."""


def search(
    translator: AbstractTranslator,
    read: Tensor,
    config: SearchConfig,
    *,
    mark: int,
    banned: Tensor,
) -> Found:
    """Return the likeliest answer to each text.

    Args:
        translator: In evaluation mode.
        read: int64 [rows, length], the texts, 0 is padding.
        config: How it is looked for.
        mark: Token that begins and ends every text.
        banned: int64, tokens that are never written; the mark is not among them.
    """
    return _Search(translator, read, config, mark, banned).run()


class _Search:
    """The state of one search.

    `rows` are the texts that are still searched; each has `beam` lines, of which the first are the
    likeliest. A line that ended is kept if it is the best of its text so far.
    """

    def __init__(
        self,
        translator: AbstractTranslator,
        read: Tensor,
        config: SearchConfig,
        mark: int,
        banned: Tensor,
    ) -> None:
        self.translator, self.config, self.mark, self.banned = translator, config, mark, banned
        count, beam, device = len(read), config.beam, read.device
        lengths = (read > 0).sum(dim=1)
        self.limits = (20 + config.tokens_per_token * lengths).long().clamp(max=config.most_tokens)
        self.longest = int(self.limits.max()) if count else 1
        self.rows = torch.arange(count, device=device)
        self.reading: AbstractReading = translator.read(read)
        if beam > 1:
            self.reading = self.reading.select(self.rows.repeat_interleave(beam))
        self.memories = translator.new_memories(self.reading)
        self.scores = torch.full((count, beam), -torch.inf, device=device)
        self.scores[:, 0] = 0.0
        self.written = torch.zeros(count, beam, 0, dtype=torch.int64, device=device)
        self.best = torch.full((count,), -torch.inf, device=device)
        self.best_nats = torch.zeros(count, device=device)
        self.best_counts = torch.zeros(count, dtype=torch.int64, device=device)
        self.best_tokens = torch.zeros(count, self.longest, dtype=torch.int64, device=device)
        self.num_ended = torch.zeros(count, dtype=torch.int64, device=device)

    def run(self) -> Found:
        last = torch.full((self.scores.numel(), 1), self.mark, device=self.rows.device)
        for place in range(self.longest):
            if not len(self.rows):
                break
            last = self._step(last, place)
        length = max(1, int((self.best_tokens > 0).sum(dim=1).max())) if len(self.best) else 1
        return Found(self.best_tokens[:, :length], self.best_nats, self.best_counts)

    def _step(self, last: Tensor, place: int) -> Tensor:
        """Write one token on every line; return it, int64 [lines, 1]."""
        beam = self.config.beam
        states = self.translator.states(last, self.reading, self.memories)[:, -1]
        logs = self.translator.scores(states).float().log_softmax(dim=1)
        logs[:, self.banned] = -torch.inf
        size = logs.shape[1]
        sums = (self.scores[:, :, None] + logs.view(len(self.rows), beam, size)).flatten(1)
        # Twice as many, since up to half of them may end here.
        best, places = sums.topk(min(2 * beam, sums.shape[1]), dim=1)
        lines, tokens = places // size, places % size
        is_end = tokens == self.mark
        self._keep_ends(best, lines, is_end, place)
        kept = torch.where(is_end, -torch.inf, best).topk(beam, dim=1)
        self.scores = kept.values
        lines, tokens = lines.gather(1, kept.indices), tokens.gather(1, kept.indices)
        before = self.written.gather(1, lines[:, :, None].expand(-1, -1, place))
        self.written = torch.cat([before, tokens[:, :, None]], dim=2)
        self._keep_cut(place)
        is_open = self._is_open(place)
        starts = torch.arange(len(self.rows), device=lines.device)[:, None] * beam
        index = (starts + lines)[is_open].flatten()
        if not bool(is_open.all()):
            self.rows, self.scores = self.rows[is_open], self.scores[is_open]
            self.written = self.written[is_open]
        for memory in self.memories:
            memory.select(index)
        if len(index) < len(self.reading.valid):
            self.reading = self.reading.select(index)
        return tokens[is_open].flatten()[:, None]

    def _keep_ends(self, best: Tensor, lines: Tensor, is_end: Tensor, place: int) -> None:
        """Take the best line that ended here, where it beats what was found before."""
        beam = self.config.beam
        # Only ends among the likeliest `beam` count: others would not have been followed.
        ended = torch.where(is_end[:, :beam], best[:, :beam], -torch.inf)
        self.num_ended[self.rows] += (ended > -torch.inf).sum(dim=1)
        value, which = ended.max(dim=1)
        line = lines.gather(1, which[:, None]).squeeze(1)
        texts = self.written[torch.arange(len(self.rows), device=line.device), line]
        self._take(value, texts, place + 1, torch.ones_like(value, dtype=torch.bool))

    def _keep_cut(self, place: int) -> None:
        """Take the likeliest line of texts that may grow no longer and have no end yet."""
        is_full = (place + 1 >= self.limits[self.rows]) & (self.best[self.rows] == -torch.inf)
        self._take(self.scores[:, 0], self.written[:, 0], place + 1, is_full)

    def _take(self, value: Tensor, texts: Tensor, count: int, may: Tensor) -> None:
        score = value / float(count) ** self.config.length_penalty
        is_better = may & (score > self.best[self.rows])
        rows = self.rows[is_better]
        self.best[rows], self.best_nats[rows] = score[is_better], -value[is_better]
        self.best_counts[rows] = count
        self.best_tokens[rows] = 0
        self.best_tokens[rows, : texts.shape[1]] = texts[is_better]

    def _is_open(self, place: int) -> Tensor:
        """Return bool [rows], whether a text could still get a better answer than it has."""
        power = self.config.length_penalty
        reach = self.limits[self.rows].to(self.scores.dtype) ** power if power else 1.0
        could = self.scores[:, 0] / reach
        is_full = place + 1 >= self.limits[self.rows]
        has_all = self.num_ended[self.rows] >= self.config.beam
        return ~is_full & ~has_all & (could > self.best[self.rows])
