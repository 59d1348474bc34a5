"""SQL queries."""

import sqlite3
import sys
import tracemalloc
from contextlib import closing

import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError, MissingExtraError
from lamina.data.sources import sql
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.sql import SqlSource, is_sql


@pytest.fixture
def url(tmp_path):
    path = tmp_path / "shop & co.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE people (name TEXT, age INTEGER, weight, photo BLOB)")
        db.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?)",
            [("Ann", 30, 1, b"p"), ("Bo", None, 2.5, None), ("Cy", 7, None, b"q")],
        )
        db.commit()
    return f"sqlite:///{path}"


def test_the_only_table(url, check_source, monkeypatch):
    monkeypatch.setattr(sql, "ROWS_PER_PIECE", 2)
    source = SqlSource(url)
    check_source(source)
    frame = source.read()
    assert frame.schema == {
        "name": pl.String,
        "age": pl.Int64,
        "weight": pl.Float64,
        "photo": pl.Binary,
    }
    assert frame.rows()[1] == ("Bo", None, 2.5, None)
    assert "no ORDER BY" in source.notes[0]


@pytest.mark.parametrize("as_option", [True, False])
def test_query(url, as_option, check_source):
    query = "SELECT name, age + 1 AS next, age FROM people WHERE name <> 'Bo' ORDER BY age"
    if as_option:
        source = SqlSource(url, SourceOptions(query=query))
    else:
        source = SqlSource(f"{url}?query={query}")
    check_source(source)
    assert source.read().rows() == [("Cy", 8, 7), ("Ann", 31, 30)]
    assert source.notes == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT name FROM people WHERE name LIKE '%nn%' AND 3 & 1",
        "SELECT%20name+FROM+people%20WHERE%20name='A'%7C%7C'nn'",
    ],
)
def test_signs_in_queries(url, query):
    assert SqlSource(f"{url}?query={query}").read().rows() == [("Ann",)]


def test_repeated_and_missing_names(url):
    frame = SqlSource(f"{url}?query=SELECT age, age, name AS '' FROM people").read()
    assert frame.columns == ["age", "age_2", "column_3"]


def test_several_tables_are_a_question_for_the_user(url):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        db.execute('CREATE TABLE "odd ""name" (x)')
        db.execute('INSERT INTO "odd ""name" VALUES (1)')
        db.commit()
    with pytest.raises(DataError, match=r'holds 2 tables \(odd "name, people\)'):
        SqlSource(url)
    assert SqlSource(f'{url}?table=odd "name').read().rows() == [(1,)]
    with pytest.raises(DataError, match=r"unknown table 'peple'.*Did you mean 'people'"):
        SqlSource(f"{url}?table=peple")


def test_the_file_is_never_changed(url):
    source = SqlSource(f"{url}?query=DELETE FROM people")
    with pytest.raises(DataError, match="readonly database"):
        source.read()


@pytest.mark.parametrize(
    ("query", "message"),
    [("SELEC", "syntax error"), ("SELECT weather FROM people", "no such column")],
)
def test_bad_queries(url, query, message):
    with pytest.raises(DataError, match=message):
        SqlSource(f"{url}?query={query}").read()


def test_no_rows(url):
    with pytest.raises(DataError, match="holds no rows"):
        SqlSource(f"{url}?query=SELECT * FROM people WHERE age > 99").read()


def test_missing_and_foreign_files(tmp_path, write):
    with pytest.raises(DataError, match="there is no file"):
        SqlSource(f"sqlite:///{tmp_path}/no.db")
    with pytest.raises(DataError, match="not a database"):
        SqlSource(f"sqlite:///{write('a.db', 'just text, and a good deal of it' * 40)}")
    with pytest.raises(DataError, match="begins with sqlite:///"):
        SqlSource("sqlite://a.db")


def test_query_and_table_exclude_each_other(url):
    with pytest.raises(ConfigError, match="not both"):
        SqlSource(f"{url}?table=people&query=SELECT 1")


def test_passwords_are_not_shown(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    source = SqlSource("postgresql://me:secret@host/base?query=SELECT 1")
    assert source.location == "postgresql://me:***@host/base"
    with pytest.raises(MissingExtraError, match=r'pip install "lamina\[sql\]"') as caught:
        source.read()
    assert "secret" not in str(caught.value)


def test_other_databases_need_a_query():
    with pytest.raises(DataError, match="needs a query"):
        SqlSource("mysql://host/base")


def test_through_sqlalchemy(url, check_source, monkeypatch):
    pytest.importorskip("sqlalchemy")
    expected = SqlSource(url).read()
    source = SqlSource(url)
    monkeypatch.setattr(source, "_is_sqlite", False)
    check_source(source)
    assert source.read().equals(expected)


def test_addresses():
    assert is_sql("sqlite:///a.db")
    assert is_sql("postgresql+psycopg://host/base")
    assert not is_sql("https://example.org/a.csv")
    assert not is_sql("a.csv")


def test_rows_are_fetched_in_pieces(tmp_path, monkeypatch):
    path = tmp_path / "big.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", ((i, "word" * 20) for i in range(20_000)))
        db.commit()
    monkeypatch.setattr(sql, "ROWS_PER_PIECE", 1000)
    source = SqlSource(f"sqlite:///{path}")
    tracemalloc.start()
    rows = sum(frame.height for frame in source.batches(500))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 20_000
    assert peak < 5e6  # all rows as Python objects would take 5 MB, and their columns as much again
