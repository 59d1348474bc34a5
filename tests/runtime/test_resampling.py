"""Another number of samples per second."""

import numpy as np
import pytest

from lamina.runtime.resampling import Resampler, resampled


@pytest.mark.parametrize(
    ("rate", "wanted"), [(8000, 16000), (44100, 16000), (48000, 8000), (11025, 8000)]
)
def test_a_low_tone_stays_the_same_tone(rate, wanted):
    time = np.arange(rate // 2) / rate
    found = resampled(np.sin(2 * np.pi * 440 * time), rate, wanted)
    assert found.dtype == np.float32
    assert len(found) == wanted // 2
    exact = np.sin(2 * np.pi * 440 * np.arange(len(found)) / wanted)
    inside = slice(100, -100)
    assert np.abs(found[inside] - exact[inside]).max() < 2e-3


def test_a_tone_above_what_the_new_rate_can_hold_is_left_out():
    time = np.arange(16000) / 16000
    found = resampled(np.sin(2 * np.pi * 6000 * time), 16000, 8000)
    assert np.abs(found[200:-200]).max() < 2e-3


def test_the_same_rate_and_a_level_stay_as_they_are():
    samples = np.linspace(-1, 1, 7, dtype=np.float32)
    assert resampled(samples, 8000, 8000) is samples
    level = resampled(np.ones(4000), 44100, 8000)
    np.testing.assert_allclose(level[50:-50], 1.0, atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_samples(count):
    assert len(resampled(np.ones(count), 96000, 16000)) == max(1, -(-count // 6))


@pytest.mark.parametrize(
    ("rate", "wanted"), [(8000, 16000), (44100, 16000), (16000, 8000), (8001, 8000), (8000, 8000)]
)
def test_blocks_of_any_size_give_the_samples_of_the_whole(rate, wanted):
    samples = np.random.default_rng(0).normal(size=rate + 77).astype(np.float32)
    whole = resampled(samples, rate, wanted)
    for size in (97, 4096, len(samples)):
        resampler = Resampler(rate, wanted)
        blocks = [samples[first : first + size] for first in range(0, len(samples), size)]
        found = np.concatenate([*map(resampler.add, blocks), resampler.end()])
        np.testing.assert_array_equal(found, whole)


def test_what_waits_stays_short():
    resampler = Resampler(44100, 16000)
    told = sum(len(resampler.add(np.zeros(4410))) for _ in range(50))
    assert len(resampler._waiting) < 44100 // 4 + 4410 + 200
    assert told > 5 * 16000 - 16000 // 2
