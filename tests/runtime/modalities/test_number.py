"""Numbers are scaled as in training."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.number import NumberReader
from tests.runtime.modalities.states import assert_reads_the_same, fitted

PLAIN = fitted("number", pl.Series("x", [1.0, 2.5, -3.0, 10.0, None]))
SKEWED = fitted("number", pl.Series("x", np.exp(np.arange(60) / 4.0)))
COMMAS = fitted("number", pl.Series("x", ["1,5", "2,25", "1.000,5"] * 20))


def test_the_states_differ() -> None:
    assert (PLAIN.transform, SKEWED.transform, COMMAS.decimal) == ("none", "log", ",")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | st.floats(), min_size=1, max_size=12))
def test_any_numbers(numbers) -> None:
    for state in (PLAIN, SKEWED, COMMAS):
        assert_reads_the_same(state, pl.Series("x", numbers, dtype=pl.Float64))


def test_texts_in_the_notation_of_training() -> None:
    assert_reads_the_same(COMMAS, pl.Series("x", ["1,5", "1.234,5", "7", "?", "1.5", "€ 3,5"]))
    assert_reads_the_same(PLAIN, pl.Series("x", ["1.5", "1,234.5", "7%", "?", "(3)", "x", None]))


def test_few_and_many_numbers_are_read_the_same() -> None:
    reader = NumberReader(center=1.0, scale=3.0, low=0.5, transform="log", decimal=".")
    numbers = [-1.0, 0.0, 1e99, 3.7, None, 1e-9, 12, "5"]
    few = reader.read(numbers).values
    many = reader.read(numbers * 50).values
    np.testing.assert_allclose(many[: len(numbers)], few, rtol=2e-7)
    # log 12 = 2.484907; (2.484907 - 1) / 3 = 0.494969; / sqrt(1 + 0.164990²) = 0.488366.
    assert few[6, 0] == pytest.approx(0.488366, abs=1e-6)
    assert math.isnan(few[4, 0])


def test_states_that_cannot_be_are_refused() -> None:
    document = {"center": 0.0, "scale": 0.0, "low": 0.0, "transform": "none", "decimal": "."}
    with pytest.raises(BundleError, match="scale"):
        NumberReader.from_document(document)
