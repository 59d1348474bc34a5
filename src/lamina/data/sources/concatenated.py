"""Several sources with the same columns, one after the other."""

from collections.abc import Iterator, Sequence
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource
from lamina.data.sources.fingerprint import hash_texts


@final
class ConcatenatedSource(AbstractSource):
    """Rows of several sources in turn.

    Columns are matched by name and brought into the order of the first source; a column that is a
    whole number here and a float there becomes a float.
    """

    def __init__(self, sources: Sequence[AbstractSource]) -> None:
        first = sources[0].location
        super().__init__(sources[0].kind, f"{first} and {len(sources) - 1} more")
        self._sources = tuple(sources)
        self._schema: dict[str, pl.DataType] | None = None

    @property
    def num_rows(self) -> int | None:
        """Rows of all sources together, where each of them knows its own."""
        counts = [source.num_rows for source in self._sources]
        return sum(count for count in counts if count is not None) if None not in counts else None

    def _pieces(self) -> Iterator[pl.DataFrame]:
        if self._schema is None:
            self._schema = _common_schema(self._sources)
            for source in self._sources:
                self.notes += [f"{source.location}: {note}" for note in source.notes]
        wanted = [pl.col(name).cast(kind) for name, kind in self._schema.items()]
        for source in self._sources:
            for frame in source.batches(1 << 14):
                yield frame.select(wanted)
            self.problems += source.problems

    def _num_bytes(self) -> int | None:
        sizes = [source.describe().num_bytes for source in self._sources]
        return sum(size for size in sizes if size is not None) if None not in sizes else None

    def _compute_fingerprint(self) -> str:
        return hash_texts([source.fingerprint() for source in self._sources])


def _common_schema(sources: Sequence[AbstractSource]) -> dict[str, pl.DataType]:
    """Return names and types that the rows of every source fit into."""
    schemas = [source.read(1).schema for source in sources]
    for source, schema in zip(sources, schemas):
        if set(schema) != set(schemas[0]):
            only_first = sorted(set(schemas[0]) - set(schema))
            only_this = sorted(set(schema) - set(schemas[0]))
            raise DataError(
                f"{sources[0].location} and {source.location} must have the same columns; only the "
                f"first has {only_first[:5]}, only the second has {only_this[:5]}. If one was read "
                "with the wrong header, say so with has_header."
            )
    common = {}
    for name in schemas[0]:
        empty = [pl.DataFrame(schema={name: schema[name]}) for schema in schemas]
        try:
            common[name] = pl.concat(empty, how="vertical_relaxed").schema[name]
        except pl.exceptions.PolarsError as error:
            kinds = sorted({str(schema[name]) for schema in schemas})
            raise DataError(
                f"column {name!r} is {' in one file and '.join(kinds)} in another. Make them one "
                "type."
            ) from error
    return common
