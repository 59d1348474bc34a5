"""Truth words have the ids of training."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.boolean import BooleanReader
from tests.runtime.modalities.states import assert_reads_the_same, fitted

WORDS = fitted("boolean", pl.Series("x", ["Yes", "no", "no", None]))
OTHERS = fitted("boolean", pl.Series("x", ["cash", "card", "card"]))
DIGITS = fitted("boolean", pl.Series("x", [0, 1, 1]))
CELLS = (
    st.none()
    | st.text(max_size=3)
    | st.sampled_from(
        ["yes", "NO ", "true", "F", "0", "1", "1.0", "on", "Cash", "CARD", "right", "İ"]
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_any_texts(cells) -> None:
    for state in (WORDS, OTHERS, DIGITS):
        assert_reads_the_same(state, pl.Series("x", cells, dtype=pl.String))


@pytest.mark.parametrize("cells", [[True, False, None], [0, 1, 2], [0.0, 1.0, 0.5]])
def test_cells_of_other_types(cells) -> None:
    for state in (WORDS, OTHERS, DIGITS):
        assert_reads_the_same(state, pl.Series("x", cells))


def test_there_are_two_values() -> None:
    with pytest.raises(BundleError, match="values"):
        BooleanReader.from_document({"values": ["a", "b", "c"]})
