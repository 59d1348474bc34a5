"""Counts of runs of tokens, as an exported model holds them."""

import json

import numpy as np
import pytest
import torch

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.errors import BundleError
from lamina.runtime.token_runs import SLOTS, TokenRuns


def _runs():
    memory = NgramMemory(3)
    memory.learn(torch.tensor([[2, 5, 6, 0], [2, 5, 7, 6]]))
    return memory.table()


def test_a_document_gives_the_same_counts() -> None:
    runs = _runs()
    found = TokenRuns.from_document(json.loads(json.dumps(runs.to_document())))
    assert (found.order, found.num_kinds) == (3, 4)
    for name in ("runs", "contexts", "kinds"):
        assert np.array_equal(getattr(found, name), getattr(runs, name))
    for before, token in (((2,), 5), ((2, 5), 6), ((5, 6), 0), ((9, 9), 9)):
        assert found.log_probability(before, token) == runs.log_probability(before, token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": 0},
        {"num_kinds": 0},
        {"runs": [1]},
        {"runs": [3 * SLOTS, 1]},
        {"kinds": [0, -1]},
        {"contexts": [0.5, 1]},
        {"contexts": "x"},
    ],
)
def test_damaged_documents_are_refused(wrong) -> None:
    with pytest.raises(BundleError, match=next(iter(wrong))):
        TokenRuns.from_document({**_runs().to_document(), **wrong})
