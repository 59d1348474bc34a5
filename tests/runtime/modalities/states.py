"""Every modality as it is fitted for training and as the runtime reads it."""

import json

import numpy as np
import polars as pl

from lamina.data.modalities.base import AbstractModality, ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.pictures import Pictures
from lamina.data.ragged import Ragged
from lamina.runtime.modalities.base import AbstractReader
from lamina.runtime.modalities.table import READERS


def fitted(name: str, cells: pl.Series, **options) -> AbstractModality:
    """Return the state of an input that was learnt from cells."""
    return MODALITIES[name].value.fit(cells, role="input", options=ModalityOptions(**options))


def reader_of(state: AbstractModality) -> AbstractReader:
    """Return the runtime's reader of a state, by way of JSON."""
    return READERS[state.name].from_document(json.loads(json.dumps(state.to_document())))


def assert_reads_the_same(state: AbstractModality, column: pl.Series, cells=None) -> None:
    """Check that the runtime reads cells as the modality encodes their column."""
    encoded = state.encode(column)
    read = reader_of(state).read(column.to_list() if cells is None else cells)
    failed = encoded.failed.nonzero().squeeze(1).tolist()
    assert sorted(read.errors) == failed
    if isinstance(encoded.values, Ragged):
        ends = encoded.values.offsets.tolist()
        for row, found in enumerate(read.values):
            expected = encoded.values.values[ends[row] : ends[row + 1]].tolist()
            assert found.tolist() == expected, repr(column[row])
        return
    if isinstance(encoded.values, Pictures):
        for row, found in enumerate(read.values):
            assert (found is None) == (row in failed)
            if found is not None:
                np.testing.assert_array_equal(found, encoded.values.whole(row))
        return
    expected = encoded.values.numpy()
    assert read.values.shape == expected.shape
    assert read.values.dtype == expected.dtype
    if expected.dtype == np.float32:
        np.testing.assert_allclose(read.values, expected, rtol=3e-7, atol=1e-9)
    else:
        np.testing.assert_array_equal(read.values, expected)
