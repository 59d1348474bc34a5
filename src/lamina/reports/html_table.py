"""A small table for notebooks, without a style of its own, so that it follows light and dark."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def html_table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table whose cells are escaped and stand to the left.

    Args:
        heads: Names of the columns.
        rows: Cells by row.
    """
    top = "".join(f"<th{_LEFT}>{escape(head)}</th>" for head in heads)
    body = "".join(
        "<tr>" + "".join(f"<td{_LEFT}>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


_LEFT = ' style="text-align:left;padding-right:1em"'
