"""Rows of an SQL query: SQLite through the standard library, other databases through SQLAlchemy.

    sqlite:///data.db?query=SELECT * FROM people       a path relative to the working folder
    sqlite:////home/me/data.db?table=people            an absolute path
    postgresql://user:password@host/base?query=…       needs the extra "sql"

The query comes last and stands as it is, or percent-encoded without any blank. SQLite files are
opened for reading only. The query runs twice, once for the types of the columns
(SQLite gives each cell its own) and once for the cells, which are fetched in pieces. Without an
ORDER BY a database may change the order of rows between runs; a note says so.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import polars as pl

from lamina.core.errors import ConfigError, DataError, MissingExtraError, unknown_name
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.dialect import unique_names
from lamina.data.sources.records import ColumnKinds
from lamina.data.sources.streams import missing

ROWS_PER_PIECE = 8192
"""Rows fetched at a time."""

_DATABASES = frozenset(
    {"sqlite", "postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "duckdb"}
    | {"snowflake", "bigquery"}
)


@final
class SqlSource(AbstractSource):
    """Rows of one query."""

    def __init__(self, url: str, options: SourceOptions | None = None) -> None:
        self._url, given = _take_out(url, ("query", "table"))
        super().__init__("sql", _without_password(self._url))
        self._is_sqlite = self._url.startswith("sqlite:")
        query = (options or SourceOptions()).query or given.get("query")
        if query and given.get("table"):
            raise ConfigError(f"{self.location}: give a query or a table, not both.")
        if self._is_sqlite:
            self._path = _sqlite_path(self._url)
        self._query = query or self._query_for(given.get("table"))
        if "order by" not in self._query.lower():
            self.notes.append("the query has no ORDER BY: the database chooses the order of rows")
        self._kinds: ColumnKinds | None = None

    def _pieces(self) -> Iterator[pl.DataFrame]:
        if self._kinds is None:
            kinds: ColumnKinds | None = None
            for names, rows in self._fetch():
                kinds = kinds or ColumnKinds(names)
                kinds.see([dict(zip(names, row)) for row in rows])
            self._kinds = kinds or ColumnKinds()
        for names, rows in self._fetch():
            yield self._kinds.build([dict(zip(names, row)) for row in rows])

    def _fetch(self) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        """Yield column names and rows in pieces."""
        if self._is_sqlite:
            yield from self._fetch_sqlite(self._query)
        else:
            yield from self._fetch_sqlalchemy(self._query)

    def _fetch_sqlite(self, query: str) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        try:
            with closing(sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True)) as db:
                cursor = db.execute(query)
                if cursor.description is None:
                    raise DataError(f"the query {query!r} returns no rows. Give a SELECT.")
                names = _names([column[0] for column in cursor.description])
                while rows := cursor.fetchmany(ROWS_PER_PIECE):
                    yield names, rows
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise DataError(f"{self.location} refuses {query!r}: {error}.") from error

    def _fetch_sqlalchemy(self, query: str) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        try:
            import sqlalchemy
        except ImportError as error:
            raise MissingExtraError(
                "sqlalchemy", extra="sql", purpose=f"Reading {self.location}"
            ) from error
        try:
            engine = sqlalchemy.create_engine(self._url)
            with engine.connect().execution_options(stream_results=True) as connection:
                result = connection.execute(sqlalchemy.text(query))
                names = _names(list(result.keys()))
                while rows := result.fetchmany(ROWS_PER_PIECE):
                    yield names, [tuple(row) for row in rows]
            engine.dispose()
        except sqlalchemy.exc.SQLAlchemyError as error:
            reason = str(error).split("\n")[0]
            raise DataError(f"{self.location} refuses {query!r}: {reason}.") from error
        except ImportError as error:  # the driver of the database
            raise DataError(
                f"{self.location} needs the driver {error.name!r}. Install it with: "
                f"pip install {error.name}"
            ) from error

    def _query_for(self, table: str | None) -> str:
        """Return the query for a table; with none given, for the only one there is."""
        tables = self._tables()
        if table is None and len(tables) == 1:
            table = tables[0]
        if table is None:
            raise DataError(
                f"{self.location} holds {len(tables)} tables ({', '.join(tables[:10])}). Choose "
                "one with ?table=NAME or give ?query=SELECT …"
            )
        if table not in tables:
            raise DataError(unknown_name("table", table, tables))
        escaped = table.replace('"', '""')
        return f'SELECT * FROM "{escaped}"'

    def _tables(self) -> list[str]:
        if self._is_sqlite:
            listed = (
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )
            return [row[0] for _, rows in self._fetch_sqlite(listed) for row in rows]
        raise DataError(
            f"{self.location} needs a query. Add ?query=SELECT … to the address, or set the "
            "option query."
        )

    def _num_bytes(self) -> int | None:
        return self._path.stat().st_size if self._is_sqlite else None


def is_sql(text: str) -> bool:
    """Return whether a text is the address of a database.

    Args:
        text: The text.
    """
    scheme = text.partition("://")[0].partition("+")[0]
    return "://" in text and scheme in _DATABASES


def _names(found: list[str]) -> tuple[str, ...]:
    return unique_names([str(name) for name in found], len(found))


def _take_out(url: str, names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return the address without the named parameters, and these."""
    base, _, text = url.partition("?")
    taken = {}
    found = re.search(r"(?:^|&)query=(.*\s.*)$", text, re.DOTALL)
    if found:  # a statement with blanks is not percent-encoded: LIKE '%ab%' means what it says
        taken["query"] = found[1]
        text = text[: found.start()]
    pairs = parse_qsl(text, keep_blank_values=True)
    taken |= {name: value for name, value in pairs if name in names}
    left = urlencode([(name, value) for name, value in pairs if name not in names])
    return f"{base}?{left}" if left else base, taken


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}:***@{host}").geturl()


def _sqlite_path(url: str) -> Path:
    if not url.startswith("sqlite:///"):
        raise DataError(
            f"an SQLite address begins with sqlite:/// and a path, got {url!r}. Example: "
            "sqlite:///data.db?table=people"
        )
    path = Path(unquote(url.removeprefix("sqlite:///")))
    if not path.is_file():
        raise DataError(missing(path))
    return path
