"""Search for transcripts in plain numbers; against all alignments in `tests/networks`."""

import numpy as np
import pytest
import torch

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.errors import BundleError
from lamina.runtime.transcript_search import Heard, SearchSettings, search, transcript

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


def _steps(seed: int, steps: int = 120) -> np.ndarray:
    """Scores that leave some doubt: two tokens near one another at every third step."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0, 2.0, (steps, 7))
    scores[:, 1:3] = -1e4
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def _memory() -> NgramMemory:
    memory = NgramMemory(3)
    memory.learn(torch.tensor([[2, 3, 4, 5, 6], [2, 4, 4, 3, 5], [2, 6, 5, 3, 0]]))
    return memory


@pytest.mark.parametrize("beam", [1, 2, 8])
def test_steps_may_come_in_any_blocks(beam: int) -> None:
    settings = SearchSettings(beam=beam, language_weight=0.4, token_bonus=0.3)
    for seed in range(5):
        logs, runs = _steps(seed), _memory().table()
        whole = search(settings, runs)
        wanted = [*whole.add(logs), *whole.end()]
        assert transcript(logs, settings, runs)[0] == tuple(one.token for one in wanted)
        assert [one.step for one in wanted] == sorted(one.step for one in wanted)
        for size in (1, 7):
            parts = search(settings, runs, patience=len(logs))
            found = []
            for start in range(0, len(logs), size):
                found += parts.add(logs[start : start + size])
            assert [*found, *parts.end()] == wanted
            assert parts.nats == pytest.approx(whole.nats)


def test_a_token_is_told_where_it_was_likeliest() -> None:
    logs = np.log(np.array([[0.9, 0, 0, 0.1], [0.5, 0, 0, 0.5], [0.1, 0, 0, 0.9]]) + 1e-9)
    found = search(PLAIN, NgramMemory(1).table())
    assert [*found.add(logs), *found.end()] == [Heard(3, 2)]


def test_what_never_becomes_certain_is_decided_after_a_while() -> None:
    # Which of two tokens came first stays open for ever; all that follows is certain.
    logs = np.full((400, 5), -30.0)
    logs[::2, 0] = 0.0
    logs[1::2, 3] = -0.01
    logs[1, 3:5] = np.log([0.5, 0.49])
    settings = SearchSettings(beam=2, language_weight=0.0, token_bonus=0.0)
    waits = search(settings, NgramMemory(1).table())
    assert waits.add(logs) == []
    decides = search(settings, NgramMemory(1).table(), patience=20)
    found = decides.add(logs)
    assert found[0] == Heard(3, 1)
    assert len(found) >= 180
    assert [*found, *decides.end()] == [Heard(3, step) for step in range(1, 400, 2)]
