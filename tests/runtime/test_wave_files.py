"""WAV files."""

import io
import wave

import numpy as np
import pytest

from lamina.runtime.errors import DataError
from lamina.runtime.wave_files import Recording, read_wave, wave_blocks


def head(coding=1, channels=1, rate=8000, bits=16, more=b""):
    block = bits // 8 * channels
    parts = (coding, 2), (channels, 2), (rate, 4), (rate * block, 4), (block, 2), (bits, 2)
    return b"".join(value.to_bytes(size, "little") for value, size in parts) + more


def riff(*chunks):
    body = b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WAVE" + body


@pytest.mark.parametrize(
    ("bits", "coding", "data", "wanted"),
    [
        (8, 1, bytes([0, 128, 192]), [-1.0, 0.0, 0.5]),
        (16, 1, np.array([-32768, 0, 16384], "<i2").tobytes(), [-1.0, 0.0, 0.5]),
        # -2**23, 0 and 2**22 in three bytes, the lowest first.
        (24, 1, bytes([0, 0, 0x80, 0, 0, 0, 0, 0, 0x40]), [-1.0, 0.0, 0.5]),
        (32, 1, np.array([-(2**31), 0, 2**30], "<i4").tobytes(), [-1.0, 0.0, 0.5]),
        (32, 3, np.array([-1, 0, 0.5], "<f4").tobytes(), [-1.0, 0.0, 0.5]),
        (64, 3, np.array([-1, 0, 0.5], "<f8").tobytes(), [-1.0, 0.0, 0.5]),
    ],
)
def test_samples_of_every_width(bits, coding, data, wanted):
    found = read_wave(riff((b"fmt ", head(coding, bits=bits)), (b"data", data)))
    assert found.samples.dtype == np.float32
    assert found.samples[:, 0].tolist() == wanted
    assert found.rate == 8000


def test_the_extensible_head_and_other_chunks():
    more = (22).to_bytes(2, "little") + bytes(6) + (3).to_bytes(2, "little") + bytes(14)
    data = np.array([[0.25, -0.25], [1, -1]], "<f4").tobytes()
    file = riff(
        (b"LIST", b"odd"),
        (b"fmt ", head(0xFFFE, channels=2, rate=96_000, bits=32, more=more)),
        (b"fact", bytes(4)),
        (b"data", data),
    )
    found = read_wave(file)
    assert found.rate == 96_000
    assert found.samples.tolist() == [[0.25, -0.25], [1.0, -1.0]]


def test_files_of_the_standard_library_are_read_as_it_reads_them():
    samples = np.random.default_rng(0).integers(-32768, 32767, (50, 2)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(11_025)
        out.writeframes(samples.tobytes())
    found = read_wave(file.getvalue())
    np.testing.assert_array_equal(found.samples * 32768, samples)


def test_a_file_written_while_it_was_recorded_has_no_size():
    file = riff((b"fmt ", head()), (b"data", bytes(8)))
    for size in (b"\xff\xff\xff\xff", b"\0\0\0\0"):
        found = read_wave(file[:-12] + size + file[-8:])
        assert isinstance(found, Recording)
        assert len(found.samples) == 4


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"hello, this is a text", "no WAV file"),
        (riff(), "no sound"),
        (riff((b"fmt ", b"\1\0")), "cut off"),
        (riff((b"data", bytes(4)), (b"fmt ", head())), "before its head"),
        (riff((b"fmt ", head()), (b"data", b"")), "no samples"),
        (riff((b"fmt ", head(6, bits=8)), (b"data", bytes(4))), "A-law"),
        (riff((b"fmt ", head(99, bits=7)), (b"data", bytes(4))), "coding 99 of 7 bits"),
        (riff((b"fmt ", head(channels=0)), (b"data", bytes(4))), "0 channels"),
        (riff((b"fmt ", head(rate=0)), (b"data", bytes(4))), "at 0 samples"),
        (riff((b"fmt ", head()), (b"data", bytes(400)))[:-100], "300 of 400 bytes"),
    ],
)
def test_what_is_no_sound_says_why(data, problem):
    found = read_wave(data)
    assert isinstance(found, str)
    assert problem in found


def test_any_cut_or_change_of_a_byte_gives_a_sound_or_a_sentence():
    file = riff((b"fmt ", head(channels=2)), (b"data", bytes(range(200)) + bytes(56)))
    chance = np.random.default_rng(1)
    for cut in range(len(file)):
        assert isinstance(read_wave(file[:cut]), (str, Recording))
    for _ in range(500):
        changed = bytearray(file)
        changed[chance.integers(0, 44)] = chance.integers(0, 256)
        assert isinstance(read_wave(bytes(changed)), (str, Recording))


def streamed(data, *, most=1 << 20):
    """A WAV file in blocks, as one array; a pipe gives at most so many bytes at a time."""
    file = io.BytesIO(data)
    found = wave_blocks(lambda count: file.read(min(count, most)))
    return np.concatenate([np.zeros((0, 1), np.float32), *found.blocks]), found.rate


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_blocks_are_the_samples_of_the_whole(bits):
    data = np.random.default_rng(0).bytes(3 * 5 * 8 * 60)
    more = (b"LIST", b"odd"), (b"fmt ", head(channels=1, bits=bits, more=bytes(3)))
    file = riff(*more, (b"data", data), (b"LIST", b"behind"))
    whole = read_wave(file)
    for most in (1, 7, 1000):
        samples, rate = streamed(file, most=most)
        np.testing.assert_array_equal(samples, whole.samples)
        assert rate == whole.rate


def test_a_stream_of_unknown_size_is_read_to_its_end():
    file = riff((b"fmt ", head()), (b"data", bytes(8)))
    for size in (0, 0xFFFFFFFF, 0x7FFFF000):
        samples, _ = streamed(file[:-12] + size.to_bytes(4, "little") + file[-8:])
        assert len(samples) == 4


def test_what_is_there_comes_before_the_error_that_the_rest_is_missing():
    file = riff((b"fmt ", head()), (b"data", bytes(400)))[:-100]
    found = wave_blocks(io.BytesIO(file).read)
    assert sum(len(next(found.blocks)) for _ in range(1)) == 150
    with pytest.raises(DataError, match="cut off: 300 of 400 bytes"):
        next(found.blocks)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"hello, this is a text", "no WAV file"),
        (riff(), "no sound"),
        (riff((b"fmt ", b"\1\0")), "cut off"),
        (riff((b"data", bytes(4)), (b"fmt ", head())), "before its head"),
        (riff((b"fmt ", head()), (b"data", b"")), "no samples"),
        (riff((b"fmt ", head(6, bits=8)), (b"data", bytes(4))), "A-law"),
        (riff((b"fmt ", head(channels=0)), (b"data", bytes(4))), "0 channels"),
    ],
)
def test_a_stream_that_is_no_sound_says_why(data, problem):
    with pytest.raises(DataError, match=problem):
        streamed(data)


def test_any_cut_of_a_stream_gives_sound_or_an_error():
    file = riff((b"fmt ", head(channels=2)), (b"data", bytes(range(200)) + bytes(56)))
    whole = read_wave(file).samples
    for cut in range(len(file)):
        try:
            found = wave_blocks(io.BytesIO(file[:cut]).read)
            for block in found.blocks:
                np.testing.assert_array_equal(block, whole[: len(block)])
        except DataError:
            continue
