"""GPT-like decoder."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.decoder import DecoderConfig
from lamina.networks.hints import parameter_hints
from lamina.networks.layers.mixture_of_experts import MixtureOfExpertsConfig


def _decoder(**changes):
    torch.manual_seed(0)
    decoder = DecoderConfig(depth=2, width=32, num_heads=2, **changes).build(11)
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return decoder.eval()


def test_a_new_decoder_knows_nothing() -> None:
    config = DecoderConfig(depth=1, width=8, num_heads=2, is_tied=False)
    scores = config.build(5)(torch.tensor([[1, 2]]))
    torch.testing.assert_close(scores.softmax(2), torch.full((1, 2, 5), 0.2))
    tied = DecoderConfig(depth=1, width=8, num_heads=2).build(5)(torch.tensor([[1, 2]]))
    torch.testing.assert_close(tied.softmax(2), torch.full((1, 2, 5), 0.2), atol=0.05, rtol=0)


@pytest.mark.parametrize("changes", [{}, {"is_tied": False}, {"sees_previous": False}])
def test_scores_depend_on_what_came_before_only(changes) -> None:
    decoder = _decoder(**changes)
    one, other = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 2, 7, 4]])
    first, second = decoder(one), decoder(other)
    torch.testing.assert_close(first[:, :2], second[:, :2])
    assert (first[:, 3] - second[:, 3]).abs().max() > 1e-3


def test_reading_token_by_token_is_reading_at_once() -> None:
    decoder = _decoder()
    tokens = torch.randint(0, 11, (3, 20))
    memories = decoder.new_memories()
    pieces = [decoder(token[:, None], memories) for token in tokens.unbind(1)]
    torch.testing.assert_close(torch.cat(pieces, 1), decoder(tokens), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("feed_forward", [None, MixtureOfExpertsConfig(num_experts=4)])
def test_it_learns_to_count(feed_forward) -> None:
    changes = {} if feed_forward is None else {"feed_forward": feed_forward}
    torch.manual_seed(0)
    decoder = DecoderConfig(depth=1, width=32, num_heads=2, **changes).build(11)
    optimizer = torch.optim.Adam(decoder.parameters(), 0.01)
    text = torch.arange(60) % 11
    for _ in range(60):
        starts = torch.randint(0, 40, (8,))
        window = text[starts[:, None] + torch.arange(13)]
        loss = F.cross_entropy(decoder(window[:, :-1]).flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_tables_of_tokens_are_no_matrices() -> None:
    hints = parameter_hints(_decoder(is_tied=False))
    assert hints["embedding.weight"].matrix is False
    assert hints["head.weight"].matrix is False
    assert hints["blocks.0.attention.output.weight"].matrix is None


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="depth must be at least 1, got 0"):
        DecoderConfig(depth=0)
    with pytest.raises(ConfigError, match="embedding_dropout must be in"):
        DecoderConfig(embedding_dropout=1.0)
    with pytest.raises(ConfigError, match="even number of features per head"):
        DecoderConfig(width=6, num_heads=2).build(3)
