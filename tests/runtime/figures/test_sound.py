"""What recordings are like: tones and silence whose figures are known."""

import math
import sys

import numpy as np
import pytest

from lamina.runtime.figures.sound import NAMES, QUIETEST, SoundFigures
from lamina.runtime.modalities.sound import LOUDEST
from lamina.runtime.signature import Field
from tests.runs.tiny import wave_bytes

FIGURES = SoundFigures(Field(name="x", modality="sound", rate=8000))


def tone(pitch: float, rate: int, seconds: float, height: float = 0.5) -> np.ndarray:
    return height * np.sin(2 * math.pi * pitch * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_a_tone_is_as_loud_and_as_high_at_any_rate_and_length(rate, seconds) -> None:
    found = FIGURES.measure(wave_bytes(tone(1000, rate, seconds), rate=rate))
    # Half the height is a mean square of 1/8: 10 log10(1/8) = -9.03.
    assert found["loudness"] == pytest.approx(-9.03, abs=0.1)
    assert found["background"] == pytest.approx(-9.03, abs=0.2)
    assert found["brightness"] == pytest.approx(1000, abs=15)
    assert found["seconds"] == pytest.approx(seconds, abs=0.01)
    assert (found["rate"], found["channels"]) == (rate, 1)
    assert tuple(found) == NAMES


def test_pauses_show_in_the_background_and_gain_in_both() -> None:
    half = np.concatenate([tone(500, 8000, 1), tone(500, 8000, 1, height=0.005)])
    found, louder = (FIGURES.measure(wave_bytes(x, rate=8000)) for x in (half, half * 2))
    # Half of the time at -9.03, and a hundredth of the height is 40 decibels less.
    assert found["loudness"] == pytest.approx(-9.03 - 3.01, abs=0.2)
    assert found["background"] == pytest.approx(-49.03, abs=0.3)
    for name in ("loudness", "background"):
        assert louder[name] - found[name] == pytest.approx(6.02, abs=0.1)
    assert louder["brightness"] == pytest.approx(found["brightness"], abs=5)


def test_silence_and_single_samples() -> None:
    found = FIGURES.measure(wave_bytes(np.zeros(800), rate=8000))
    assert (found["loudness"], found["background"], found["brightness"]) == (QUIETEST, QUIETEST, 0)
    assert FIGURES.measure(wave_bytes(np.array([0.5]), rate=8000))["seconds"] == 0.0


def test_numbers_at_the_rate_of_the_network_are_measured_like_the_file() -> None:
    own = tone(700, 8000, 1)
    numbers = np.round(own * LOUDEST).astype(np.int16)
    assert FIGURES.measure(numbers) == pytest.approx(
        FIGURES.measure(wave_bytes(own, rate=8000)), abs=0.2
    )


def test_a_file_whose_decoder_is_missing_is_not_compared(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert FIGURES.measure(b"fLaC" + bytes(100)) is None
