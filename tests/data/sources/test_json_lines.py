"""JSON lines, whole and broken."""

import gzip
import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.errors import DataError
from lamina.data.sources import json_lines
from lamina.data.sources.json_lines import JsonLinesSource

LINES = [
    {"text": "é", "n": 1, "tags": ["a"], "who": {"name": "Ann", "age": 3}},
    {"text": "b", "n": 2.5, "tags": [], "extra": [1, 2]},
    {"text": None, "who": {"name": "Bo"}, "good": True},
]
TEXT = "\n".join(map(json.dumps, LINES))


def test_contract(write, check_source, monkeypatch):
    monkeypatch.setattr(json_lines, "ROWS_PER_PIECE", 2)
    source = JsonLinesSource(write("a.jsonl", TEXT))
    check_source(source)
    assert source.read().rows(named=True) == [
        {
            "text": "é",
            "n": 1.0,
            "tags": ["a"],
            "who.name": "Ann",
            "who.age": 3,
            "extra": None,
            "good": None,
        },
        {
            "text": "b",
            "n": 2.5,
            "tags": [],
            "who.name": None,
            "who.age": None,
            "extra": [1.0, 2.0],
            "good": None,
        },
        {
            "text": None,
            "n": None,
            "tags": None,
            "who.name": "Bo",
            "who.age": None,
            "extra": None,
            "good": True,
        },
    ]


def test_the_last_row_decides_types_of_the_first(write):
    lines = ['{"a": 1}'] * 20_000 + ['{"a": "x"}']
    frames = list(JsonLinesSource(write("a.jsonl", "\n".join(lines))).batches(100))
    assert frames[0]["a"].dtype == pl.String
    assert frames[0]["a"][0] == "1"


def test_bad_lines_are_put_aside(write, check_source):
    text = '{"a": 1}\n\n{"a": \n[1, 2]\n"x"\n{}\n{"a": 2}\n{"a": 3} {"a": 4}\n' + "[" * 9999 + "\n"
    source = JsonLinesSource(write("a.jsonl", text))
    check_source(source)
    assert source.read()["a"].to_list() == [1, 2]
    lines = [problem.where.rpartition(" ")[2] for problem in source.problems]
    assert lines == ["3", "4", "5", "6", "8", "9"]
    assert "is no JSON object with values, got [1, 2]" in source.problems[1].what


def test_lines_that_only_together_are_json_are_bad(write):
    source = JsonLinesSource(write("a.jsonl", '{"a": 1}\n{"a": [2\n3]}\n'))
    assert source.read()["a"].to_list() == [1]
    assert len(source.problems) == 2


def test_broken_utf8_is_put_aside(write):
    lines = ['{"a": "è"}'.encode(), b'{"a": "\xff"}', '{"a": "ü"}'.encode()]
    source = JsonLinesSource(write("a.jsonl", b"\n".join(lines)))
    assert source.read()["a"].to_list() == ["è", "ü"]
    assert source.problems[0].where.endswith("line 2")


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_compression(name, write):
    text = '{"a": "Köln"}\n{"a": "b"}\n'
    source = JsonLinesSource(write("a.jsonl.gz", gzip.compress(text.encode(name), mtime=0)))
    assert source.read()["a"].to_list() == ["Köln", "b"]
    assert len(source.problems) == (name == "cp1252")


def test_one_list_of_objects(write, check_source):
    source = JsonLinesSource(write("a.json", json.dumps([*LINES, 5], indent=2)))
    check_source(source)
    assert source.read().height == 3
    assert source.problems[0].where.endswith("entry 4")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("[1, 2", "is not valid JSON"),
        ("nonsense\n", "is no JSON"),
        ("[]", "holds no rows"),
        (gzip.compress(TEXT.encode() * 40, mtime=0)[:-9], "ends in the middle"),
    ],
)
def test_unreadable_files(content, message, write):
    with pytest.raises(DataError, match=message):
        JsonLinesSource(write("a.json", content)).read()


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_frame_comes_back(data, tmp_path):
    kinds = [st.integers(-(2**63), 2**63 - 1), st.booleans(), st.text(max_size=5)]
    columns = {
        f"c{i}": data.draw(st.lists(st.none() | kind, min_size=3, max_size=3))
        for i, kind in enumerate(kinds)
    }
    path = tmp_path / "a.jsonl"
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert JsonLinesSource(path).read().to_dict(as_series=False) == columns
