"""Ids of words outside a vocabulary."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.spelling import ids_beyond, pieces_beyond, spellings


@given(words=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8))
def test_an_id_tells_the_beginning_and_the_ending(words) -> None:
    ids = torch.from_numpy(ids_beyond(words, vocabulary_size=50))
    assert bool((ids >= 50).all())
    assert bool((ids < 2**31 - 1).all())
    first, last = pieces_beyond(ids, vocabulary_size=50)
    assert torch.stack([first, last], dim=1).tolist() == spellings(words).tolist()


def test_words_with_the_same_ending_share_its_checksum() -> None:
    running, jumping, runs = spellings(["running", "jumping", "runs"])
    assert running[1] == jumping[1]
    assert running[0] == runs[0]
    assert running[0] != jumping[0]


def test_words_of_the_same_letters_at_both_ends_differ_as_a_whole() -> None:
    one, other = ids_beyond(["interaction", "intersection"], vocabulary_size=9)
    assert one != other
