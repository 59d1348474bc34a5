"""Tables are read-only, free of duplicates, and helpful about wrong names."""

import pytest

from lamina.core.errors import ConfigError
from lamina.core.table import Entry, look_up, table

ROWS = table(Entry("relu", 1, "Rectifier."), Entry("gelu", 2, "Gaussian."))


def test_look_up() -> None:
    assert look_up(ROWS, "gelu", what="activation") == 2


def test_duplicates_are_refused() -> None:
    with pytest.raises(ConfigError, match="share a name"):
        table(Entry("a", 1, ""), Entry("a", 2, ""))


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        ROWS["tanh"] = Entry("tanh", 3, "")  # type: ignore[index]


def test_wrong_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'relu'"):
        look_up(ROWS, "rellu", what="activation")
