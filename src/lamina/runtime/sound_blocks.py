"""A sound of any length in blocks, in constant memory: from a file, a pipe or arrays.

WAV and raw samples need NumPy alone and may still be arriving; FLAC, OGG and what else libsndfile
knows needs `soundfile` and a file.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lamina.runtime.errors import DataError, MissingExtraError
from lamina.runtime.modalities.sound import MAGIC, whole_numbers
from lamina.runtime.resampling import Resampler
from lamina.runtime.wave_files import MOST_RATE, wave_blocks

_BLOCK_BYTES = 1 << 14
_PER_SECOND = 4  # blocks that a decoder is asked for


def heard_blocks(sound: Any, wanted: int, *, rate: int | None = None) -> Iterator[np.ndarray]:
    """Yield a sound as a network hears it, int16 [samples], one channel at one rate.

    Args:
        sound: Path of a file; an open binary file, such as standard input, that gives a WAV file or
            raw samples (16 bits, one channel, low byte first); or blocks: arrays [samples] or
            [samples, channels] of whole numbers of 16 bits or of floats in [-1, 1].
        wanted: Samples per second that the network hears.
        rate: Samples per second of raw samples and of arrays; files of sound say their own.

    Raises:
        DataError: It cannot be read, or ends before it should: then after what is there.
        MissingExtraError: It needs `soundfile`, which is not installed.
    """
    if rate is not None and not 1 <= rate <= MOST_RATE:
        raise DataError(f"rate must be from 1 to {MOST_RATE:,} samples per second, got {rate!r}.")
    if isinstance(sound, (str, Path)):
        yield from _of_file(Path(sound), wanted, rate)
    elif hasattr(sound, "read"):
        yield from _of_open(sound, wanted, rate)
    elif isinstance(sound, (bytes, bytearray, memoryview)):
        raise DataError("bytes are no blocks of a sound. Wrap the content of a file in io.BytesIO.")
    elif rate is None:
        raise DataError("arrays do not say how fast their samples follow. Give their rate.")
    else:
        yield from _brought(_of_arrays(sound), rate, wanted)


def _of_file(path: Path, wanted: int, rate: int | None) -> Iterator[np.ndarray]:
    try:
        with path.open("rb") as file:
            yield from _of_open(file, wanted, rate)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from error


def _of_open(file: Any, wanted: int, rate: int | None) -> Iterator[np.ndarray]:
    """Yield the sound of an open file, or of one that is still arriving."""
    # What has arrived is taken at once, where the file can say so.
    read = getattr(file, "read1", file.read)
    begin = b""
    while len(begin) < 4 and (data := read(4 - len(begin))):
        begin += data
    if not begin:
        raise DataError("there is no sound: it ended before the first byte.")

    def again(count: int) -> bytes:
        nonlocal begin
        if not begin:
            return read(count)
        found, begin = begin[:count], begin[count:]
        return found

    kind = MAGIC.get(begin)
    if kind is not None and rate is not None:
        raise DataError(f"a {kind} file says its own rate. Leave out the {rate:,}.")
    if kind == "WAV":
        found = wave_blocks(again)
        yield from _brought(found.blocks, found.rate, wanted)
    elif kind is not None:
        if not (hasattr(file, "seekable") and file.seekable()):
            raise DataError(
                f"{kind} is read from files only, not while it arrives. Name the file, or decode "
                "it to WAV first."
            )
        file.seek(-len(begin), 1)
        yield from _of_library(file, kind, wanted)
    elif rate is None:
        raise DataError(
            "this is no recording of a kind that is known (WAV, FLAC or OGG): it begins with "
            f"{begin!r}. Raw samples of 16 bits need their rate, such as --rate 16000."
        )
    else:
        yield from _brought(_raw(again), rate, wanted)


def _raw(read: Callable[[int], bytes]) -> Iterator[np.ndarray]:
    waiting = b""
    while data := read(_BLOCK_BYTES):
        waiting += data
        whole = len(waiting) // 2 * 2
        yield np.frombuffer(waiting[:whole], "<i2").astype(np.float32)[:, None] / 32768.0
        waiting = waiting[whole:]


def _of_library(file: Any, kind: str, wanted: int) -> Iterator[np.ndarray]:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise MissingExtraError("soundfile", extra="sound", purpose=f"Reading {kind}") from error
    try:
        with soundfile.SoundFile(file) as opened:
            size = max(1, opened.samplerate // _PER_SECOND)
            blocks = opened.blocks(blocksize=size, dtype="float32", always_2d=True)
            yield from _brought(blocks, int(opened.samplerate), wanted)
    except DataError:
        raise
    except Exception as error:  # decoders raise whatever foreign bytes lead them to
        text = str(error).split("\n")[0][:200]
        raise DataError(f"cannot be decoded as {kind}: {text or type(error).__name__}.") from error


def _of_arrays(blocks: Iterable[Any]) -> Iterator[np.ndarray]:
    for block in [blocks] if isinstance(blocks, np.ndarray) else blocks:
        array = np.asarray(block)
        if array.ndim not in (1, 2) or not (array.dtype == np.int16 or array.dtype.kind == "f"):
            raise DataError(
                "a block of sound must hold [samples] or [samples, channels] of int16 or floats, "
                f"got {array.dtype} {list(array.shape)}."
            )
        if array.dtype == np.int16:
            array = array.astype(np.float32) / 32768.0
        yield (array[:, None] if array.ndim == 1 else array).astype(np.float32, copy=False)


def _brought(blocks: Iterable[np.ndarray], rate: int, wanted: int) -> Iterator[np.ndarray]:
    """Yield blocks float32 [samples, channels] as one channel at the wanted rate, int16."""
    resampler = Resampler(rate, wanted)
    is_empty = True
    for block in blocks:
        if not len(block) or not block.shape[1]:
            continue
        if not np.isfinite(block).all():
            raise DataError("the recording holds samples that are no numbers.")
        is_empty = False
        yield whole_numbers(resampler.add(block.mean(axis=1)))
    if not is_empty:
        yield whole_numbers(resampler.end())
