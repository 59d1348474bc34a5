"""Forecasts: for each target, the median and all quantiles of every step ahead."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import MOST_STEPS, Answer


@final
class Forecasts(AbstractForm):
    """The steps ahead as lists: times, and for each target the median and one list per level.

    Args:
        targets: Names of the targets.
        levels: Levels of the quantiles, rising, 0.5 among them.
        horizon: Steps ahead.
        time: Column of the times.
        series: Column that names the series; "" where there is none.
    """

    name: ClassVar[str] = "forecasts"

    def __init__(
        self,
        targets: tuple[str, ...],
        levels: tuple[float, ...],
        *,
        horizon: int,
        time: str,
        series: str,
    ) -> None:
        self._shape = (horizon, len(targets), len(levels))
        self._middle = levels.index(0.5)
        heads = [Answer(name=series, kind="series", target=targets[0])] if series else []
        heads.append(Answer(name=time, kind="time", target=targets[0], num_steps=horizon))
        self._heads = tuple(heads)
        numbers = []
        for target in targets:
            numbers.append(Answer(name=target, kind="number", target=target, num_steps=horizon))
            numbers += [
                Answer(
                    name=f"{target}_q{level * 100:g}",
                    kind="quantile",
                    target=target,
                    level=level,
                    num_steps=horizon,
                )
                for level in levels
            ]
        self._numbers = tuple(numbers)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "targets", "levels", "horizon", "time" and "series".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of forecasts")
        levels = fields.numbers("levels")
        is_rising = list(levels) == sorted(set(levels)) and 0.5 in levels
        if not is_rising or not 0 < levels[0] <= levels[-1] < 1:
            raise fields.refusal("levels", levels, "rising numbers in (0, 1), 0.5 among them")
        return cls(
            fields.texts("targets", least=1),
            levels,
            horizon=fields.integer("horizon", least=1, most=MOST_STEPS),
            time=fields.text("time"),
            series=fields.text("series"),
        )

    @property
    def num_columns(self) -> int:
        """A number per step, target and level."""
        return int(np.prod(self._shape))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Series and times, then each target with its quantiles."""
        return (*self._heads, *self._numbers)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the steps ahead of each row; what only raw rows can say is None still.

        Args:
            values: float64 [rows, steps × targets × levels].
        """
        shaped = values.reshape(len(values), *self._shape)
        columns = [
            shaped[:, :, target, level]
            for target in range(self._shape[1])
            for level in (self._middle, *range(self._shape[2]))
        ]
        names = [answer.name for answer in self._numbers]
        heads = dict.fromkeys(answer.name for answer in self._heads)
        return [
            {**heads, **{name: column[row].tolist() for name, column in zip(names, columns)}}
            for row in range(len(values))
        ]
