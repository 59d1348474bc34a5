"""Several files as one."""

import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources.columnar import ColumnarSource
from lamina.data.sources.concatenated import ConcatenatedSource
from lamina.data.sources.csv import CsvSource


def test_contract(write, check_source):
    first = CsvSource(write("1.csv", "a,b\n1,x\n2,y\n2\n"))
    second = CsvSource(write("2.csv", "b,a\nz,3\n"))
    source = ConcatenatedSource([first, second])
    check_source(source)
    assert source.read().rows(named=True) == [
        {"a": "1", "b": "x"},
        {"a": "2", "b": "y"},
        {"a": "3", "b": "z"},
    ]
    assert len(source.problems) == 1
    assert source.location.endswith("1.csv and 1 more")
    assert any("2.csv: header" in note for note in source.notes)


def parquet(path, **columns):
    pl.DataFrame(columns).write_parquet(path)
    return ColumnarSource(path)


def test_types_that_go_together_are_joined(tmp_path):
    source = ConcatenatedSource(
        [parquet(tmp_path / "1.parquet", a=[1]), parquet(tmp_path / "2.parquet", a=[0.5])]
    )
    assert source.num_rows == 2
    assert [frame["a"].to_list() for frame in source.batches(1)] == [[1.0], [0.5]]


def test_types_that_do_not_go_together(tmp_path):
    source = ConcatenatedSource(
        [parquet(tmp_path / "1.parquet", a=[b"x"]), parquet(tmp_path / "2.parquet", a=[0.5])]
    )
    with pytest.raises(DataError, match="column 'a' is Binary in one file and Float64 in another"):
        source.read()


def test_other_columns(write):
    first, second = CsvSource(write("1.csv", "a,b\n1,2\n")), CsvSource(write("2.csv", "a,c\n1,2\n"))
    with pytest.raises(DataError, match=r"only the first has \['b'\], only the second has \['c'\]"):
        ConcatenatedSource([first, second]).read()


def test_fingerprint_follows_the_parts(write):
    paths = [write("1.csv", "a\n1\n"), write("2.csv", "a\n2\n")]
    hashes = {
        ConcatenatedSource([CsvSource(path) for path in order]).fingerprint()
        for order in (paths, paths, paths[::-1])
    }
    assert len(hashes) == 2
