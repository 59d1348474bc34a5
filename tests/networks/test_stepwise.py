"""What a network remembers, as tensors of graphs."""

import pytest
import torch

from lamina.networks.stepwise import MemoryForm, kept
from tests.networks.test_decoder_base import SMALL


def build(name):
    torch.manual_seed(0)
    decoder = SMALL[name].build(11).eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return decoder


@pytest.mark.parametrize("name", SMALL)
def test_memories_are_restored_from_their_tensors(name) -> None:
    decoder = build(name)
    tokens = torch.randint(1, 11, (3, 9))
    memories = decoder.new_memories()
    decoder.states(tokens[:, :4], memories)
    form = MemoryForm(memories)
    again = decoder.new_memories()
    form.restore(again, [tensor.clone() for tensor in kept(memories)])
    whole = decoder.states(tokens)
    rest = decoder.states(tokens[:, 4:], again)
    torch.testing.assert_close(rest, whole[:, 4:], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
def test_a_memory_of_nothing_is_zeros_or_nothing(name) -> None:
    decoder = build(name)
    tokens = torch.randint(1, 11, (3, 5))
    memories = decoder.new_memories()
    expected = decoder.states(tokens, memories)
    form = MemoryForm(memories)
    empty = decoder.new_memories()
    zeros = []
    for told, port in zip(form.to_document(), form.ports(), strict=True):
        shape = list(told["shape"])
        assert [size for dim, size in enumerate(shape) if dim not in port.free] == [
            size for dim, size in enumerate(port.example.shape) if dim not in port.free
        ]
        shape[told["rows"]] = 3
        zeros.append(torch.zeros(shape))
    form.restore(empty, zeros)
    torch.testing.assert_close(decoder.states(tokens, empty), expected, rtol=1e-4, atol=1e-4)
    assert len(form.outputs()) == len(zeros)
