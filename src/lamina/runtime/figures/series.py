"""What a series is like at a glance: level, spread, roughness, length and gaps."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from lamina.runtime.figures.base import AbstractFigures
from lamina.runtime.modalities.series import as_steps

MOST_CHANNELS = 12
"""Channels up to which each has a level of its own; of more, all have one together."""

WHOLE = ("level", "spread", "roughness", "steps", "missing steps")
"""Figures of a series as a whole: mean and standard deviation of its numbers, mean change from step
to step as a share of that deviation, number of steps, share of numbers that are missing."""


@final
class SeriesFigures(AbstractFigures):
    """Measures series."""

    modality: ClassVar[str] = "series"
    is_slow: ClassVar[bool] = False

    @property
    def names(self) -> tuple[str, ...]:
        """The figures, in the order in which a person is shown them."""
        return (*WHOLE, *self._levels)

    @property
    def _levels(self) -> tuple[str, ...]:
        """Names of the levels of single channels, which may move against each other."""
        count = self.field.channels
        return tuple(f"level {n + 1}" for n in range(count)) if 1 < count <= MOST_CHANNELS else ()

    def measure(self, cell: Any) -> Mapping[str, float] | None:
        """Return the figures of a cell; None where it is none or cannot be read.

        Args:
            cell: Raw.
        """
        steps = as_steps(cell)
        if isinstance(steps, str) or steps.shape[1] != self.field.channels:
            return None
        is_known = np.isfinite(steps)
        counts = is_known.sum(axis=0)
        if not counts.all():
            # A channel without a number has no level; the model has its mean in place of it.
            return None
        levels = np.where(is_known, steps, 0.0).sum(axis=0) / counts
        # Of each channel about its own level: channels may have quite different units.
        apart = np.where(is_known, steps - levels, 0.0)
        deviations = np.sqrt((apart**2).sum(axis=0) / counts)
        changes = np.abs(np.diff(steps, axis=0))
        moved = np.nanmean(changes) if np.isfinite(changes).any() else 0.0
        spread = float(deviations.mean())
        found = (
            float(levels.mean()),
            spread,
            float(moved / spread) if spread > 0 else 0.0,
            float(len(steps)),
            1 - float(is_known.mean()),
        )
        return dict(zip(self.names, (*found, *levels.tolist())))
