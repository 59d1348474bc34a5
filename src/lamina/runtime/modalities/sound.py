"""Sound: recordings as encoded files (see `lamina.data.modalities.sound`).

WAV needs NumPy alone; FLAC, OGG and what else libsndfile knows needs `soundfile`, which is imported
when the first of them comes. Channels are mixed to one, and every recording is brought to the rate
that was chosen in training. A path is no recording: whoever may read files reads them.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.errors import MissingExtraError
from lamina.runtime.modalities.base import AbstractReader, Read
from lamina.runtime.resampling import resampled
from lamina.runtime.wave_files import Recording, read_wave

MOST_BYTES = 1 << 28
"""Most bytes of a file that is decoded."""

MOST_POINTS = 200
"""Points of a recording that is drawn."""

LOUDEST = 32767.0
"""What a sample of 1.0 becomes as a whole number of 16 bits."""

MAGIC: Mapping[bytes, str] = {b"RIFF": "WAV", b"fLaC": "FLAC", b"OggS": "OGG", b"FORM": "AIFF"}
"""First bytes of the kinds of files that are read."""

_MOST_SAMPLES = MOST_BYTES // 2
_QUIETEST = 1e-4


@final
class SoundReader(AbstractReader):
    """Reads recordings.

    Args:
        rate: Samples per second that the network hears.
        max_samples: Most samples that it hears; what comes later is left out.
    """

    name: ClassVar[str] = "sound"
    kind: ClassVar[str] = "sound"

    def __init__(self, rate: int, *, max_samples: int) -> None:
        self.rate = rate
        self.max_samples = max_samples

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a sound column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a sound")
        return cls(
            fields.integer("rate", least=1, most=1 << 20),
            max_samples=fields.integer("max_samples", least=1, most=1 << 30),
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return int16 [samples] per row; a row without a recording is an error.

        Args:
            cells: Raw cells: bytes of encoded files, or int16 arrays at the network's rate.
        """
        values = np.empty(len(cells), dtype=object)
        errors = {}
        for row, cell in enumerate(cells):
            found = self.samples_of(cell)
            if isinstance(found, str):
                errors[row] = found
                found = np.zeros(1, dtype=np.int16)
            values[row] = found
        return Read(values, errors)

    def samples_of(self, cell: Any) -> np.ndarray | str:
        """Return a recording as the network hears it, int16 [samples], or why it cannot.

        Args:
            cell: Bytes of an encoded file; or whole numbers of 16 bits at the network's own rate.
        """
        if isinstance(cell, np.ndarray) and cell.dtype == np.int16 and cell.ndim == 1 and len(cell):
            return cell[: self.max_samples]
        sound = decoded(cell)
        if isinstance(sound, str):
            return sound
        if float(np.ptp(sound.samples)) < _QUIETEST:
            return "the recording is silent"
        # What will not be heard need not be brought to another rate.
        most = -(-self.max_samples * sound.rate // self.rate) + 1
        mono = resampled(sound.samples[:most].mean(axis=1), sound.rate, self.rate)
        mono = mono[: self.max_samples]
        return whole_numbers(mono)


def whole_numbers(samples: np.ndarray) -> np.ndarray:
    """Return samples as the network hears them, int16 [samples].

    Args:
        samples: float32 [samples], in [-1, 1]; what is louder is cut off.
    """
    return np.clip(np.round(samples * LOUDEST), -LOUDEST, LOUDEST).astype(np.int16)


def outline(samples: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a recording as it is drawn: its highest and its lowest samples over equal times.

    Args:
        samples: int16 [samples].
    """
    parts = np.array_split(samples / LOUDEST, min(MOST_POINTS, len(samples)))
    return (
        tuple(round(float(part.max()), 4) for part in parts),
        tuple(round(float(part.min()), 4) for part in parts),
    )


def decoded(cell: Any) -> Recording | str:
    """Return the sound of an encoded file, or why there is none.

    Args:
        cell: Bytes of the file.

    Raises:
        MissingExtraError: It is of a kind that needs `soundfile`, which is not installed.
    """
    if cell is None:
        return "there is no recording in the cell"
    if isinstance(cell, str):
        return "a text is no recording; give the bytes of the file"
    if not isinstance(cell, (bytes, bytearray, memoryview)):
        return f"a cell of the type {type(cell).__name__} is no recording; give bytes"
    data = bytes(cell)
    if len(data) > MOST_BYTES:
        return f"{len(data):,} bytes are more than the {MOST_BYTES:,} that are decoded"
    kind = MAGIC.get(data[:4])
    if kind is None:
        return "the bytes are no recording of a kind that is known: WAV, FLAC or OGG"
    sound = read_wave(data) if kind == "WAV" else _by_library(data, kind)
    if isinstance(sound, Recording) and not np.isfinite(sound.samples).all():
        return "the recording holds samples that are no numbers"
    return sound


def _by_library(data: bytes, kind: str) -> Recording | str:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise MissingExtraError("soundfile", extra="sound", purpose=f"Reading {kind}") from error
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            # A few bytes of silence may stand for hours of it.
            if file.frames * file.channels > _MOST_SAMPLES:
                return (
                    f"{file.frames:,} samples in {file.channels} channels are more than the "
                    f"{_MOST_SAMPLES:,} that are decoded"
                )
            samples, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except Exception as error:  # decoders raise whatever foreign bytes lead them to
        text = str(error).split("\n")[0][:200]
        return f"cannot be decoded as {kind}: {text or type(error).__name__}"
    return Recording(samples, int(rate)) if len(samples) else f"the {kind} file has no samples"
