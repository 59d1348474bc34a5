import math
from datetime import datetime

import numpy as np
import pytest

from lamina.runtime.signature import Field
from lamina.serving.drift_bins import watched
from tests.serving.fakes import AGE, BOUGHT, COLOUR, IS_NEW, NOTE, PHOTO
from tests.serving.test_drift import BRIGHT, X


def test_pictures_without_figures_are_not_compared():
    assert watched(PHOTO) is None


@pytest.mark.parametrize("field", [AGE, COLOUR, IS_NEW, BOUGHT, NOTE, X], ids=lambda f: f.name)
def test_shares_of_training_add_up(field):
    (bins,) = watched(field).every
    assert sum(bins.shares) == pytest.approx(1)
    assert len(bins.shares) == len(bins.texts) >= 2
    for cell in (None, 5, "text", 1e99, True, datetime(2024, 1, 1), math.nan):
        assert 0 <= bins.place(cell) < len(bins.shares)


def test_many_equal_values_make_one_bin():
    # Six of ten training rows are 0, the others spread up to 4.
    field = Field(name="x", modality="number", quantiles=(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4))
    (bins,) = watched(field).every
    assert bins.texts[:2] == ("below 0", "up to 0")
    assert bins.shares[:2] == pytest.approx((0, 0.6))
    assert [bins.place(x) for x in (-1e-9, 0, 0.5)] == [0, 1, 2]


def test_a_constant_has_a_below_and_an_above():
    (bins,) = watched(Field(name="x", modality="number", quantiles=(5.0,) * 21)).every
    assert bins.texts == ("below 5", "up to 5", "above 5", "missing")
    assert bins.shares == pytest.approx((0, 1, 0, 0))
    assert [bins.place(x) for x in (4.99, 5, 5.01, None)] == [0, 1, 2, 3]


def test_each_figure_of_a_picture_has_its_bins():
    column = watched(BRIGHT)
    every = column.every
    assert [bins.figure for bins in every] == list(BRIGHT.figures)
    grey = np.full((8, 16), 150, dtype=np.uint8)
    places = dict(zip(BRIGHT.figures, column.places(grey)))
    assert every[0].texts[places["brightness"]] == "up to 150"
    assert every[1].texts[places["contrast"]] == "below 8"
    assert every[3].texts[places["width"]] == "above 8"
    missing = [len(bins.shares) - 1 for bins in every]
    assert column.places(None) == column.places(b"?") == column.places("text") == missing


@pytest.mark.parametrize(("cell", "level"), [(1, "1"), (1.0, "1"), ("1.0", "1"), (True, "true")])
def test_levels_are_read_as_training_read_them(cell, level):
    field = Field(name="c", modality="category", levels=(level, "x"), shares=(0.6, 0.4))
    assert watched(field).every[0].place(cell) == 0


def test_series_of_older_files_are_compared_by_their_level():
    levels = tuple(float(n) for n in range(21))
    old = watched(Field(name="x", modality="series", channels=1, quantiles=levels))
    assert old.figures is None
    (bins,) = old.every
    assert bins.texts[bins.place([6, 8, None])] == "up to 8"


def test_figures_that_nobody_measures_are_passed_over():
    column = watched(Field(name="x", modality="sound", figures={"colour": (1.0, 2.0, 3.0)}))
    assert column is None
