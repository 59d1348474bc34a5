"""Sounds of any length with an exported model, from a graph made by hand."""

import numpy as np
import pytest

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.answers.numbers import Numbers
from lamina.runtime.answers.transcripts import Transcripts
from lamina.runtime.errors import BundleError, DataError
from lamina.runtime.hearing import heard_on, listener_of
from lamina.runtime.modalities.number import NumberReader
from lamina.runtime.modalities.sound import LOUDEST, SoundReader
from lamina.runtime.transcription import tokens_of
from tests.runtime.made import NUMBER
from tests.runtime.test_wave_files import head, riff

FORM = Transcripts.from_document(
    {
        "target": "said",
        "pieces": ["<mark>", "a", "b", "c"],
        "search": {"beam": 2, "language_weight": 0.0, "token_bonus": 0.0},
        "language": NgramMemory(1).table().to_document(),
        "step": 8,
    }
)
READER = SoundReader(100, max_samples=80)


def graph(inputs):
    """A step of 8 samples is the letter that its height in hundreds says, padded by one step."""
    (samples,) = inputs["sound"]
    letters = np.round(samples[::8] * LOUDEST / 100).astype(int)
    logs = np.full((len(letters) + 1, 6), -6.0)
    logs[np.arange(len(letters)), np.where(letters, letters + 2, 0)] = -0.02
    logs[-1] = np.nan
    return logs.reshape(1, -1)


def sound(text: str) -> np.ndarray:
    heights = [value for one in text for value in (100 * (ord(one) - 96), 0)]
    return np.repeat(np.array(heights, dtype=np.int16), 8)


def test_recordings_that_fill_the_limit_are_heard_to_their_end() -> None:
    listener = listener_of(FORM, [READER], "sound", graph)
    long, short = sound("abcab" * 20), sound("ab")
    file = riff((b"fmt ", head(rate=100)), (b"data", long.astype("<i2").tobytes()))
    shown = np.full((3, 80), np.nan, dtype=np.float32)
    shown[:2] = long[:80] / LOUDEST
    shown[2, : len(short)] = short / LOUDEST
    told = [{"said": "cut", "said: nats per token": 0.0}] * 2 + [{"said": "ab"}]
    found = heard_on(FORM, listener, told, shown, [long, file, short])
    assert [one["said"] for one in found] == ["abcab" * 20, "abcab" * 20, "ab"]
    assert found[0]["said: nats per token"] == pytest.approx(2 * 0.02, rel=0.1)
    assert heard_on(FORM, listener, told, shown[:, :79], [long, file, short]) == told


def test_the_graph_is_asked_one_window_at_a_time() -> None:
    listener = listener_of(FORM, [READER], "sound", graph)
    assert listener.score(sound("abc")).shape == (6, 6)
    assert tokens_of(listener, [sound("abc")])[0] == (3, 4, 5)


def test_what_writes_no_transcripts_of_one_sound_is_refused() -> None:
    numbers = Numbers.from_document({"name": "numbers", "targets": ["y"]})
    with pytest.raises(DataError, match="writes no transcripts"):
        listener_of(numbers, [READER], "sound", graph)
    with pytest.raises(DataError):
        numbers.heard((3,), 1.0)
    number = NumberReader.from_document(NUMBER)
    for readers in ([READER, READER], [number]):
        with pytest.raises(BundleError, match="one sound"):
            listener_of(FORM, readers, "sound", graph)
