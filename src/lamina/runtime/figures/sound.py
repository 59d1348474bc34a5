"""What a recording is like at a glance: loudness, background, brightness, length, rate, channels.

A new microphone, a noisier room, a gain that was turned up or files that another program packed
show in one of them. Loudness, background and brightness are measured on frames of 32 ms spread over
the recording, below 4 kHz where every usual file has sound, so that neither the length nor the rate
of a file changes them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from lamina.runtime.errors import MissingExtraError
from lamina.runtime.figures.base import AbstractFigures
from lamina.runtime.modalities.sound import LOUDEST, decoded
from lamina.runtime.wave_files import Recording

NAMES = ("loudness", "background", "brightness", "seconds", "rate", "channels")
"""Level of the whole and of the quietest tenth of its frames, decibels below the loudest that a
file can hold; centre of its spectrum, Hz; length; samples per second and channels of the file."""

FRAMES = 64
"""Frames that are measured, at most."""

FRAME_SECONDS = 0.032
"""Length of a frame."""

HIGHEST = 4000.0
"""Frequency in Hz up to which the spectrum is measured."""

QUIETEST = -120.0
"""Level in decibels that silence is given."""


@final
class SoundFigures(AbstractFigures):
    """Measures recordings."""

    modality: ClassVar[str] = "sound"
    is_slow: ClassVar[bool] = True

    @property
    def names(self) -> tuple[str, ...]:
        """The figures, in the order in which a person is shown them."""
        return NAMES

    def measure(self, cell: Any) -> Mapping[str, float] | None:
        """Return the figures of a cell; None where it is none or cannot be read.

        Args:
            cell: Raw.
        """
        if isinstance(cell, np.ndarray) and cell.dtype == np.int16 and cell.ndim == 1:
            # What is handed over as numbers has the rate of the network.
            sound: Recording | str = Recording(
                cell[:, None].astype(np.float32) / np.float32(LOUDEST), self.field.rate
            )
        else:
            try:
                sound = decoded(cell)
            except MissingExtraError:
                # The answer to the row says so; what cannot be heard is not compared.
                return None
        if isinstance(sound, str) or not sound.samples.size or sound.rate < 1:
            return None
        return _measured(sound)


def _measured(sound: Recording) -> dict[str, float]:
    count, channels = sound.samples.shape
    length = min(count, max(2, round(FRAME_SECONDS * sound.rate)))
    places = np.linspace(0, count - length, min(FRAMES, -(-count // length))).astype(int)
    frames = sound.samples[places[:, None] + np.arange(length)].mean(axis=2, dtype=np.float64)
    powers = np.abs(np.fft.rfft(frames * np.hanning(length), axis=1)) ** 2
    pitches = np.fft.rfftfreq(length, 1 / sound.rate)
    is_heard = (pitches > 0) & (pitches <= HIGHEST)
    powers, pitches = powers[:, is_heard], pitches[is_heard]
    # Twice the sum over positive frequencies is the energy of the frame (Parseval).
    energy = 2 * powers.sum(axis=1) / (length * max(float((np.hanning(length) ** 2).sum()), 1e-9))
    total = float(powers.sum())
    centre = float((powers @ pitches).sum() / total) if total > 0 else 0.0
    return {
        "loudness": _decibels(float(energy.mean())),
        "background": _decibels(float(np.quantile(energy, 0.1))),
        "brightness": round(centre, 1),
        "seconds": round(count / sound.rate, 3),
        "rate": float(sound.rate),
        "channels": float(channels),
    }


def _decibels(energy: float) -> float:
    """Return the level of a mean square."""
    return round(max(QUIETEST, 10 * float(np.log10(max(energy, 1e-30)))), 2)
