"""Series as a modality."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.series import Series
from lamina.data.schema import recognise

OPTIONS = ModalityOptions()


def fit(cells, **options) -> Series:
    return Series.fit(pl.Series("walk", cells), role="input", options=ModalityOptions(**options))


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([[1.0, 2.0], [3.0]]),
        pl.Series([[1, 2], [3]]),
        pl.Series([[[1.0, 2.0]], [[3.0, 4.0]]]),
        pl.Series(["[1, 2.5, null]", "[-3]"] * 10),
        pl.Series(["[[1, 2], [3, 4]]"] * 10),
    ],
)
def test_lists_of_numbers_are_recognised(column) -> None:
    assert recognise(column)[0] == "series"


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([["a", "b"], ["c"]]),
        pl.Series(["[draft] a text in brackets", "[1] a footnote of it"] * 5),
        pl.Series([1.5, 2.5]),
    ],
)
def test_other_cells_are_not(column) -> None:
    assert recognise(column)[0] != "series"


def test_a_series_is_no_target() -> None:
    column = pl.Series([[1.0, 2.0]])
    assert Series.recognise(column, role="target").score == 0
    with pytest.raises(DataError, match="cannot be predicted"):
        Series.fit(column, role="target", options=OPTIONS)
    with pytest.raises(DataError, match="cannot be predicted"):
        fit([[1.0, 2.0]]).decode(torch.zeros(1))


def test_each_channel_has_the_scale_of_all_training_steps() -> None:
    state = fit([[[1.0, 5.0], [3.0, 5.0]], [[5.0, 5.0]], [[None, 5.0]]])
    assert state.channels == 2
    # Channel 0: 1, 3, 5; channel 1 never moves, so that its deviation is put at 1.
    assert state.mean == (3.0, 5.0)
    assert state.deviation == (pytest.approx(np.sqrt(8 / 3)), 1.0)
    assert state.num_steps == 1


def test_encoded_series_are_ragged_and_standardised() -> None:
    state = fit([[0.0, 2.0], [4.0]])
    encoded = state.encode(pl.Series("walk", [[0.0, 2.0, 4.0], None, [2.0]]))
    assert encoded.failed.tolist() == [False, True, False]
    assert encoded.problem_rows == (1,)
    batch = encoded.values.select(torch.tensor([0, 2]))
    assert batch.shape == (2, 3, 1)
    torch.testing.assert_close(batch[0, :, 0], torch.tensor([-1.0, 0.0, 1.0]) * np.sqrt(1.5))
    assert batch[1, :, 0].isnan().tolist() == [False, True, True]


def test_arrays_of_two_dimensions_are_series_where_the_user_says_so() -> None:
    column = pl.Series("walk", np.arange(12.0).reshape(2, 3, 2))
    state = Series.fit(column, role="input", options=OPTIONS)
    assert state.channels == 2
    assert state.encode(column).values.lengths.tolist() == [3, 3]


def test_the_most_frequent_number_of_channels_counts() -> None:
    state = fit([[[1.0, 2.0]], [[1.0, 2.0]], [[1.0]]])
    assert state.channels == 2


def test_without_a_series_to_learn_from_the_first_problem_is_told() -> None:
    with pytest.raises(DataError, match="no step of the series has a number"):
        fit(pl.Series([[None, None]], dtype=pl.List(pl.Float64)))


def test_shown_and_drawn() -> None:
    state = fit([[1.0, 3.0], [2.0, 2.0]])
    assert state.show([1.0, 3.0]) == "2 steps from 1 to 3"
    assert state.show(None) == "missing"
    assert state.lines([1.0, None, 3.0]) == ((1.0, 2.0, 3.0),)
    assert state.lines(None) == ()
    assert len(state.lines(list(range(1000)))[0]) == 200


def test_a_document_gives_the_state_back() -> None:
    state = fit([[1.0, 3.0], [2.0, 2.0]])
    assert Series.from_document(state.to_document()) == state
    with pytest.raises(BundleError, match="num_steps"):
        Series.from_document(state.to_document() | {"num_steps": 0})
