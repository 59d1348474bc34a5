import base64
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.signature import Field, Signature
from lamina.serving.config import LimitsConfig
from lamina.serving.openapi import cell_schema
from lamina.serving.refusal import Refusal
from lamina.serving.rows import Asked, RowReader
from tests.serving.fakes import AGE, BOUGHT, COLOUR, IS_NEW, NOTE, PHOTO, YES_NO, png

TAGS = Field(name="tags", modality="tags", levels=("a", "b"), shares=(0.5, 0.5))
EVERY = Signature(
    name="every",
    task="classification",
    fields=(AGE, COLOUR, IS_NEW, BOUGHT, NOTE, PHOTO, TAGS),
    answers=YES_NO,
)
JSON = "application/json"
PNG = base64.b64encode(png()).decode()


def read(document: Any, kind: str = JSON, **limits: Any) -> Asked:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return RowReader(EVERY, LimitsConfig(**limits)).read(body, kind)


def cell(name: str, value: Any, **limits: Any) -> Any:
    return read({"row": {name: value}}, **limits).rows[0][name]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("age", 3, 3),
        ("age", -2.5, -2.5),
        ("age", 9e99, 9e99),
        ("colour", "mauve", "mauve"),
        ("colour", 7, 7),
        ("colour", False, False),
        ("colour", "nul\x00 and ünï", "nul\x00 and ünï"),
        ("is_new", True, True),
        ("is_new", 0, False),
        ("is_new", "true", "true"),
        ("bought", "2024-05-31", datetime(2024, 5, 31)),
        ("bought", "2024-05-31T14:05", datetime(2024, 5, 31, 14, 5)),
        ("bought", "2024-05-31T14:05:00Z", datetime(2024, 5, 31, 14, 5)),
        ("bought", "2024-05-31T14:05:00+02:00", datetime(2024, 5, 31, 12, 5)),
        ("note", "", ""),
        ("photo", PNG, png()),
        ("tags", ["a", "new"], ["a", "new"]),
        ("tags", "a;b", "a;b"),
    ],
)
def test_cells_that_are_taken(name, value, wanted):
    assert cell(name, value) == wanted


@pytest.mark.parametrize("field", EVERY.fields, ids=lambda field: field.name)
def test_every_cell_may_be_missing(field):
    assert cell(field.name, None) is None
    assert read({"row": {}}).rows[0][field.name] is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("age", "12", "wanted a number or null, got '12'"),
        ("age", True, "wanted a number or null, got True"),
        ("age", [1], "wanted a number or null, got a list"),
        ("age", 1e101, "between -1e.100 and 1e.100"),
        ("age", 10**200, "between"),
        ("colour", {"a": 1}, "wanted a number"),
        ("colour", 1e300, "between"),
        ("is_new", 2, "true, false, 'false', 'true' or null"),
        ("is_new", "maybe", "got 'maybe'"),
        ("bought", "yesterday", "ISO 8601"),
        ("bought", "2024-13-01", "ISO 8601"),
        ("bought", 5, "ISO 8601"),
        ("bought", "0001-01-01T00:00:00+14:00", "ISO 8601"),
        ("bought", "9" * 100, "ISO 8601"),
        ("note", 5, "wanted a text"),
        ("note", "\ud800", "half of a character"),
        ("colour", "a\udfff", "half of a character"),
        ("photo", "no base64", "not base64"),
        ("photo", 5, "a picture in base64"),
        ("photo", base64.b64encode(b"text").decode(), "no picture"),
        ("tags", [1], "wanted a text"),
        ("tags", {"a": 1}, "wanted a list of texts"),
    ],
)
def test_cells_that_are_refused_with_their_place(name, value, message):
    with pytest.raises(Refusal, match=message) as refused:
        read({"rows": [{}, {name: value}]})
    assert refused.value.status == 422
    assert refused.value.where[:3] == ("rows", 1, name)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the body must be"),
        (None, "the body must be"),
        ({}, "the body must be"),
        ({"row": {}, "rows": []}, "the body must be"),
        ({"age": 3}, r"the body must be \{\"row\""),
        ({"rows": []}, "a list of one row or more"),
        ({"rows": {}}, "a list of one row or more"),
        ({"rows": [1]}, "an object with a cell per column"),
        ({"row": None}, "an object with a cell per column"),
        ({"row": {"aeg": 3}}, "no column 'aeg'. Did you mean 'age'"),
        ({"row": {"zzzzzz": 3}}, "Known: age, colour"),
    ],
)
def test_bodies_of_another_form_are_refused(document, message):
    with pytest.raises(Refusal, match=message) as refused:
        read(document)
    assert refused.value.status == 422


def test_limits_of_rows_texts_and_pixels():
    for document, limits in (
        ({"rows": [{}] * 11}, {"rows": 10}),
        ({"row": {"note": "x" * 101}}, {"text_characters": 100}),
        ({"rows": [{"photo": PNG}] * 3}, {"pixels": 150}),
    ):
        with pytest.raises(Refusal) as refused:
            read(document, **limits)
        assert refused.value.status == 413
    assert len(read({"rows": [{"photo": PNG}] * 2}, pixels=128).rows) == 2


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "a/b;c=d"])
def test_other_content_types_are_refused(kind):
    with pytest.raises(Refusal, match="content type") as refused:
        read({"row": {}}, kind)
    assert refused.value.status == 415


def form(**fields: str) -> bytes:
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return (parts + "--cut--\r\n").encode("utf-8", "surrogateescape")


FORM = "multipart/form-data; boundary=cut"


def test_fields_of_a_form_become_cells():
    body = form(age="3.5", colour="", is_new="yes", bought="2024-05-31", note="")
    (row,) = read(body, FORM).rows
    assert row["age"] == 3.5
    assert row["colour"] is None
    assert row["is_new"] is True
    assert row["bought"] == datetime(2024, 5, 31)
    assert row["note"] == ""
    assert row["photo"] is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"age": "many"}, "wanted a number, got 'many'"),
        ({"age": "nan"}, "between"),
        ({"age": "inf"}, "between"),
        ({"is_new": "perhaps"}, "true, false"),
        ({"aeg": "1"}, "Did you mean 'age'"),
        ({"note": "\udcff"}, "not UTF-8"),
        ({"photo": "text"}, "no picture"),
    ],
)
def test_fields_of_a_form_that_are_refused(fields, message):
    with pytest.raises(Refusal, match=message):
        read(form(**fields), FORM)


def test_a_file_for_a_number_is_refused():
    body = form(age="3").replace(b'name="age"', b'name="age"; filename="a.txt"')
    with pytest.raises(Refusal, match="a file came for a column of number cells"):
        read(body, FORM)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)  # the others are no JSON
CELLS = st.none() | st.booleans() | st.integers() | NUMBERS | st.text() | st.lists(st.text())


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([f.name for f in EVERY.fields]), CELLS))
def test_any_cell_is_read_or_refused(row):
    body = json.dumps({"row": row}).encode()
    try:
        read(body)
        status = 200
    except Refusal as refusal:
        status = refusal.status
    assert status in (200, 413, 422)


def test_of_two_names_neither_is_true():
    field = Field(name="sex", modality="boolean", levels=("male", "female"), shares=(0.5, 0.5))
    signature = Signature(
        name="m", task="classification", fields=(field,), answers=EVERY.answers, error="error"
    )
    reader = RowReader(signature, LimitsConfig())

    def one(cell):
        body = json.dumps({"row": {"sex": cell}}).encode()
        return reader.read(body, "application/json").rows[0]["sex"]

    assert [one(cell) for cell in ("male", "Female", None)] == ["male", "Female", None]
    for cell in (True, False, 0, 1, "true", "other"):
        with pytest.raises(Refusal, match="wanted 'male', 'female' or null"):
            one(cell)
    assert cell_schema(field)["enum"] == [None, "male", "female"]
