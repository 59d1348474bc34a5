import math
from datetime import datetime

import numpy as np
import pytest

from lamina.runtime.signature import Field
from lamina.serving.drift_bins import bins_of, places_of
from tests.serving.fakes import AGE, BOUGHT, COLOUR, IS_NEW, NOTE, PHOTO
from tests.serving.test_drift import BRIGHT, X


def test_pictures_without_figures_are_not_compared():
    assert bins_of(PHOTO) == ()


@pytest.mark.parametrize("field", [AGE, COLOUR, IS_NEW, BOUGHT, NOTE, X], ids=lambda f: f.name)
def test_shares_of_training_add_up(field):
    (bins,) = bins_of(field)
    assert sum(bins.shares) == pytest.approx(1)
    assert len(bins.shares) == len(bins.texts) >= 2
    for cell in (None, 5, "text", 1e99, True, datetime(2024, 1, 1), math.nan):
        assert 0 <= bins.place(cell) < len(bins.shares)


def test_many_equal_values_make_one_bin():
    # Six of ten training rows are 0, the others spread up to 4.
    field = Field(name="x", modality="number", quantiles=(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4))
    (bins,) = bins_of(field)
    assert bins.texts[:2] == ("below 0", "up to 0")
    assert bins.shares[:2] == pytest.approx((0, 0.6))
    assert [bins.place(x) for x in (-1e-9, 0, 0.5)] == [0, 1, 2]


def test_a_constant_has_a_below_and_an_above():
    (bins,) = bins_of(Field(name="x", modality="number", quantiles=(5.0,) * 21))
    assert bins.texts == ("below 5", "up to 5", "above 5", "missing")
    assert bins.shares == pytest.approx((0, 1, 0, 0))
    assert [bins.place(x) for x in (4.99, 5, 5.01, None)] == [0, 1, 2, 3]


def test_each_figure_of_a_picture_has_its_bins():
    every = bins_of(BRIGHT)
    assert [bins.figure for bins in every] == list(BRIGHT.figures)
    grey = np.full((8, 16), 150, dtype=np.uint8)
    places = dict(zip(BRIGHT.figures, places_of(grey, every)))
    assert every[0].texts[places["brightness"]] == "up to 150"
    assert every[1].texts[places["contrast"]] == "below 8"
    assert every[3].texts[places["width"]] == "above 8"
    missing = [len(bins.shares) - 1 for bins in every]
    assert places_of(None, every) == places_of(b"?", every) == places_of("text", every) == missing


@pytest.mark.parametrize(("cell", "level"), [(1, "1"), (1.0, "1"), ("1.0", "1"), (True, "true")])
def test_levels_are_read_as_training_read_them(cell, level):
    field = Field(name="c", modality="category", levels=(level, "x"), shares=(0.6, 0.4))
    assert bins_of(field)[0].place(cell) == 0
