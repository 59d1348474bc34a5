"""Tests of the number modality."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.number import Number

OPTIONS = ModalityOptions()


def fit(cells, role="input", options=OPTIONS, name="x"):
    return Number.fit(pl.Series(name, cells), role=role, options=options)


def test_encoding_worked_out_by_hand():
    # Quartiles of 0..4 are 1, 2, 3: the centre is 2 and the scale 2; 4 is 1 scale above the centre.
    state = fit([0, 1, 2, 3, 4])
    values = state.encode(pl.Series(["4", "2", None, "junk"])).values[:, 0]
    assert values[0].item() == pytest.approx(1 / np.sqrt(1 + 1 / 9))
    assert values[1].item() == 0
    assert values[2:].isnan().all()


def test_outliers_stay_inside_three_and_keep_their_order():
    values = fit([0, 1, 2, 3, 4]).encode(pl.Series([10.0, 1e6, 1e99, -1e99])).values[:, 0]
    assert values[0] < values[1] <= values[2] <= 3
    assert values[3] == -values[2]


@pytest.mark.parametrize(("cells", "scale"), [([5] * 9 + [15], 5.0), ([5, 5, 5], 1.0)])
def test_scale_falls_back_to_half_the_range_then_to_one(cells, scale):
    assert fit(cells).scale == scale


def test_quantiles_are_those_of_the_encoded_values():
    state = fit(list(range(65)))
    encoded = state.encode(pl.Series(range(65))).values[:, 0]
    assert state.quantiles.shape == (1, 65)
    np.testing.assert_allclose(state.quantiles[0], encoded.numpy(), atol=1e-6)
    assert state.input_spec("x").quantiles is state.quantiles


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=50, unique=True))
def test_a_target_comes_back_as_it_went_in(numbers):
    if np.std(numbers) < 1e-3:
        return
    state = fit(numbers, role="target")
    back = state.decode(state.encode(pl.Series(numbers)).values).to_numpy()
    np.testing.assert_allclose(back, numbers, atol=1e-5 * (np.abs(numbers).max() + 1))


def test_target_is_standardised_and_missing_targets_fail():
    state = fit([1.0, 2.0, 3.0, 10.0], role="target")
    encoded = state.encode(pl.Series([1.0, 2.0, 3.0, 10.0, None]))
    assert encoded.values[:4].mean().item() == pytest.approx(0, abs=1e-6)
    assert encoded.values[:4].std(correction=0).item() == pytest.approx(1, abs=1e-6)
    assert encoded.failed.tolist() == [False] * 4 + [True]


def test_skewed_positive_targets_are_learnt_on_a_logarithmic_scale():
    prices = np.exp(np.random.default_rng(0).normal(size=500)) * 1000
    state = fit(prices.tolist(), role="target")
    assert state.transform == "log"
    back = state.decode(state.encode(pl.Series(prices)).values).to_numpy()
    np.testing.assert_allclose(back, prices, rtol=1e-4)
    assert fit(np.random.default_rng(0).normal(100, 5, 500).tolist(), "target").transform == "none"
    never = ModalityOptions(log_target="never")
    assert fit(prices.tolist(), "target", never).transform == "none"
    with pytest.raises(DataError, match="logarithm"):
        fit([0.0, 1.0], "target", ModalityOptions(log_target="always"))


def test_answers_stay_in_the_range_of_training():
    state = fit([0.0, 10.0], role="target")
    assert state.decode(torch.tensor([[99.0], [-99.0]])).to_list() == [10.0, 0.0]


def test_a_target_of_one_value_and_a_column_without_numbers_are_refused():
    with pytest.raises(DataError, match="nothing to learn"):
        fit([3, 3, 3], role="target")
    with pytest.raises(DataError, match="no cell of 2"):
        fit(["a", "b"])


@pytest.mark.parametrize(
    ("column", "role", "low", "high"),
    [
        (pl.Series("age", ["39", "50", "?"]), "input", 0.9, 1.0),
        (pl.Series("price", ["$1,000", "$2,500.5"]), "input", 0.9, 1.0),
        (pl.Series("name", ["Ann", "Bob", "3"]), "input", 0.0, 0.0),
        (pl.Series("zip", [90210, 10001, 60601]), "input", 0.1, 0.3),
        (pl.Series("area", ["01234", "56789"]), "input", 0.1, 0.3),
        (pl.Series("time", ["07.25", "08.50", "11.00"]), "input", 0.9, 1.0),
        (pl.Series("count", ["012", *map(str, range(200))]), "input", 0.9, 1.0),
        (pl.Series("area", ["012", "013", *map(str, range(150))]), "input", 0.1, 0.3),
        (pl.Series("stars", [1, 2, 3] * 10), "target", 0.1, 0.5),
        (pl.Series("stars", [1, 2, 3] * 10), "input", 0.9, 1.0),
        (pl.Series("y", [0.5, 1.5, 2.5] * 10), "target", 0.9, 1.0),
        (pl.Series("count", list(range(30)) * 2), "target", 0.9, 1.0),
        (pl.Series("list", [["a"]]), "input", 0.0, 0.0),
    ],
)
def test_recognition(column, role, low, high):
    assert low <= Number.recognise(column, role=role).score <= high


def test_evidence_has_figures():
    reason = Number.recognise(pl.Series("age", [1, 2, 2])).reason
    assert reason == "3 of 3 cells are numbers, 2 distinct"


def test_skewed_positive_inputs_are_seen_on_a_logarithmic_scale():
    cells = [float(np.exp(x)) for x in np.linspace(-2, 4, 101)]
    state = fit(cells)
    assert state.transform == "log"
    values = state.encode(pl.Series([np.exp(1.0), np.exp(2.5), 1e-9, -5.0, None])).values[:, 0]
    # The median is e and the quartiles e^-0.5 and e^2.5; below the smallest all count as it.
    assert values[0].item() == pytest.approx(0, abs=1e-6)
    assert values[1].item() == pytest.approx(0.5 / np.sqrt(1 + 0.25 / 9), rel=1e-5)
    assert values[2] == values[3] == state.encode(pl.Series([cells[0]])).values[0, 0]
    assert values[4].isnan()
    assert Number.from_document(state.to_document()) == state


def test_moderately_skewed_targets_stay_as_they_are():
    cells = np.random.default_rng(0).gamma(2.0, size=2000) + 0.1
    assert fit(cells, "target").transform == "none"
    assert fit(cells, "input").transform == "log"
