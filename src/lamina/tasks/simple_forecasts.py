"""What simple methods forecast at the origins that a network answers."""

import time
from typing import Any

import numpy as np
from torch import Tensor

from lamina.data.parts import Part
from lamina.data.windows import Windows
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.forecast_baselines import METHODS, SeriesData, with_levels
from lamina.evaluation.predictions import Predictions


def simple_forecasts(part: Part, like: Predictions) -> tuple[BaselineResult, ...]:
    """Return what each simple method forecasts.

    Args:
        part: The origins to answer.
        like: The network's own answers to them.
    """
    windows = part.samples
    assert isinstance(windows, Windows)
    results = []
    for name, entry in METHODS.items():
        began = time.perf_counter()
        values = _forecasts(entry.value, windows, part.index, like.levels)
        results.append(
            BaselineResult(
                name,
                Predictions("forecasts", values.reshape(len(part), -1), like.levels),
                windows.grid.num_places,
                "learnt from all steps before the first origin; knows all up to each origin",
                time.perf_counter() - began,
            )
        )
    return tuple(results)


def _forecasts(
    method: Any, windows: Windows, index: Tensor, levels: tuple[float, ...]
) -> np.ndarray:
    """Return what a method forecasts at some origins, [origins, steps, channels, levels]."""
    grid, raw, config = windows.grid, windows.raw(), windows.config
    places = windows.places(index)
    numbers = grid.series[places]
    found = np.full((len(places), config.horizon, raw.shape[1], len(levels)), np.nan)
    # Series that are asked at the same distances from their ends are answered side by side.
    ends = grid.start[numbers + 1] - places
    groups: dict[tuple[int, ...], list[int]] = {}
    for number in np.unique(numbers):
        distances = tuple(np.sort(ends[numbers == number]).tolist())
        groups.setdefault(distances, []).append(int(number))
    for distances, members in groups.items():
        lengths = [int(grid.start[n + 1] - grid.start[n]) for n in members]
        longest, channels = max(lengths), raw.shape[1]
        laid = np.full((longest, len(members) * channels), np.nan)
        for place, (number, length) in enumerate(zip(members, lengths)):
            own = raw[grid.start[number] : grid.start[number + 1]]
            laid[longest - length :, place * channels : (place + 1) * channels] = own
        origins = longest - np.array(distances)
        data = SeriesData(laid, int(origins.min()) + 1, config.period, config.horizon)
        answers = with_levels(method, data, origins, levels)
        for place, number in enumerate(members):
            own = np.flatnonzero(numbers == number)
            own = own[np.argsort(ends[own], kind="stable")]
            found[own] = answers[:, :, place * channels : (place + 1) * channels]
    return found
