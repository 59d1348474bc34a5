"""Recurrent network that writes."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.core.random import draws
from lamina.networks.hints import parameter_hints
from lamina.networks.layers.recurrent import CELLS
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig


@pytest.mark.parametrize("cell", CELLS)
def test_it_learns_to_count(cell) -> None:
    torch.manual_seed(0)
    decoder = RecurrentDecoderConfig(cell=cell, depth=1, width=32).build(11)
    optimizer = torch.optim.Adam(decoder.parameters(), 0.02)
    text = torch.arange(60) % 11
    for _ in range(80):
        window = text[torch.randint(0, 40, (8,))[:, None] + torch.arange(13)]
        loss = F.cross_entropy(decoder(window[:, :-1]).flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.2


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_exported_is_the_same_function(cell) -> None:
    decoder = RecurrentDecoderConfig(cell=cell, depth=2, width=8).build(7).eval()
    tokens = torch.randint(0, 7, (2, 5))
    torch.testing.assert_close(decoder.for_export()(tokens), decoder(tokens), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_are_dropped_while_training_only_and_alike_in_every_row(cell) -> None:
    torch.manual_seed(0)
    plain = RecurrentDecoderConfig(cell=cell, depth=2, width=16).build(7)
    decoder = RecurrentDecoderConfig(cell=cell, depth=2, width=16, weight_dropout=0.5).build(7)
    decoder.load_state_dict(plain.state_dict())
    tokens = torch.randint(0, 7, (1, 6)).expand(3, -1)
    torch.testing.assert_close(decoder.eval()(tokens), plain.eval()(tokens))
    with draws(0, 3, start=0, batch_size=3):
        whole = decoder.train()(tokens)
    torch.testing.assert_close(whole[0], whole[2])
    assert not torch.allclose(whole, plain(tokens), atol=1e-5)
    # A part of the batch has the same weights as the whole.
    with draws(0, 3, start=1, batch_size=3):
        torch.testing.assert_close(decoder(tokens[1:2]), whole[1:2], rtol=1e-5, atol=1e-6)


def test_gates_are_no_matrices() -> None:
    hints = parameter_hints(RecurrentDecoderConfig(depth=1, width=8).build(7))
    assert hints["layers.0.weight_hh_l0"].matrix is False


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="recurrent cell"):
        RecurrentDecoderConfig(cell="lstn")
    with pytest.raises(ConfigError, match="at least 1"):
        RecurrentDecoderConfig(depth=0)
    with pytest.raises(ConfigError, match="embedding_dropout must be in"):
        RecurrentDecoderConfig(embedding_dropout=1.0)
