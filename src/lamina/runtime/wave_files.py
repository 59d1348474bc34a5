"""Reads WAV files into numbers, with NumPy alone.

Samples of 8, 16, 24 and 32 bits, floats of 32 and 64, any number of channels, the plain and the
extensible form of the head; chunks that are not sound are passed over. A file that is cut off,
empty, or of a coding that needs a decoder of its own is refused in a sentence; nothing that a file
claims is believed before its bytes are there. A file is read as a whole, or in blocks while it is
still being written.

Source: IBM and Microsoft 1991, "Multimedia Programming Interface and Data Specifications 1.0"
(RIFF, WAVE); Microsoft, "WAVEFORMATEXTENSIBLE".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lamina.runtime.errors import DataError

_CODINGS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "MP3"}
_EXTENSIBLE = 0xFFFE
_UNKNOWN_SIZE = (0, 0xFFFFFFFF)
_UNKNOWN_IN_STREAMS = 0x7FFF0000  # programs that cannot go back claim what no file may have
MOST_RATE = 1 << 20
"""Most samples per second that are believed."""
_MOST_CHANNELS = 1 << 8
_BLOCK_BYTES = 1 << 15

_Head = tuple[int, int, int, int]


NO_SAMPLES = "the WAV file has no samples"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as numbers."""

    samples: np.ndarray
    """float32 [samples, channels], in [-1, 1] as far as the file keeps to it."""
    rate: int
    """Samples per second."""


def read_wave(data: bytes) -> Recording | str:
    """Return the sound of a WAV file, or why there is none.

    Args:
        data: Content of the file.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return f"is no WAV file: it begins with {data[:12]!r}" if data else "the file is empty"
    head: _Head | None = None
    place = 12
    while place + 8 <= len(data):
        name = data[place : place + 4]
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        begin = place + 8
        if name == b"fmt ":
            head = _head(data[begin : begin + size])
            if head is None:
                return "the head of the WAV file is cut off"
        elif name == b"data":
            if head is None:
                return "the WAV file has sound before its head"
            there = len(data) - begin
            # A program that writes while it records does not know the size yet.
            if size not in _UNKNOWN_SIZE and size > there:
                return f"the WAV file is cut off: {there:,} of {size:,} bytes of sound are there"
            sound = data[begin : begin + (there if size in _UNKNOWN_SIZE else size)]
            refusal = _refusal(head)
            if refusal is not None:
                return refusal
            samples = _samples(sound, head)
            return Recording(samples, head[2]) if len(samples) else NO_SAMPLES
        place = begin + size + size % 2
    return "the WAV file holds no sound"


@dataclass(frozen=True, slots=True)
class WaveBlocks:
    """A WAV file that is read block by block."""

    rate: int
    """Samples per second."""
    blocks: Iterator[np.ndarray]
    """float32 [samples, channels], in order; one that was cut off raises `DataError` at its end."""


def wave_blocks(read: Callable[[int], bytes]) -> WaveBlocks:
    """Return the sound of a WAV file in blocks, in constant memory.

    Args:
        read: Gives the next bytes, at most so many; none at the end.

    Raises:
        DataError: The file holds no sound that can be read.
    """
    begin = _exactly(read, 12)
    if begin[:4] != b"RIFF" or begin[8:12] != b"WAVE":
        raise _unreadable(f"is no WAV file: it begins with {begin!r}" if begin else "it is empty")
    head: _Head | None = None
    while len(chunk := _exactly(read, 8)) == 8:
        size = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            refusal = "it has sound before its head" if head is None else _refusal(head)
            if head is None or refusal is not None:
                raise _unreadable(str(refusal))
            is_open = size in _UNKNOWN_SIZE or size >= _UNKNOWN_IN_STREAMS
            return WaveBlocks(head[2], _blocks(read, None if is_open else size, head))
        if chunk[:4] == b"fmt ":
            data = _exactly(read, min(size, _BLOCK_BYTES))
            head, size = _head(data), size - len(data)
            if head is None:
                raise _unreadable("its head is cut off")
            size += (size + len(data)) % 2
        else:
            size += size % 2
        while size > 0 and (data := read(min(size, _BLOCK_BYTES))):
            size -= len(data)
    raise _unreadable("it holds no sound")


def _blocks(read: Callable[[int], bytes], size: int | None, head: _Head) -> Iterator[np.ndarray]:
    """Yield the samples of the next bytes, as many as the file says or until it ends."""
    width = head[3] // 8 * head[1]
    waiting, there = b"", 0
    while size is None or there < size:
        data = read(_BLOCK_BYTES if size is None else min(_BLOCK_BYTES, size - there))
        if not data:
            break
        there += len(data)
        waiting += data
        whole = len(waiting) // width * width
        if whole:
            yield _samples(waiting[:whole], head)
        waiting = waiting[whole:]
    if size is not None and there < size:
        raise _unreadable(f"it is cut off: {there:,} of {size:,} bytes of sound are there")
    if there < width:
        raise _unreadable("it has no samples")


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """Return the next bytes, fewer at the end only."""
    found = b""
    while len(found) < count and (data := read(count - len(found))):
        found += data
    return found


def _unreadable(why: str) -> DataError:
    return DataError(f"the WAV file cannot be read: {why}.")


def _head(data: bytes) -> _Head | None:
    """Return coding, channels, rate and bits per sample."""
    if len(data) < 16:
        return None
    coding, channels = (int.from_bytes(data[i : i + 2], "little") for i in (0, 2))
    rate, bits = int.from_bytes(data[4:8], "little"), int.from_bytes(data[14:16], "little")
    if coding == _EXTENSIBLE and len(data) >= 26:
        coding = int.from_bytes(data[24:26], "little")
    return coding, channels, rate, bits


def _refusal(head: _Head) -> str | None:
    """Return why sound of this head cannot be read, None where it can."""
    coding, channels, rate, bits = head
    if not 1 <= channels <= _MOST_CHANNELS or not 1 <= rate <= MOST_RATE:
        return f"the WAV file claims {channels} channels at {rate:,} samples per second"
    if (coding, bits) not in {(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)}:
        what = _CODINGS.get(coding, f"coding {coding}")
        return f"the WAV file is in {what} of {bits} bits; wanted PCM or floats"
    return None


def _samples(data: bytes, head: _Head) -> np.ndarray:
    """Return whole samples of a head that is known, float32 [samples, channels]."""
    coding, channels, _, bits = head
    width = bits // 8 * channels
    data = data[: len(data) // width * width]
    if coding == 3:
        values = np.frombuffer(data, f"<f{bits // 8}")
    elif bits == 8:
        values = (np.frombuffer(data, np.uint8).astype(np.float32) - 128.0) / 128.0
    elif bits == 24:
        # Three bytes become the upper three of four.
        whole = np.zeros((len(data) // 3, 4), dtype=np.uint8)
        whole[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        values = whole.view("<i4")[:, 0].astype(np.float64) / 2.0**31
    else:
        values = np.frombuffer(data, f"<i{bits // 8}").astype(np.float64) / 2.0 ** (bits - 1)
    return values.astype(np.float32).reshape(-1, channels)
