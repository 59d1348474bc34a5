"""Levels have the ids of training."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.modalities.category import CategoryReader
from tests.runtime.modalities.states import assert_reads_the_same, fitted

TEXTS = ["red", "red", "green", "1.0", "2", "NA", " blue ", "ß", "0.5"] * 3
STATE = fitted("category", pl.Series("x", TEXTS))
CELLS = st.none() | st.sampled_from([*TEXTS, "1", "blue", "Red", ""]) | st.text(max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_any_texts(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells, dtype=pl.String))


@pytest.mark.parametrize(
    "cells", [[1, 2, 3, None], [1.0, 2.0, 0.5, None], [True, None]], ids=["int", "float", "bool"]
)
def test_cells_of_other_types(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells))


def test_levels_that_mean_the_same_keep_the_first_id() -> None:
    reader = CategoryReader(["1.0", "1"])
    assert reader.read([1, "1", 1.0, "2"]).values.tolist() == [[1], [1], [1], [0]]
