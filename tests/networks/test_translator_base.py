"""What every network that answers a text by a text offers, for every row of their table."""

import pytest
import torch
from torch.nn import functional as F

from lamina.networks.recurrent_translator import RecurrentTranslatorConfig
from lamina.networks.translator import TranslatorConfig
from lamina.networks.translators import TRANSLATORS

SMALL = {
    "transformer": [TranslatorConfig(depth_read=1, depth_written=2, width=16, num_heads=2)],
    "recurrent": [RecurrentTranslatorConfig(cell=c, width=16) for c in ("lstm", "gru", "rnn")],
}
CASES = [(name, config) for name, configs in SMALL.items() for config in configs]


def build(config, *, is_shared=True):
    torch.manual_seed(0)
    translator = config.build(11, 11 if is_shared else 13, is_shared=is_shared).eval()
    for parameter in translator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return translator


def test_every_row_is_tested() -> None:
    assert set(SMALL) == set(TRANSLATORS)


@pytest.mark.parametrize(("name", "config"), CASES)
def test_writing_in_pieces_is_writing_at_once_and_rows_can_be_chosen(name, config) -> None:
    translator = build(config)
    reading = translator.read(torch.randint(1, 11, (3, 7)))
    tokens = torch.randint(1, 11, (3, 9))
    memories = translator.new_memories(reading)
    whole = translator.states(tokens, reading)
    first = translator.states(tokens[:, :4], reading, memories)
    torch.testing.assert_close(first, whole[:, :4], rtol=1e-4, atol=1e-4)
    chosen = torch.tensor([2, 0])
    for memory in memories:
        memory.select(chosen)
    rest = translator.states(tokens[chosen, 4:], reading.select(chosen), memories)
    torch.testing.assert_close(rest, whole[chosen, 4:], rtol=1e-4, atol=1e-4)
    assert translator.scores(whole).shape == (3, 9, 11)


@pytest.mark.parametrize(("name", "config"), CASES)
def test_padding_and_what_comes_later_change_nothing(name, config) -> None:
    translator = build(config)
    read, tokens = torch.randint(1, 11, (2, 6)), torch.randint(1, 11, (2, 5))
    padded = F.pad(read, (0, 4))
    one, other = translator.read(read), translator.read(padded)
    first = translator.states(tokens, one)
    torch.testing.assert_close(first, translator.states(tokens, other), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(translator.gist(one), translator.gist(other), rtol=1e-4, atol=1e-4)
    later = tokens.clone()
    later[:, 3:] = 1 + later[:, 3:] % 10
    torch.testing.assert_close(first[:, :3], translator.states(later, one)[:, :3])


@pytest.mark.parametrize(("name", "config"), CASES)
def test_what_is_read_decides_and_where_it_looks_adds_up_to_one(name, config) -> None:
    translator = build(config)
    tokens = torch.randint(1, 11, (2, 5))
    one, other = (translator.read(torch.full((2, 4), token)) for token in (3, 7))
    assert (translator.states(tokens, one) - translator.states(tokens, other)).abs().max() > 1e-3
    looks = translator.looks(tokens, one)
    assert looks.shape == (2, 5, 4)
    torch.testing.assert_close(looks.sum(2), torch.ones(2, 5))


@pytest.mark.parametrize(("name", "config"), CASES)
def test_texts_of_other_tokens_have_a_table_of_their_own(name, config) -> None:
    one, other = build(config), build(config, is_shared=False)
    assert one.own_table is None
    assert other.own_table.num_embeddings == 11
    reading = other.read(torch.tensor([[2, 5]]))
    assert other.scores(other.states(torch.tensor([[2, 12]]), reading)).shape == (1, 2, 13)
