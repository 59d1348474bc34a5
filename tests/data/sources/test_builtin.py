"""Data that comes with scikit-learn."""

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from lamina.core.errors import ConfigError
from lamina.data.sources.builtin import BUILTIN, BuiltinSource


@pytest.mark.parametrize("name", BUILTIN)
def test_contract(name, check_source):
    source = BuiltinSource(name)
    if name == "wine":  # small enough for the whole contract
        check_source(source)
    frame = source.read()
    assert source.target in frame.columns
    assert frame.null_count().sum_horizontal().item() == 0
    assert all(column.replace("_", "").isalnum() for column in frame.columns)
    assert frame.equals(BuiltinSource(name).read())


def test_digits_use_the_whole_range():
    frame = BuiltinSource("digits").read()
    assert frame["image"].dtype == pl.Array(pl.UInt8, (8, 8))
    images = frame["image"].to_numpy()
    assert (images.min(), images.max()) == (0, 255)
    original = datasets.load_digits().images
    assert np.abs(images / 255 - original / 16).max() < 0.5 / 255 + 1e-9


def test_classes_have_names():
    counts = BuiltinSource("breast_cancer").read()["diagnosis"].value_counts(sort=True)
    assert counts.rows() == [("benign", 357), ("malignant", 212)]


def test_numbers_are_those_of_the_library():
    frame = BuiltinSource("diabetes").read()
    data = datasets.load_diabetes(scaled=False)
    assert (frame.drop("progression").to_numpy() == data.data).all()
    assert frame["progression"].to_list() == data.target.tolist()


def test_unknown_name():
    with pytest.raises(ConfigError, match="Did you mean 'digits'"):
        BuiltinSource("digit")
