"""How words begin and end."""

import torch

from lamina.core.spelling import NUM_PIECES, ids_beyond, spellings
from lamina.networks.layers.word_pieces import WordPieces
from tests.networks.specs import spelt_spec


def test_words_and_new_words_are_spelt_alike() -> None:
    spec = spelt_spec("walking", "tree")
    new = torch.from_numpy(ids_beyond(["walling", "treat"], vocabulary_size=4))
    pieces = WordPieces(spec)(torch.cat((torch.tensor([2, 3]), new)).view(2, 2))
    wanted = torch.from_numpy(spellings(["walking", "tree", "walling", "treat"]))
    torch.testing.assert_close(pieces.view(4, 2), wanted + torch.tensor([0, NUM_PIECES]))
    assert torch.equal(pieces[0, 0], pieces[1, 0])
    assert pieces[0, 1, 0] == pieces[1, 1, 0]
    assert pieces[0, 1, 1] != pieces[1, 1, 1]


def test_the_table_is_no_part_of_the_weights() -> None:
    assert not WordPieces(spelt_spec("tree")).state_dict()
