"""Tests of the records and document checks that all modalities share."""

import numpy as np
import pytest

from lamina.core.errors import BundleError, ConfigError
from lamina.data.modalities.base import Fields, ModalityOptions, none_failed, quantiles_of


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


def test_fields_give_what_is_there():
    fields = Fields({"a": "x", "b": 1.5, "c": 3, "d": True, "e": ["x", "y"], "f": [1, 2.5]}, "it")
    assert fields.text("a", ("x", "y")) == "x"
    assert fields.number("b") == 1.5
    assert fields.integer("c", least=0) == 3
    assert fields.boolean("d") is True
    assert fields.texts("e") == ("x", "y")
    assert fields.numbers("f", count=2) == (1.0, 2.5)


@pytest.mark.parametrize(
    ("value", "ask"),
    [
        (1, lambda f: f.text("k")),
        ("z", lambda f: f.text("k", ("x", "y"))),
        (float("nan"), lambda f: f.number("k")),
        (True, lambda f: f.number("k")),
        (10**400, lambda f: f.number("k")),
        (0.0, lambda f: f.number("k", above=0.0)),
        (1.0, lambda f: f.integer("k", least=0)),
        (-1, lambda f: f.integer("k", least=0)),
        (1, lambda f: f.boolean("k")),
        (["a", "a"], lambda f: f.texts("k")),
        (["a", 1], lambda f: f.texts("k")),
        ("ab", lambda f: f.texts("k")),
        ([1.0], lambda f: f.numbers("k", count=2)),
        ([[1.0]], lambda f: f.quantiles("k", 1)),
        ([[*range(64), 0]], lambda f: f.quantiles("k", 1)),
    ],
)
def test_fields_refuse_nonsense_and_name_it(value, ask):
    with pytest.raises(BundleError, match="'k'"):
        ask(Fields({"k": value}, "it"))


def test_fields_refuse_what_is_missing_and_what_is_no_mapping():
    with pytest.raises(BundleError, match="has no 'k'"):
        Fields({}, "it").text("k")
    with pytest.raises(BundleError, match="must be a mapping"):
        Fields([1], "it")


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
