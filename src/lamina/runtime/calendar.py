"""The calendar of regular steps, as waves: hour of the day, day of the week, time of the year."""

import numpy as np

from lamina.runtime.frequency import Frequency

_DAY = 86_400.0
_CYCLES = (("hour", _DAY, 0.0), ("weekday", 7 * _DAY, 3 * _DAY), ("season", 365.2425 * _DAY, 0.0))
"""Name, length in seconds, and how far into the cycle the first of January 1970 was."""


def calendar_names(frequency: Frequency) -> tuple[str, ...]:
    """Return the names of the features, a sine and a cosine for each cycle longer than two steps.

    Args:
        frequency: Length of a step; plain numbers have no calendar.
    """
    return tuple(f"{name} {wave}" for name, *_ in _within(frequency) for wave in ("sine", "cosine"))


def calendar_features(frequency: Frequency, first: int, stop: int) -> np.ndarray:
    """Return the features of some steps.

    Args:
        frequency: Length of a step.
        first: Number of the first step.
        stop: One past the last.

    Returns:
        float32 [steps, features].
    """
    steps = np.arange(first, stop, dtype=np.float64)
    waves = []
    for _, length, shift in _within(frequency):
        if frequency.unit == "month":
            turns = steps * frequency.length / 12
        else:
            turns = (steps * frequency.length + shift) / length
        waves += [np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)]
    return np.stack(waves, 1).astype(np.float32) if waves else np.zeros((len(steps), 0), np.float32)


def _within(frequency: Frequency) -> tuple[tuple[str, float, float], ...]:
    """Return the cycles that are longer than two steps."""
    if frequency.unit == "number":
        return ()
    if frequency.unit == "month":
        return _CYCLES[2:] if frequency.length < 6 else ()
    return tuple(cycle for cycle in _CYCLES if cycle[1] > 2 * frequency.length)
