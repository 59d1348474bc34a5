"""Some forecasts of the test part as a report draws them, and how they fare step by step."""

from typing import Any

import numpy as np

from lamina.data.windows import Windows
from lamina.evaluation.forecasts import as_forecasts
from lamina.evaluation.predictions import Predictions

MOST_DRAWN = 8
"""Forecasts that are drawn."""

ORIGINS = 4
"""Stretches of the test part that are told apart, in the order of time."""

_PAST = 3


def drawn_forecasts(
    windows: Windows, places: np.ndarray, found: Predictions, truth: np.ndarray
) -> dict[str, Any]:
    """Return forecasts to draw, and figures by stretches of origins and by steps ahead.

    Args:
        windows: Where the series are.
        places: int64 [origins], places of the last known steps.
        found: The answers.
        truth: As metrics read it.
    """
    forecasts, future = as_forecasts(found, truth)
    raw = windows.raw()
    horizon = future.shape[1]
    chosen = np.unique(np.linspace(0, len(places) - 1, MOST_DRAWN).astype(np.int64))
    drawn = []
    for number, row in enumerate(chosen):
        channel = number % future.shape[2]
        place = int(places[row])
        begin = max(
            int(windows.grid.start[windows.grid.series[place]]), place + 1 - _PAST * horizon
        )
        values = forecasts.values[row, :, channel]
        drawn.append(
            {
                "row": int(windows.grid.row[place]),
                "target": windows.channels[channel],
                "past": _plain(raw[begin : place + 1, channel]),
                "median": _plain(forecasts.middle()[row, :, channel]),
                "low": _plain(values[:, 0]),
                "high": _plain(values[:, -1]),
                "truth": _plain(future[row, :, channel]),
            }
        )
    inside = (future >= forecasts.values[..., 0]) & (future <= forecasts.values[..., -1])
    covered = np.where(np.isnan(future), np.nan, inside)
    by_step = [float(np.nanmean(covered[:, step])) for step in range(horizon)]
    parts = [
        part for part in np.array_split(np.argsort(places, kind="stable"), ORIGINS) if len(part)
    ]
    return {
        "levels": list(found.levels),
        "forecasts": drawn,
        "coverage_by_step": by_step,
        "coverage_by_origins": [float(np.nanmean(covered[part])) for part in parts],
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
