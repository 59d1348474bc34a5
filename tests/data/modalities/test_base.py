"""Tests of the records and document checks that all modalities share."""

import numpy as np
import pytest

from lamina.core.errors import BundleError, ConfigError
from lamina.data.modalities.base import (
    ModalityOptions,
    none_failed,
    quantiles_of,
    read_quantiles,
)
from lamina.runtime.document import Fields


def test_quantiles_of_a_ramp_are_its_steps_and_skip_missing_values():
    values = np.append(np.arange(65.0), np.nan)[:, None]
    assert quantiles_of(values)[0].tolist() == list(range(65))
    assert quantiles_of(np.full((3, 1), np.nan)).tolist() == [[0.0] * 65]


@pytest.mark.parametrize(
    "setting",
    [{"max_categories": 1}, {"max_words": 0}, {"max_length": 0}, {"log_target": "perhaps"}],
)
def test_options_out_of_range_are_refused_by_name(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        ModalityOptions(**setting)


@pytest.mark.parametrize(
    "rows", ["x", [], [[1.0]], [[*range(64), 0]], [[*range(64), "a"]], [[*range(64), None]]]
)
def test_quantiles_of_a_damaged_file_are_refused(rows):
    with pytest.raises(BundleError, match="'quantiles' in the state of it must be"):
        read_quantiles(Fields({"quantiles": rows}, "it"), 1)


def test_quantiles_are_read_as_they_were_written():
    rows = [list(range(65)), [2.0] * 65]
    assert read_quantiles(Fields({"quantiles": rows}, "it"), 2).tolist() == rows


def test_none_failed_is_all_false():
    assert none_failed(3).tolist() == [False] * 3


def test_edges_of_a_column_with_one_dominant_value_cover_the_rest() -> None:
    # 95 % zeros: plain quantiles would spend 61 of 65 edges on 0.
    values = np.concatenate([np.zeros(9500), np.arange(1, 501, dtype=float)])[:, None]
    edges = quantiles_of(values)[0]
    assert len(edges) == 65
    assert (np.diff(edges) >= 0).all()
    assert edges[0] == 0
    assert edges[-1] == 500
    assert (edges > 0).sum() >= 32


def test_edges_of_a_spread_column_are_its_quantiles() -> None:
    values = np.arange(1001, dtype=float)[:, None]
    np.testing.assert_allclose(quantiles_of(values)[0], np.linspace(0, 1000, 65), rtol=1e-6)
