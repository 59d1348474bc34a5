"""What series are like, worked out by hand."""

import numpy as np
import pytest

from lamina.runtime.figures.series import MOST_CHANNELS, WHOLE, SeriesFigures
from lamina.runtime.signature import Field


def figures(channels: int) -> SeriesFigures:
    return SeriesFigures(Field(name="x", modality="series", channels=channels))


def test_one_channel() -> None:
    # Mean 2, all 2 away from it; each known step changes by 4, which is two deviations.
    found = figures(1).measure([0, 4, 0, 4, None])
    assert found == pytest.approx(
        {"level": 2, "spread": 2, "roughness": 2, "steps": 5, "missing steps": 0.2}
    )
    assert figures(1).names == WHOLE


def test_channels_that_move_against_each_other_are_told_apart() -> None:
    found = figures(2).measure([[1, -1], [3, -3]])
    assert found["level"] == 0
    assert (found["level 1"], found["level 2"]) == (2, -2)
    # Each channel is 1 away from its own level, whatever lies between the two.
    assert found["spread"] == 1


def test_many_channels_have_one_level() -> None:
    assert figures(MOST_CHANNELS + 1).names == WHOLE


def test_a_level_series_is_not_rough() -> None:
    found = figures(1).measure(np.full(9, 7.0))
    assert (found["level"], found["spread"], found["roughness"]) == (7, 0, 0)
    assert figures(1).measure([7])["steps"] == 1


@pytest.mark.parametrize("cell", [[1, 2, 3], [[1, None], [2, None]], [[1, 2, 3]]])
def test_other_channels_than_the_models_have_no_figures(cell) -> None:
    assert figures(2).measure(cell) is None
