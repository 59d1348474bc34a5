"""What every network that writes offers, for every row of their table."""

import pytest
import torch

from lamina.networks.decoder import DecoderConfig
from lamina.networks.decoders import DECODERS
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig

SMALL = {
    "decoder": DecoderConfig(depth=2, width=16, num_heads=2),
    "recurrent_decoder": RecurrentDecoderConfig(depth=2, width=16),
}


def test_every_row_is_tested() -> None:
    assert set(SMALL) == set(DECODERS)


@pytest.mark.parametrize("name", SMALL)
def test_reading_in_pieces_is_reading_at_once_and_rows_can_be_chosen(name) -> None:
    torch.manual_seed(0)
    decoder = SMALL[name].build(11).eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    tokens = torch.randint(0, 11, (3, 12))
    memories = decoder.new_memories()
    whole = decoder(tokens)
    assert whole.shape == (3, 12, 11)
    first = decoder(tokens[:, :5], memories)
    torch.testing.assert_close(first, whole[:, :5], rtol=1e-4, atol=1e-4)
    for memory in memories:
        memory.select(torch.tensor([2, 0]))
    rest = decoder(tokens[[2, 0], 5:], memories)
    torch.testing.assert_close(rest, whole[[2, 0], 5:], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_the_past_alone_decides(name) -> None:
    decoder = SMALL[name].build(11).eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    one, other = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 2, 7, 4]])
    torch.testing.assert_close(decoder(one)[:, :2], decoder(other)[:, :2])
    assert (decoder(one)[:, 3] - decoder(other)[:, 3]).abs().max() > 1e-4
