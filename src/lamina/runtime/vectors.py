"""Test vectors: raw rows in an artefact with the answers of the model that it was made from.

So the file alone proves on any machine that it still answers as it should.
"""

import base64
import datetime
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lamina.runtime.agreement import Agreement, agreement
from lamina.runtime.continued import continued_of, num_written_otherwise
from lamina.runtime.document import Fields, short
from lamina.runtime.errors import BundleError
from lamina.runtime.function import Function

_MOST_CELLS = 1 << 26
_TIMES: dict[str, Any] = {
    "datetime": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking an artefact against its own test vectors."""

    agreement: Agreement
    """How the answers compare with those stored."""
    tolerance: float
    """Largest deviation allowed."""
    may_flip: bool
    """Whether decisions may differ: the certificate tells how many did."""

    @property
    def holds(self) -> bool:
        """Whether the artefact answers as it should."""
        if self.may_flip:
            return self.agreement.largest <= self.tolerance
        return self.agreement.holds(self.tolerance)


def check_vectors(function: Function) -> Checked:
    """Answer the test vectors of an artefact and compare.

    Args:
        function: The exported model, with its test vectors.

    Raises:
        BundleError: There are none, or they are damaged.
    """
    fields = Fields(function.check, "the test vectors")
    rows = [
        {
            name: cell_from_document(cell)
            for name, cell in Fields(row, "a row").value("cells").items()
        }
        for row in ({"cells": row} for row in fields.items("rows", least=1))
    ]
    expected = fields.items("answers", least=len(rows))
    names = {answer.name for answer in function.signature.answers}
    if len(expected) != len(rows) or not all(names <= set(dict(row)) for row in expected):
        raise fields.refusal("answers", expected, f"{len(rows)} whole answers")
    units = fields.value("units")
    if not isinstance(units, Mapping):
        raise fields.refusal("units", units, "a mapping")
    tolerance = fields.number("tolerance")
    found = agreement(
        function.signature.answers,
        expected,
        function.predict(rows),
        units={name: Fields(units, "the units").number(name, above=0.0) for name in units},
        tolerance=tolerance,
    )
    texts = continued_of(function.check)
    found = replace(found, flipped=found.flipped + num_written_otherwise(function, texts))
    return Checked(found, tolerance, fields.boolean("may_flip"))


def vectors_document(
    rows: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    *,
    units: Mapping[str, float],
    tolerance: float,
    may_flip: bool,
) -> dict[str, Any]:
    """Return test vectors as JSON-like values.

    Args:
        rows: Raw rows.
        answers: The model's answers to them.
        units: By column of numbers.
        tolerance: Largest deviation allowed.
        may_flip: Whether decisions may differ.
    """
    return {
        "rows": [{name: cell_to_document(cell) for name, cell in row.items()} for row in rows],
        "answers": [dict(answer) for answer in answers],
        "units": dict(units),
        "tolerance": tolerance,
        "may_flip": may_flip,
    }


def cell_to_document(cell: Any) -> Any:
    """Return a raw cell as JSON-like values.

    Args:
        cell: A raw cell.
    """
    if isinstance(cell, bytes):
        return {"bytes": base64.b64encode(cell).decode()}
    if isinstance(cell, np.ndarray):
        packed = base64.b64encode(zlib.compress(np.ascontiguousarray(cell).tobytes())).decode()
        return {"array": packed, "shape": list(cell.shape), "dtype": str(cell.dtype)}
    for name, kind in _TIMES.items():
        if type(cell) is kind:
            return {name: cell.isoformat()}
    if isinstance(cell, datetime.timedelta):
        return {"microseconds": cell // datetime.timedelta(microseconds=1)}
    if isinstance(cell, np.float32):
        return {"float32": float(cell)} if np.isfinite(cell) else None
    if isinstance(cell, float) and not np.isfinite(cell):
        return {"float": str(cell)}
    if isinstance(cell, (list, tuple)):
        return {"list": [cell_to_document(item) for item in cell]}
    return cell if cell is None or isinstance(cell, (str, bool, int, float)) else str(cell)


def cell_from_document(document: Any) -> Any:
    """Return a raw cell from its document.

    Args:
        document: As `cell_to_document` gave it, from a file that may be damaged.

    Raises:
        BundleError: It cannot be a cell.
    """
    if not isinstance(document, dict):
        return document
    kind = next(iter(document), "")
    value: Any = document.get(kind)
    try:
        if kind == "bytes":
            return base64.b64decode(value, validate=True)
        if kind == "array":
            return _array(document)
        if kind in _TIMES:
            return _TIMES[kind].fromisoformat(value)
        if kind == "microseconds":
            return datetime.timedelta(microseconds=value)
        if kind == "float32":
            return np.float32(value)
        if kind == "float":
            return float(value)
        if kind == "list":
            return [cell_from_document(item) for item in value]
    except (TypeError, ValueError, OverflowError, zlib.error) as error:
        raise BundleError(f"a test vector is damaged: {short(document)}.") from error
    raise BundleError(f"a test vector is damaged: {short(document)}.")


def _array(document: Mapping[str, Any]) -> np.ndarray:
    shape = [int(size) for size in document["shape"]]
    dtype = np.dtype(document["dtype"])
    if dtype.kind not in "uif" or not 0 <= int(np.prod(shape)) * dtype.itemsize <= _MOST_CELLS:
        raise ValueError("no picture")
    packed = base64.b64decode(document["array"], validate=True)
    data = zlib.decompressobj().decompress(packed, _MOST_CELLS)
    return np.frombuffer(data, dtype=dtype).reshape(shape)
