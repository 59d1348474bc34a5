"""Writing on: sampling from a network that scores the next token.

Every draw is a pure function of (seed, place, row), so a text does not depend on what is written
beside it. `lamina.runtime.sampling` does the same on arrays.

Source: Holtzman et al. 2019, "The curious case of neural text degeneration", arXiv:1904.09751
(nucleus, `top_p`); Fan et al. 2018, arXiv:1805.04833 (`top_k`).
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.core.random import sample_uniform
from lamina.networks.decoder_base import AbstractDecoder
from lamina.runtime.sampling import COLDEST
from lamina.runtime.sampling import SamplingConfig as SamplingConfig


def draw_tokens(scores: Tensor, config: SamplingConfig, chance: Tensor) -> Tensor:
    """Return one token per row.

    Args:
        scores: float [rows, tokens].
        config: How they are drawn.
        chance: float [rows], uniform in [0, 1).

    Returns:
        int64 [rows].
    """
    scores = scores.float()
    if config.temperature < COLDEST:
        return scores.argmax(1)
    shares, order = (
        (scores / config.temperature).softmax(1).sort(dim=1, descending=True, stable=True)
    )
    if config.top_k is not None:
        shares[:, config.top_k :] = 0.0
    # A token stays while those before it do not have the wanted probability yet.
    before = shares.cumsum(1) - shares
    shares = shares.masked_fill(before >= config.top_p * shares.sum(1, keepdim=True), 0.0)
    sums = shares.cumsum(1)
    place = torch.searchsorted(sums, chance[:, None] * sums[:, -1:], right=True)
    last = (shares > 0).sum(1, keepdim=True) - 1
    return order.gather(1, torch.minimum(place, last)).squeeze(1)


@torch.inference_mode()
def write_on(
    decoder: AbstractDecoder,
    prompt: Tensor,
    *,
    num_tokens: int,
    config: SamplingConfig | None = None,
    seed: int = 0,
    banned: Sequence[int] = (),
    context: int | None = None,
) -> Iterator[Tensor]:
    """Yield the tokens that follow, place by place.

    What was read is remembered, so that a token costs one step, however much stands before it.

    Args:
        decoder: In evaluation mode.
        prompt: int64 [rows, length], at least one token each.
        num_tokens: Tokens to write.
        config: How they are drawn.
        seed: Decides what is drawn.
        banned: Tokens that are never drawn.
        context: Most tokens remembered; then the last half of them is read anew. None for all.

    Yields:
        int64 [rows].

    Raises:
        ConfigError: The prompt is empty.
    """
    if prompt.dim() != 2 or prompt.shape[1] == 0:
        raise ConfigError(
            f"a prompt wants at least one token in each row, got shape {tuple(prompt.shape)}."
        )
    config = config or SamplingConfig()
    memories = decoder.new_memories()
    rows = torch.arange(len(prompt))
    tokens = history = prompt
    length = 0
    for place in range(num_tokens):
        length += tokens.shape[1]
        if context is not None and place and length > context:
            memories, tokens = decoder.new_memories(), history[:, -max(1, context // 2) :]
            length = tokens.shape[1]
        scores = decoder.next_scores(tokens, memories)
        if banned:
            scores[:, list(banned)] = -torch.inf
        chance = sample_uniform(seed, "token", place, rows, 1)[:, 0].to(scores.device)
        drawn = draw_tokens(scores, config, chance)
        yield drawn
        tokens = drawn[:, None]
        if context is not None:
            history = torch.cat([history, tokens], dim=1)[:, -context:]
