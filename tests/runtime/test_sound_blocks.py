"""Sounds of any length in blocks."""

import io

import numpy as np
import pytest

from lamina.runtime.errors import DataError
from lamina.runtime.modalities.sound import SoundReader
from lamina.runtime.sound_blocks import heard_blocks
from tests.runtime.test_wave_files import head, riff


def recording(rate=8000, channels=1, seconds=1.3):
    chance = np.random.default_rng(0)
    samples = (3000 * chance.normal(size=(int(rate * seconds), channels))).astype("<i2")
    file = riff((b"fmt ", head(channels=channels, rate=rate)), (b"data", samples.tobytes()))
    return samples, file


class Pipe(io.BytesIO):
    """A file that cannot be gone back in."""

    def seekable(self):
        return False


def joined(blocks):
    return np.concatenate([np.zeros(0, np.int16), *blocks])


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (11_025, 1), (96_000, 3)])
def test_blocks_are_what_the_whole_file_is_read_as(tmp_path, rate, channels):
    samples, file = recording(rate, channels)
    wanted = SoundReader(8000, max_samples=1 << 20).samples_of(file)
    path = tmp_path / "a.wav"
    path.write_bytes(file)
    np.testing.assert_array_equal(joined(heard_blocks(path, 8000)), wanted)
    np.testing.assert_array_equal(joined(heard_blocks(io.BytesIO(file), 8000)), wanted)
    for size in (160, 9999):
        blocks = (samples[first : first + size] for first in range(0, len(samples), size))
        np.testing.assert_array_equal(joined(heard_blocks(blocks, 8000, rate=rate)), wanted)


def test_raw_samples_need_their_rate():
    samples, _ = recording()
    raw = io.BytesIO(samples.tobytes())
    np.testing.assert_allclose(joined(heard_blocks(raw, 8000, rate=8000)), samples[:, 0], atol=1)
    with pytest.raises(DataError, match="need their rate"):
        joined(heard_blocks(io.BytesIO(samples.tobytes()), 8000))


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_other_kinds_are_read_from_files(tmp_path, kind):
    soundfile = pytest.importorskip("soundfile")
    samples, _ = recording(16_000, 2)
    path = tmp_path / f"a.{kind.lower()}"
    soundfile.write(path, samples, 16_000, format=kind)
    wanted = SoundReader(8000, max_samples=1 << 20).samples_of(path.read_bytes())
    np.testing.assert_array_equal(joined(heard_blocks(path, 8000)), wanted)
    with pytest.raises(DataError, match="not while it arrives"):
        joined(heard_blocks(Pipe(path.read_bytes()), 8000))
    np.testing.assert_array_equal(joined(heard_blocks(path.open("rb"), 8000)), wanted)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=f"{path}: .*{kind}"):
        joined(heard_blocks(path, 8000))


def test_what_cannot_be_read_says_why(tmp_path):
    _, file = recording()
    for what, rate, problem in (
        (io.BytesIO(b""), None, "no sound"),
        (io.BytesIO(b"hello"), None, "begins with b'hell'"),
        (io.BytesIO(file), 8000, "own rate"),
        (io.BytesIO(file[:300]), None, "cut off"),
        (io.BytesIO(file), 0, "rate must be from 1"),
        (tmp_path / "none.wav", None, "No such file"),
        (tmp_path, None, "directory"),
        (file, None, "BytesIO"),
        ([np.zeros(3)], None, "rate"),
        ([np.zeros(3, dtype=np.int32)], 8000, "int32"),
        ([np.full(3, np.nan)], 8000, "no numbers"),
    ):
        with pytest.raises(DataError, match=problem):
            joined(heard_blocks(what, 8000, rate=rate))


def test_no_samples_are_no_blocks():
    assert list(heard_blocks([], 8000, rate=8000)) == []
    assert list(heard_blocks([np.zeros(0)], 8000, rate=16_000)) == []
