"""Vectors of words and of how they are spelt."""

import torch

from lamina.core.spelling import ids_beyond, spellings
from lamina.networks.layers.word_vectors import WordVectors
from tests.networks.specs import spelt_spec, text_spec

WORDS = ["walking", "walked", "tree"]
SPELT = spelt_spec(*WORDS)


def test_padding_is_zero_and_moves_nothing() -> None:
    vectors = WordVectors(SPELT, 4, deviation=0.1)
    found = vectors(torch.tensor([[2, 0]]))
    assert not found[0, 1].any()
    found[0, 1].sum().backward()
    assert not vectors.words.weight.grad.any()
    assert not vectors.pieces.grad.any()


def test_a_word_is_its_own_vector_and_the_mean_of_its_pieces() -> None:
    vectors = WordVectors(SPELT, 4, deviation=0.1)
    first, last = spellings(WORDS)[0]
    pieces = (vectors.pieces[first] + vectors.pieces[4096 + last]) / 2
    torch.testing.assert_close(vectors(torch.tensor([[2]]))[0, 0], vectors.words.weight[2] + pieces)


def test_a_new_word_is_the_unknown_word_with_its_own_pieces() -> None:
    vectors = WordVectors(SPELT, 4, deviation=0.1)
    new = torch.from_numpy(ids_beyond(["walling"], vocabulary_size=5)).view(1, 1)
    # "walling" begins and ends like "walking".
    difference = vectors.words.weight[2] - vectors.words.weight[1]
    torch.testing.assert_close(vectors(torch.tensor([[2]])) - vectors(new), difference[None, None])


def test_without_spellings_new_words_are_the_unknown_word() -> None:
    vectors = WordVectors(text_spec(5), 4, deviation=0.1)
    torch.testing.assert_close(vectors(torch.tensor([[99]])), vectors(torch.tensor([[1]])))


def test_exporting_does_not_change_a_bit(monkeypatch) -> None:
    vectors = WordVectors(SPELT, 4, deviation=0.1)
    ids = torch.tensor([[2, 3, 1, 0], [4, 99, 0, 0]])
    before = vectors(ids)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert torch.equal(vectors(ids), before)
