"""Tests of the category modality."""

import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.category import Category, identifier_evidence


def fit(cells, role="input", **options):
    return Category.fit(pl.Series("c", cells), role=role, options=ModalityOptions(**options))


def test_ids_of_an_input_fall_with_frequency_and_0_is_unknown():
    state = fit(["b", "a", "b", " a ", "b", None, "?", "c"])
    assert state.levels == ("b", "a", "c")
    encoded = state.encode(pl.Series(["b", "a", "c", "never", None]))
    assert encoded.values.tolist() == [[1], [2], [3], [0], [0]]
    assert not encoded.failed.any()
    assert state.input_spec("c").cardinalities == (4,)


def test_rare_levels_and_levels_above_the_cap_are_unknown():
    state = fit(["a"] * 150 + ["b"] * 60 + ["once"])
    assert state.levels == ("a", "b")
    assert fit(["a", "a", "b", "b", "c"], max_categories=2).levels == ("a", "b")


def test_classes_are_in_natural_order_and_start_at_0():
    state = fit(["class 10", "class 2", "class 1"], role="target")
    assert state.levels == ("class 1", "class 2", "class 10")
    assert fit(["10", "9", "-1"], role="target").levels == ("-1", "9", "10")
    encoded = state.encode(pl.Series(["class 2", None, "class 7"]))
    assert encoded.values.dtype == torch.int64
    assert encoded.values.shape == (3,)
    assert encoded.failed.tolist() == [False, True, True]
    assert "no such class" in encoded.problems[0].what


def test_a_class_that_differs_in_case_or_a_full_stop_is_read_and_reported():
    state = fit(["<=50K", ">50K"], role="target")
    encoded = state.encode(pl.Series([">50K.", "<=50k"]))
    assert encoded.values.tolist() == [1, 0]
    assert not encoded.failed.any()
    assert len(encoded.problems) == 2
    # Two classes that differ only in case are not guessed between.
    assert fit(["a", "A", "b"], role="target").encode(pl.Series(["a."])).failed.tolist() == [True]


@pytest.mark.parametrize(
    "cells", [["x", "y", "x"], [3, 1, 2], [0.5, 1.5, 0.5], [True, False, True]]
)
def test_classes_decode_to_cells_of_the_same_kind(cells):
    column = pl.Series("c", cells)
    state = fit(cells, role="target")
    decoded = state.decode(state.encode(column).values)
    assert decoded.to_list() == cells
    assert decoded.dtype == column.dtype


def test_one_class_no_class_and_too_many_classes_are_refused():
    with pytest.raises(DataError, match="only the class 'a'"):
        fit(["a", "a"], role="target")
    with pytest.raises(DataError, match="no class at all"):
        fit([None, "?"], role="target")
    with pytest.raises(DataError, match="no cell of 200 has a level that recurs"):
        fit([f"word{i}" for i in range(200)])
    with pytest.raises(DataError, match="max_categories"):
        fit(["a", "b", "c"], role="target", max_categories=2)


def test_na_is_a_level_among_codes_and_missing_elsewhere():
    assert "NA" in fit(["NA", "EU", "AS", "NA", "SA"], role="target").levels
    assert "NA" not in fit(["NA", "good", "bad"], role="target").levels
    assert "None" in fit(["None", "mild", "severe"], role="target").levels


def test_levels_that_do_not_fit_their_kind_are_refused():
    document = fit([1, 2], role="target").to_document() | {"levels": ["1", "x"]}
    with pytest.raises(BundleError, match="integer"):
        Category.from_document(document)


def test_recognition_by_number_of_levels():
    assert Category.recognise(pl.Series(["a", "b"] * 50)).score == 0.8
    assert Category.recognise(pl.Series([f"w{i}" for i in range(100)])).score == 0.5
    assert Category.recognise(pl.Series([b"x"])).score == 0
    assert Category.recognise(pl.Series([None], dtype=pl.String)).score == 0


@pytest.mark.parametrize(
    ("column", "is_identifier"),
    [
        (pl.Series("row", list(range(1, 41))), True),
        (pl.Series("customer_id", [i * 37 % 997 for i in range(40)]), True),
        (pl.Series("customerID", [f"A{i}-X" for i in range(40)]), True),
        (pl.Series("price", [i * 37 % 997 for i in range(40)]), False),
        (pl.Series("x", [i / 7 for i in range(40)]), False),
        (pl.Series("x", [str(i / 7) for i in range(40)]), False),
        (pl.Series("review", [f"word number {i} here" for i in range(40)]), False),
        (pl.Series("id", [1, 1, 2] * 20), False),
        (pl.Series("price", [f"${1000 + 7 * i:,}" for i in range(40)]), False),
        (pl.Series("share", [f"{i / 8 + 0.1:.3f}%" for i in range(40)]), False),
        (pl.Series("width", [f"{i},5" for i in range(40)]), False),
        (pl.Series("width", ["n. v.", *(f"{i},5" for i in range(40))]), False),
        (pl.Series("row", [f"{i}.0" for i in range(40)]), True),
    ],
)
def test_identifiers(column, is_identifier):
    assert (identifier_evidence(column).score >= 0.9) == is_identifier


def test_levels_are_the_same_however_whole_numbers_are_written():
    state = fit(["1.0", "2.0", "2.0", "0.5"], role="target")
    assert state.levels == ("0.5", "1.0", "2.0")
    for cells in (["2.0", "1.0"], ["2", "1"], [2, 1], [2.0, 1.0]):
        assert state.encode(pl.Series(cells)).values.tolist() == [2, 1]
    assert state.decode(torch.tensor([1])).to_list() == ["1.0"]
    assert fit([1.0, 2.0, 2.0]).encode(pl.Series(["2.00", "1"])).values.tolist() == [[1], [2]]
    older = Category.from_document(state.to_document() | {"levels": ["1.0", "1", "2"]})
    assert older.encode(pl.Series(["1", "2"])).values.tolist() == [0, 2]
