"""Transcripts of sounds that arrive, from a network of pure tones."""

import numpy as np
import pytest

from lamina.networks.ngram_memory import NgramMemory
from lamina.runtime.errors import DataError
from lamina.runtime.transcript_search import SearchSettings, transcript
from lamina.runtime.transcription import Listener, segments_of, tokens_of

STEP = 10
LETTERS = "abc "


def _score(samples: np.ndarray) -> np.ndarray:
    """The mean height of a step names its letter: 0 is none, 100 the first, and so on."""
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % STEP))
    letter = np.round(padded.reshape(-1, STEP).mean(axis=1) / 100).astype(int)
    logs = np.full((len(letter), 3 + len(LETTERS)), np.log(0.02))
    logs[np.arange(len(letter)), np.where(letter, letter + 2, 0)] = np.log(0.88)
    logs[:, 1:3] = -1e4
    return logs


def _listener(beam: int = 4, max_samples: int = 200) -> Listener:
    memory = NgramMemory(2)
    memory.learn(torch_tokens())
    return Listener(
        score=_score,
        rate=100,
        max_samples=max_samples,
        step=STEP,
        num_tokens=3 + len(LETTERS),
        spell=lambda token: LETTERS[token - 3].encode(),
        settings=SearchSettings(beam=beam, language_weight=0.1, token_bonus=0.1),
        language=memory.table(),
    )


def torch_tokens() -> object:
    import torch

    return torch.tensor([[2, 3, 4, 6, 5], [2, 4, 6, 5, 3]])


def _sound(text: str) -> np.ndarray:
    """A step for each letter, and one of nothing behind it."""
    heights = [value for one in text for value in (100 * (LETTERS.index(one) + 1), 0)]
    return np.repeat(heights, STEP).astype(np.int16)


@pytest.mark.parametrize("beam", [1, 4])
def test_what_fits_in_one_window_is_what_is_heard_as_a_whole(beam):
    listener, sound = _listener(beam), _sound("ab cab a")
    wanted, nats = transcript(_score(sound), listener.settings, listener.language)
    found = tokens_of(listener, [sound])
    assert found[0] == wanted
    assert found[1] == pytest.approx(nats)
    assert "".join(one.text for one in segments_of(listener, [sound])) == "ab cab a"


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize("delay_s", [None, 0.8])
def test_a_long_sound_is_the_same_whatever_its_blocks(beam, delay_s):
    text = "ab cab a bcc ab ccb " * 10 + "ab"
    sound, listener = _sound(text), _listener(beam)
    whole = list(segments_of(listener, [sound], delay_s=delay_s))
    assert "".join(one.text for one in whole) == text
    assert len(whole) > 10
    for size in (1, 33, 1000):
        blocks = [sound[first : first + size] for first in range(0, len(sound), size)]
        assert list(segments_of(listener, blocks, delay_s=delay_s)) == whole
    assert bytes(LETTERS[one - 3].encode()[0] for one in tokens_of(listener, [sound])[0]) == (
        text.encode()
    )


def test_times_are_those_of_the_sound():
    sound = _sound("ab " * 100)
    for one in segments_of(_listener(), [sound]):
        first, last = round(one.start_s * 10), round(one.end_s * 10)
        # Every letter is a step of 0.1 s and one of nothing behind it.
        assert one.text.strip() == "".join("ab "[place // 2 % 3] for place in range(first, last, 2))


def test_text_comes_while_the_sound_still_does():
    sound, given = _sound("ab cab " * 40), 0

    def blocks():
        nonlocal given
        for first in range(0, len(sound), 50):
            given = first + 50
            yield sound[first : first + 50]

    waits = [given / 100 - one.end_s for one in segments_of(_listener(), blocks())]
    # A window lasts 2 s; a sound waits for three quarters of one, and words for their end.
    assert max(waits[:-1]) < 3.0
    waits = [given / 100 - one.end_s for one in segments_of(_listener(), blocks(), delay_s=0.8)]
    assert max(waits[:-1]) < 1.9


def test_a_sound_that_breaks_off_is_told_to_its_last_word():
    def blocks():
        yield _sound("ab cab " * 8 + "ccb")
        raise DataError("cut off")

    found = segments_of(_listener(), blocks())
    told = []
    with pytest.raises(DataError, match="cut off"):
        told.extend(segment.text for segment in found)
    assert "".join(told) == "ab cab " * 8 + "ccb"


def test_silence_and_nothing_say_nothing():
    assert list(segments_of(_listener(), [np.zeros(5000, dtype=np.int16)])) == []
    assert list(segments_of(_listener(), [])) == []
    assert tokens_of(_listener(), []) == ((), 0.0)
