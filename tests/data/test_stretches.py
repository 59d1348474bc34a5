"""Stretches of texts."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lamina.core.records import InputSpec
from lamina.data.ragged import ragged_from_lists
from lamina.data.stretches import stretches_of

TEXTS = ragged_from_lists([[2, 3, 4], [2, 5, 6, 7], [2, 8], [2, 9, 10, 11, 12]])
SIZES = np.array([0, 0, 0, *[1] * 10])
SPEC = InputSpec("text", "text", ("text",), (), vocabulary_size=13, token_bytes=SIZES)
DATA = SimpleNamespace(inputs={"text": TEXTS}, input_specs=lambda: (SPEC,))


def test_for_measuring_each_token_is_scored_once() -> None:
    found = stretches_of(DATA, "text", torch.tensor([0, 1, 2]), length=4, stride=3)
    tokens = found.batch(torch.arange(len(found))).inputs["text"]
    assert tokens.tolist() == [[2, 3, 4, 2], [2, 5, 6, 7], [7, 2, 8, 0]]
    assert found.rows_of(torch.arange(3)).tolist() == [0, 1, 1]
    assert found.token_bytes is SIZES


def test_rows_that_do_not_follow_each_other_are_texts_of_their_own() -> None:
    found = stretches_of(DATA, "text", torch.tensor([0, 1, 3]), length=20, stride=19)
    tokens = found.batch(torch.arange(len(found))).inputs["text"]
    assert tokens.tolist() == [[2, 3, 4, 2, 5, 6, 7], [2, 9, 10, 11, 12, 0, 0]]


def test_for_training_stretches_overlap_and_are_full() -> None:
    found = stretches_of(DATA, "text", torch.arange(4), length=5, stride=2)
    tokens = found.batch(torch.arange(len(found))).inputs["text"]
    assert tokens.shape == (5, 5)
    assert (tokens > 0).all()
    assert tokens[1].tolist() == [4, 2, 5, 6, 7]


@pytest.mark.parametrize("stride", [1, 4])
def test_a_text_shorter_than_a_stretch_is_one(stride) -> None:
    found = stretches_of(DATA, "text", torch.tensor([2]), length=5, stride=stride)
    assert found.batch(torch.tensor([0])).inputs["text"].tolist() == [[2, 8]]
    assert (
        len(stretches_of(DATA, "text", torch.tensor([], dtype=torch.int64), length=5, stride=1))
        == 0
    )


def test_short_stretches_come_first() -> None:
    found = stretches_of(DATA, "text", torch.tensor([0, 3]), length=9, stride=8)
    assert found.by_length(torch.tensor([1, 0])).tolist() == [1, 0]
