"""Parquet and Arrow files."""

import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources import columnar
from lamina.data.sources.columnar import ColumnarSource

FRAME = pl.DataFrame(
    {
        "n": [1, None, 3, 4, 5],
        "c": pl.Series(["a", "b", None, "a", "a"], dtype=pl.Categorical),
        "tags": [["x"], [], None, ["y", "z"], ["x"]],
        "image": [{"bytes": b"1", "path": None}] * 5,
    }
)


@pytest.fixture(params=["parquet", "arrow"])
def path(request, tmp_path):
    target = tmp_path / f"a.{request.param}"
    if request.param == "parquet":
        FRAME.write_parquet(target, row_group_size=2)
    else:
        FRAME.write_ipc(target)
    return target


def test_contract(path, check_source, monkeypatch):
    monkeypatch.setattr(columnar, "ROWS_PER_SLICE", 2)
    source = ColumnarSource(path)
    assert source.num_rows == 5  # known from the header
    check_source(source)
    frame = source.read()
    assert frame.schema == {
        "n": pl.Int64,
        "c": pl.String,
        "tags": pl.List(pl.String),
        "image": pl.Binary,
    }
    assert frame["tags"].to_list() == [["x"], [], None, ["y", "z"], ["x"]]


def test_slices_do_not_matter(path, monkeypatch):
    whole = ColumnarSource(path).read()
    monkeypatch.setattr(columnar, "ROWS_PER_SLICE", 3)
    assert ColumnarSource(path).read().equals(whole)


def test_the_content_tells_the_kind(path):
    renamed = path.rename(path.with_suffix(".feather"))
    assert ColumnarSource(renamed).read().height == 5


def test_truncated_file(path):
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        ColumnarSource(path).read()


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"a,b\n1,2\n", "neither Parquet nor Arrow")]
)
def test_other_content(content, message, write):
    with pytest.raises(DataError, match=message):
        ColumnarSource(write("a.parquet", content))


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        ColumnarSource(tmp_path / "a.parquet")


def test_no_rows(tmp_path):
    FRAME.clear().write_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="holds no rows"):
        ColumnarSource(tmp_path / "a.parquet").read()


def test_large_rows_are_read_few_at_a_time(tmp_path, monkeypatch):
    pl.DataFrame({"x": [bytes(range(250)) * 8] * 9}).write_ipc(tmp_path / "a.arrow")
    monkeypatch.setattr(columnar, "BYTES_PER_SLICE", 5000)
    assert [f.height for f in ColumnarSource(tmp_path / "a.arrow")._pieces()] == [2, 2, 2, 2, 1]


@pytest.mark.parametrize("name", ["data[1].arrow", "a*.arrow", "data[1].parquet"])
def test_signs_of_patterns_in_names_are_just_signs(name, tmp_path):
    write = FRAME.write_ipc if name.endswith("arrow") else FRAME.write_parquet
    write(tmp_path / name)
    (tmp_path / "ab.arrow").write_bytes(b"ARROW1 and no more")
    assert ColumnarSource(tmp_path / name).read().height == 5
