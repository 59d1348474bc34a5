"""Labels are found in lists and texts as in training."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.modalities.states import assert_reads_the_same, fitted

LISTS = fitted("tags", pl.Series("x", [["a", "b"], ["c"], ["a"], []]))
JOINED = fitted("tags", pl.Series("x", ["a;b", "c", "a;c", "d e;a"]))
LABELS = st.sampled_from(["a", "b", " c", "'a'", '"d e"', "", "z"]) | st.text(max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.lists(st.none() | LABELS, max_size=4), min_size=1, max_size=8))
def test_any_lists(cells) -> None:
    for state in (LISTS, JOINED):
        assert_reads_the_same(state, pl.Series("x", cells, dtype=pl.List(pl.String)))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.none() | st.from_regex(r"[\[({]?['a-d|;, \"]{0,8}[\])}]?", fullmatch=True),
        min_size=1,
        max_size=8,
    )
)
def test_any_texts(cells) -> None:
    for state in (LISTS, JOINED):
        assert_reads_the_same(state, pl.Series("x", cells, dtype=pl.String))


def test_other_cells() -> None:
    assert_reads_the_same(JOINED, pl.Series("x", [1, 2, None]))
    assert_reads_the_same(JOINED, pl.Series("x", [[1, 2], [3]]))
