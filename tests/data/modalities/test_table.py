"""Contract tests over every modality of the table."""

import datetime
import io
import json

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image as Pillow

from lamina.core.errors import BundleError, LaminaError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.ragged import Ragged, concatenate
from tests.runs.tiny import wave_bytes


def _picture(shade):
    file = io.BytesIO()
    Pillow.fromarray(np.full((6, 6), shade, dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


COLUMNS = {
    "number": pl.Series("x", ["1", "2.5", None, "4", "7"]),
    "category": pl.Series("x", ["a", "b", None, "a", "c"]),
    "boolean": pl.Series("x", ["yes", "no", None, "yes", "no"]),
    "datetime": pl.Series("x", ["2020-01-01", "2021-05-05", None, "2020-02-02", "2020-03-03"]),
    "text": pl.Series("x", ["a good film", "a bad film", None, "so so", "good"]),
    "image": pl.Series("x", [_picture(0), _picture(100), None, _picture(200), _picture(50)]),
    "sound": pl.Series(
        "x", [wave_bytes(np.sin(np.arange(n) / 3), 2000) if n else None for n in (9, 40, 0, 7, 30)]
    ),
    "series": pl.Series("x", [[1.0, 2.0, None], [3.5], None, [4.0, 0.0], [-1.0, 1.0]]),
    "tags": pl.Series("x", ["a|b", "b", None, "c|a", ""]),
    "words": pl.Series("x", [["The", "EU", "the"], ["a"], None, ["2nd", "", "…"], ["EU"]]),
    "identity": pl.Series("x", ["eve", "bob", "eve", "al", None]),
    "tag_sequence": pl.Series("x", [["B-a", "I-a", "O"], ["O"], None, ["B-b"], ["O", "O"]]),
}
_BOX = {"label": "a", "x0": 1.0, "y0": 1.0, "x1": 5.0, "y1": 4.0, "width": 6, "height": 6}
COLUMNS["boxes"] = pl.Series(
    "x", [[_BOX], [], None, [_BOX, {**_BOX, "label": "b"}], [{**_BOX, "x0": None}]]
)
COLUMNS["mask"] = COLUMNS["image"]
PLACED = ("boxes", "mask")  # targets that lie in a picture: no cell can be made of them again
TARGETS = ("number", "category", "boolean", "tags", "tag_sequence", "identity")
ROWS = [(name, role) for name in MODALITIES for role in ("input", "target")]
ROWS = [
    (name, role)
    for name, role in ROWS
    if (name in (*TARGETS, *PLACED) if role == "target" else MODALITIES[name].value.is_input)
]


PICTURE = MODALITIES["image"].value.fit(
    COLUMNS["image"], role="input", options=ModalityOptions(framing="pad")
)


def state_of(name, role):
    state = MODALITIES[name].value.fit(COLUMNS[name], role=role, options=ModalityOptions())
    return state.beside([PICTURE]) if name in PLACED else state


def tensors(encoded):
    values = encoded.values
    return [values.values, values.offsets] if isinstance(values, Ragged) else [values]


def same(first, second):
    pairs = zip(tensors(first), tensors(second))
    return all(torch.equal(a.nan_to_num(-9), b.nan_to_num(-9)) for a, b in pairs)


def test_every_modality_has_a_column_here():
    assert set(COLUMNS) == set(MODALITIES)


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_state_survives_json_and_encodes_the_same(name, role):
    state = state_of(name, role)
    document = json.loads(json.dumps(state.to_document(), allow_nan=False))
    back = MODALITIES[name].value.from_document(document)
    assert back == state
    assert back.to_document() == state.to_document()
    assert same(back.encode(COLUMNS[name]), state.encode(COLUMNS[name]))


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_damaged_documents_are_refused(name, role):
    kind, document = MODALITIES[name].value, state_of(name, role).to_document()
    for key in set(document) - {"framing", "pixels"}:  # older files have none
        without = {k: v for k, v in document.items() if k != key}
        with pytest.raises(BundleError, match=key):
            kind.from_document(without)
        for nonsense in (None, {"a": 1}, [None], float("nan")):
            with pytest.raises(BundleError):
                kind.from_document(document | {key: nonsense})
    for nonsense in ([], "x", None):
        with pytest.raises(BundleError):
            kind.from_document(nonsense)


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_rows_encode_alone_as_they_do_together(name, role):
    state, column = state_of(name, role), COLUMNS[name]
    whole = state.encode(column)
    parts = [state.encode(column[i : i + 2]) for i in (0, 2, 4)]
    if isinstance(whole.values, Ragged):
        joined = concatenate([part.values for part in parts])
        assert torch.equal(joined.values, whole.values.values)
        assert torch.equal(joined.offsets, whole.values.offsets)
    else:
        joined = torch.cat([part.values for part in parts])
        assert torch.equal(joined.nan_to_num(-9), whole.values.nan_to_num(-9))
    assert torch.equal(torch.cat([part.failed for part in parts]), whole.failed)


@pytest.mark.parametrize(("name", "role"), ROWS)
@pytest.mark.parametrize(
    "cells",
    [
        [None, None],
        ["\x00", "💥 nonsense " * 50],
        [1e308, -0.0],
        [10**15, -3],
        [True, None],
        [datetime.date(1, 1, 1), None],
        [datetime.datetime(9999, 12, 31), None],
        [["a", None], []],
        [b"\xff\x00", b""],
        [{"a": 1}, None],
    ],
)
def test_strange_cells_encode_or_are_refused_in_plain_words(name, role, cells):
    state, column = state_of(name, role), pl.Series("x", cells)
    refusal = ""
    try:
        encoded = state.encode(column)
    except LaminaError as error:
        refusal = str(error)
    if refusal:
        # The message names the column, so that a user can mend it.
        assert "'x'" in refusal
    else:
        assert len(encoded.failed) == len(cells)
        assert len(encoded.values) == len(cells)


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_strange_cells_never_break_recognition(name, role):
    kind = MODALITIES[name].value
    for column in (*COLUMNS.values(), pl.Series("e", []), pl.Series("s", [{"a": 1}])):
        assert 0 <= kind.recognise(column, role=role).score <= 1


@pytest.mark.parametrize("name", TARGETS)
def test_targets_decode_to_what_they_were(name):
    state, column = state_of(name, "target"), COLUMNS[name]
    encoded = state.encode(column)
    known = ~encoded.failed
    rows = encoded.values
    wanted = rows.select(known.nonzero()[:, 0]) if isinstance(rows, Ragged) else rows[known]
    again = state.encode(state.decode(wanted)).values
    if isinstance(again, Ragged):
        again = again.select(torch.arange(len(again)))
    assert torch.equal(again, wanted)
    assert state.output_size >= 1


@pytest.mark.parametrize("name", [n for n, row in MODALITIES.items() if row.value.is_input])
def test_specs(name):
    state = state_of(name, "input")
    spec = state.input_spec("x")
    assert spec.kind == state.kind
    assert set(spec.columns) == {"x"}


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_cells_are_shown_as_text(name, role):
    assert all(isinstance(state_of(name, role).show(cell), str) for cell in COLUMNS[name])


def test_all_missing_columns_cannot_be_fitted_as_targets():
    for name in TARGETS:
        with pytest.raises(LaminaError, match="'x'"):
            MODALITIES[name].value.fit(
                pl.Series("x", [None, None], dtype=pl.String),
                role="target",
                options=ModalityOptions(),
            )
