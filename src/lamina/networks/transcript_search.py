"""Settings of the search for transcripts (see `lamina.runtime.transcript_search`), and batches."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.transcript_search import SearchSettings, transcript


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

    def settings(self) -> SearchSettings:
        """Return what the search itself must know."""
        return SearchSettings(
            beam=self.beam, language_weight=self.language_weight, token_bonus=self.token_bonus
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
    settings, known, found = config.settings(), language.table(), []
    for row, length in zip(logs.detach().cpu().numpy(), valid.sum(dim=1).tolist()):
        tokens, nats = transcript(row[:length], settings, known)
        found.append(torch.tensor([nats, len(tokens), *tokens], dtype=torch.float32))
    longest = max((len(row) for row in found), default=2)
    rows = [F.pad(row, (0, longest - len(row))) for row in found]
    return torch.stack(rows).to(logs.device) if rows else logs.new_zeros(0, 2)
