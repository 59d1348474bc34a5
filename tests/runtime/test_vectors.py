"""Test vectors: cells survive JSON, and an artefact is checked by itself alone."""

import datetime
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.runtime.artefact import sealed
from lamina.runtime.errors import BundleError
from lamina.runtime.function import load
from lamina.runtime.vectors import (
    cell_from_document,
    cell_to_document,
    check_vectors,
    vectors_document,
)
from tests.runtime import made

CELLS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    *(st.binary(max_size=20), st.datetimes(), st.dates(), st.times(), st.timedeltas()),
    *(st.lists(st.text()), st.floats(width=32, allow_nan=False).map(np.float32)),
)


@given(CELLS)
def test_cells_survive_json(cell) -> None:
    found = cell_from_document(json.loads(json.dumps(cell_to_document(cell), allow_nan=False)))
    if isinstance(cell, np.float32) and np.isinf(cell):
        assert found is None or found == cell
        return
    assert found == cell
    assert type(found) is type(cell)


def test_arrays_and_zones_survive_json() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)[:, ::2]
    found = cell_from_document(json.loads(json.dumps(cell_to_document(pixels))))
    np.testing.assert_array_equal(found, pixels)
    moment = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    assert cell_from_document(cell_to_document(moment)) == moment


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"odd": 1},
        {"bytes": "&"},
        {"bytes": 5},
        {"array": "", "shape": [1 << 40], "dtype": "uint8"},
        {"array": "", "shape": [2], "dtype": "uint8"},
        {"array": "", "shape": [1], "dtype": "object"},
        {"array": "", "shape": "x", "dtype": "uint8"},
        {"datetime": "never"},
        {"microseconds": 1 << 80},
        {"list": 5},
    ],
)
def test_damaged_cells_are_refused(document) -> None:
    with pytest.raises(BundleError, match="damaged"):
        cell_from_document(document)


def _file(tmp_path, **changes):
    rows = [{"x": 14.0, "c": "a"}, {"x": None, "c": "b"}]
    answers = [
        {
            "y": "yes",
            "probability": 0.8407877,
            "probability_no": 0.1592123,
            "probability_yes": 0.8407877,
        },
        {"y": "no", "probability": 0.5, "probability_no": 0.5, "probability_yes": 0.5},
    ]
    check = vectors_document(rows, answers, units={}, tolerance=1e-4, may_flip=False)
    path = tmp_path / "m.onnx"
    # A missing number reaches this graph as NaN, which it does not know: only the first row.
    check["rows"], check["answers"] = check["rows"][:1], check["answers"][:1]
    path.write_bytes(sealed(made.graph(), document=made.document(), check={**check, **changes}))
    return load(path)


def test_an_artefact_that_answers_as_it_should(tmp_path) -> None:
    checked = check_vectors(_file(tmp_path))
    assert checked.holds
    assert checked.agreement.rows == 1
    assert checked.agreement.largest < 1e-6


def test_an_artefact_that_does_not(tmp_path) -> None:
    answer = {"y": "no", "probability": 0.9, "probability_no": 0.9, "probability_yes": 0.1}
    assert not check_vectors(_file(tmp_path, answers=[answer])).holds
    assert not check_vectors(_file(tmp_path, answers=[answer], may_flip=True)).holds
    lenient = check_vectors(_file(tmp_path, answers=[answer], may_flip=True, tolerance=0.9))
    assert lenient.holds


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": []},
        {"answers": []},
        {"answers": [{}]},
        {"units": 3},
        {"units": {"n": -1}},
        {"tolerance": "x"},
    ],
)
def test_damaged_vectors_are_refused(tmp_path, changes) -> None:
    with pytest.raises(BundleError):
        check_vectors(_file(tmp_path, **changes))
