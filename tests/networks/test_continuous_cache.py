"""A network that writes and looks back."""

import math

import pytest
import torch

from lamina.networks.continuous_cache import CachedDecoder
from lamina.networks.decoder import DecoderConfig
from lamina.networks.decoder_base import AbstractDecoder
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig

CONFIGS = {
    "decoder": DecoderConfig(depth=1, width=8, num_heads=2),
    "lstm": RecurrentDecoderConfig(width=8),
}


class Plain(AbstractDecoder):
    """Points the same way at tokens of like parity, and thinks all four tokens equally likely."""

    width = 2

    def new_memories(self):
        return ()

    def states(self, tokens, memories=None):
        length = tokens.unsqueeze(2).float() + 1
        return length * torch.stack([tokens % 2, 1 - tokens % 2], dim=2).float()

    def scores(self, states):
        return states.new_zeros(*states.shape[:-1], 4)


def test_the_share_goes_to_what_followed_similar_places() -> None:
    decoder = CachedDecoder(Plain(), 0.5, math.log(2)).eval()
    # Tokens 1 2 3: behind the last one, the state of 3 is compared with those of 1 and 2. It points
    # the same way as the first, however long they are, and at a right angle to the second: they
    # count as 2 and 1. They were followed by 2 and 3.
    found = decoder(torch.tensor([[1, 2, 3]])).exp()
    torch.testing.assert_close(found[0, 0], torch.full((4,), 0.25))
    torch.testing.assert_close(found[0, 1], torch.tensor([0.125, 0.125, 0.625, 0.125]))
    third = torch.tensor([0.125, 0.125, 0.125 + 0.5 * 2 / 3, 0.125 + 0.5 * 1 / 3])
    torch.testing.assert_close(found[0, 2], third)


def test_padding_is_no_token_that_followed() -> None:
    decoder = CachedDecoder(Plain(), 0.5, 0.0).eval()
    found = decoder(torch.tensor([[1, 0, 1]])).exp()
    torch.testing.assert_close(found[0, 1], torch.full((4,), 0.25))
    torch.testing.assert_close(found[0, 2], torch.tensor([0.125, 0.625, 0.125, 0.125]))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_text_read_in_pieces_is_read_as_a_whole(name) -> None:
    torch.manual_seed(0)
    decoder = CachedDecoder(CONFIGS[name].build(9), 0.3, 8.0).eval()
    tokens = torch.randint(1, 9, (3, 12))
    whole, memories = decoder(tokens), decoder.new_memories()
    torch.testing.assert_close(whole.exp().sum(2), torch.ones(3, 12))
    parts = [decoder(tokens[:, a:b], memories) for a, b in ((0, 5), (5, 6), (6, 12))]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-4, atol=1e-5)
    memories = decoder.new_memories()
    last = decoder.next_scores(tokens[:, :7], memories)
    torch.testing.assert_close(last, whole[:, 6], rtol=1e-4, atol=1e-5)
    order = torch.tensor([2, 0])
    for memory in memories:
        memory.select(order)
    chosen = decoder.next_scores(tokens[order, 7:8], memories)
    torch.testing.assert_close(chosen, whole[order, 7], rtol=1e-4, atol=1e-5)


def test_while_training_it_is_the_network_alone() -> None:
    torch.manual_seed(0)
    inner = CONFIGS["decoder"].build(9)
    tokens = torch.randint(1, 9, (2, 5))
    torch.testing.assert_close(CachedDecoder(inner, 0.3, 8.0).train()(tokens), inner(tokens))
