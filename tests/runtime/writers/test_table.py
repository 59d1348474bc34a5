"""The table of ways of writing."""

from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.table import WRITERS


def test_rows_are_named_and_say_which_graphs_they_ask() -> None:
    for name, writer in WRITERS.items():
        assert writer.name == name
        assert issubclass(writer, AbstractWriter)
        assert "step" in writer.graphs
