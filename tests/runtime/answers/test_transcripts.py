"""Transcripts from scores."""

import numpy as np
import pytest

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.answers.transcripts import Transcripts
from lamina.runtime.errors import BundleError

DOCUMENT = {
    "target": "said",
    "pieces": ["<mark>", "a", "b", "Ã", "¼"],
    "search": {"beam": 1, "language_weight": 0.0, "token_bonus": 0.0},
    "language": NgramMemory(2).table().to_document(),
}


def _scores(*paths):
    longest = max(map(len, paths))
    scores = np.full((len(paths), longest, 7), np.nan)
    for row, path in enumerate(paths):
        scores[row, : len(path)] = -9.0
        scores[row, np.arange(len(path)), path] = -0.25
    return scores.reshape(len(paths), -1)


def test_tokens_are_spelt_and_what_lies_behind_the_end_is_nothing() -> None:
    form = Transcripts.from_document(DOCUMENT)
    found = form.read(_scores([3, 0, 3, 4], [5, 6], [0]))
    assert [one["said"] for one in found] == ["aab", "ü", ""]
    assert [one["said: nats per token"] for one in found] == pytest.approx([1 / 3, 0.25, 0.25])
    assert [(a.name, a.kind) for a in form.answers] == [
        ("said", "text"),
        ("said: nats per token", "number"),
    ]
    assert form.num_columns is None
    assert form.read(np.zeros((0, 0))) == []


def test_damaged_documents_are_refused() -> None:
    for wrong in ({"target": 3}, {"pieces": []}, {"search": 1}, {"language": {}}):
        with pytest.raises(BundleError):
            Transcripts.from_document({**DOCUMENT, **wrong})


def test_files_that_do_not_say_how_long_a_step_is_hear_one_window_only() -> None:
    score = np.zeros
    old = Transcripts.from_document(DOCUMENT)
    assert not old.hears_on
    with pytest.raises(BundleError, match="Export the run again"):
        old.listener(score, rate=8000, max_samples=100)
    new = Transcripts.from_document({**DOCUMENT, "step": 320})
    listener = new.listener(score, rate=8000, max_samples=100)
    assert (new.hears_on, listener.step, listener.num_tokens) == (True, 320, 7)
    assert [listener.spell(token) for token in (2, 3, 5)] == [b"", b"a", b"\xc3"]
    for wrong in (0, "x", 1.5):
        with pytest.raises(BundleError, match="step"):
            Transcripts.from_document({**DOCUMENT, "step": wrong})
