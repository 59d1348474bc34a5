"""Search for transcripts in plain numbers; against all alignments in `tests/networks`."""

import numpy as np
import pytest
import torch

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.errors import BundleError
from lamina.runtime.transcript_search import SearchSettings, transcript

PLAIN = SearchSettings(beam=4, language_weight=0.0, token_bonus=0.0)


def test_repeated_tokens_are_one_unless_a_blank_parts_them() -> None:
    runs = NgramMemory(1).table()
    for path, text in (([3, 3, 0, 3], (3, 3)), ([0, 3, 3, 4], (3, 4)), ([0, 0], ())):
        logs = np.full((len(path), 5), -9.0)
        logs[np.arange(len(path)), path] = -0.01
        for beam in (1, 4):
            settings = SearchSettings(beam=beam, language_weight=0.0, token_bonus=0.0)
            found, nats = transcript(logs, settings, runs)
            assert found == text
            assert nats == pytest.approx(0.01 * len(path), abs=0.02)


def test_nothing_is_heard_where_there_is_nothing() -> None:
    runs = NgramMemory(2).table()
    for beam in (1, 4):
        settings = SearchSettings(beam=beam, language_weight=0.5, token_bonus=0.0)
        text, nats = transcript(np.zeros((0, 5)), settings, runs)
        assert (text, nats) == ((), 0.0)


def test_the_end_of_a_text_counts_too() -> None:
    memory = NgramMemory(2)
    memory.learn(torch.tensor([[2, 3, 4], [2, 3, 4], [2, 3, 4]]))
    logs = np.log(np.array([[0.01, 0, 0, 0.98, 0.01], [0.52, 0, 0, 0.01, 0.47]]) + 1e-9)
    assert transcript(logs, PLAIN, memory.table())[0] == (3,)
    heavy = SearchSettings(beam=4, language_weight=1.0, token_bonus=0.0)
    assert transcript(logs, heavy, memory.table())[0] == (3, 4)


def test_damaged_settings_are_refused() -> None:
    good = {"beam": 2, "language_weight": 0.1, "token_bonus": 0.0}
    assert SearchSettings.from_document(good).beam == 2
    for wrong in ({"beam": 0}, {"language_weight": "x"}, {"token_bonus": None}):
        with pytest.raises(BundleError, match=next(iter(wrong))):
            SearchSettings.from_document({**good, **wrong})
