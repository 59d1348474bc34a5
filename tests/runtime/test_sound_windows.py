"""Windows over a sound of any length."""

import numpy as np
import pytest

from lamina.runtime.errors import DataError
from lamina.runtime.sound_windows import SoundScores, Windows
from lamina.runtime.transcript_search import BLANK


class Places:
    """A network whose scores say where its window lies: the samples count up from 0."""

    def __init__(self, step):
        self.step = step
        self.windows = []

    def __call__(self, samples):
        self.windows.append((int(samples[0]), int(samples[-1]) + 1))
        # A step is named by its first sample; the second number says how far the edges are.
        first = samples[:: self.step].astype(np.float64)
        edge = np.minimum(first - samples[0], samples[-1] + 1 - first)
        return np.stack([first, edge], axis=1)


def scored(num_samples, size, block, *, delay_s=None, step=4):
    network = Places(step)
    scores = SoundScores(network, Windows.of(step, size, rate=step, delay_s=delay_s), num_tokens=2)
    samples = np.arange(num_samples, dtype=np.int16)
    found = []
    for start in range(0, num_samples, block):
        found += scores.add(samples[start : start + block])
    found += scores.end()
    return np.concatenate(found), network.windows


@pytest.mark.parametrize("num_samples", [33, 79, 80, 81, 100, 399, 400, 401])
@pytest.mark.parametrize("delay_s", [None, 2.0, 6.0])
def test_every_step_comes_once_whatever_the_blocks(num_samples, delay_s):
    whole, windows = scored(num_samples, 80, num_samples, delay_s=delay_s)
    assert whole[:, 0].tolist() == list(range(0, num_samples, 4))
    assert max(end - start for start, end in windows) <= 80
    for block in (1, 7, 64):
        found, same = scored(num_samples, 80, block, delay_s=delay_s)
        np.testing.assert_array_equal(found, whole)
        assert same == windows


def test_what_fits_in_one_window_is_read_as_a_whole():
    assert scored(80, 80, 9)[1] == [(0, 80)]
    assert scored(81, 80, 9)[1] == [(0, 80), (4, 81)]


def test_steps_are_taken_from_the_middle_of_what_windows_share():
    found, windows = scored(400, 80, 400)
    # Windows of 20 steps that end every 10: 5 steps on either side are left to the others.
    assert windows[:3] == [(0, 80), (40, 120), (80, 160)]
    inside = found[5:-5]
    assert inside[:, 1].min() >= 5 * 4


def test_a_shorter_delay_reads_more_windows_and_waits_less():
    slow, fast = scored(400, 80, 1)[1], scored(400, 80, 1, delay_s=4.0)[1]
    assert len(fast) > 2 * len(slow)
    # Half of four seconds, that is two steps, until the next window is read.
    assert fast[:3] == [(0, 16), (0, 24), (0, 32)]


def test_only_a_window_and_a_hop_are_kept():
    scores = SoundScores(Places(4), Windows.of(4, 80, rate=4), num_tokens=2)
    for start in range(0, 30_000, 10):
        list(scores.add(np.arange(start, start + 10, dtype=np.int16)))
        assert sum(map(len, scores._blocks)) <= 80 + 40 + 10
        assert all(block.base is None or len(block.base) < 300 for block in scores._blocks)


def test_silence_is_not_shown_to_the_network():
    def refuses(samples):
        raise AssertionError

    scores = SoundScores(refuses, Windows.of(4, 80, rate=4), num_tokens=3)
    found = [*scores.add(np.ones(161, dtype=np.int16)), *scores.end()]
    logs = np.concatenate(found)
    assert logs.shape == (41, 3)
    assert (logs.argmax(axis=1) == BLANK).all()


def test_no_sound_has_no_steps_and_a_delay_is_checked():
    scores = SoundScores(Places(4), Windows.of(4, 80, rate=4), num_tokens=2)
    assert [*scores.end()] == []
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(DataError, match="delay must be at least"):
            Windows.of(4, 80, rate=4, delay_s=wrong)
