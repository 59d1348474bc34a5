"""Reads WAV files into numbers, with NumPy alone.

Samples of 8, 16, 24 and 32 bits, floats of 32 and 64, any number of channels, the plain and the
extensible form of the head; chunks that are not sound are passed over. A file that is cut off,
empty, or of a coding that needs a decoder of its own is refused in a sentence; nothing that a file
claims is believed before its bytes are there.

Source: IBM and Microsoft 1991, "Multimedia Programming Interface and Data Specifications 1.0"
(RIFF, WAVE); Microsoft, "WAVEFORMATEXTENSIBLE".
"""

from dataclasses import dataclass

import numpy as np

_CODINGS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "MP3"}
_EXTENSIBLE = 0xFFFE
_UNKNOWN_SIZE = (0, 0xFFFFFFFF)
_MOST_RATE = 1 << 20
_MOST_CHANNELS = 1 << 8


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
    head: tuple[int, int, int, int] | None = None
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
            return _samples(data[begin : begin + (there if size in _UNKNOWN_SIZE else size)], head)
        place = begin + size + size % 2
    return "the WAV file holds no sound"


def _head(data: bytes) -> tuple[int, int, int, int] | None:
    """Return coding, channels, rate and bits per sample."""
    if len(data) < 16:
        return None
    coding, channels = (int.from_bytes(data[i : i + 2], "little") for i in (0, 2))
    rate, bits = int.from_bytes(data[4:8], "little"), int.from_bytes(data[14:16], "little")
    if coding == _EXTENSIBLE and len(data) >= 26:
        coding = int.from_bytes(data[24:26], "little")
    return coding, channels, rate, bits


def _samples(data: bytes, head: tuple[int, int, int, int]) -> Recording | str:
    coding, channels, rate, bits = head
    if not 1 <= channels <= _MOST_CHANNELS or not 1 <= rate <= _MOST_RATE:
        return f"the WAV file claims {channels} channels at {rate:,} samples per second"
    width = bits // 8 * channels
    is_known = (coding, bits) in {(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)}
    if not is_known:
        what = _CODINGS.get(coding, f"coding {coding}")
        return f"the WAV file is in {what} of {bits} bits; wanted PCM or floats"
    data = data[: len(data) // width * width]
    if not data:
        return "the WAV file has no samples"
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
    return Recording(values.astype(np.float32).reshape(-1, channels), rate)
