"""Configs survive the way to a document and back; wrong settings are explained."""

from dataclasses import dataclass, field

import pytest

from lamina.core.config import (
    from_document,
    name_of,
    part_field,
    part_from_document,
    part_to_document,
    to_document,
)
from lamina.core.errors import ConfigError
from lamina.core.table import Entry, table


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Outer:
    depth: int = 2
    name_of: str | None = None
    widths: tuple[int, ...] = (1, 2)
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.depth < 0:
            raise ConfigError(f"depth must be at least 0, got {self.depth!r}.")


ROWS = table(Entry("outer", Outer, ""), Entry("inner", Inner, ""))


def test_round_trip() -> None:
    config = Outer(depth=5, widths=(3,), inner=Inner(rate=0.5), name_of="x")
    document = to_document(config)
    assert document == {"depth": 5, "name_of": "x", "widths": [3], "inner": {"rate": 0.5}}
    assert from_document(Outer, document, where="network") == config


def test_left_out_fields_keep_their_defaults() -> None:
    assert from_document(Outer, {}, where="network") == Outer()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"dpeth": 3}, "unknown setting of network 'dpeth'.*Did you mean 'depth'"),
        ({"depth": "six"}, "network.depth must be int, got 'six'"),
        ({"inner": {"rte": 1}}, "unknown setting of network.inner 'rte'"),
        ({"depth": -1}, "depth must be at least 0"),
        ("mlp", "must be a mapping"),
    ],
)
def test_wrong_documents(document, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_document(Outer, document, where="network")


def test_texts_become_numbers() -> None:
    assert from_document(Outer, {"depth": "6"}, where="network").depth == 6


def test_parts() -> None:
    document = part_to_document("inner", Inner(rate=2.0))
    assert document == {"name": "inner", "rate": 2.0}
    assert part_from_document(ROWS, document, what="part") == Inner(rate=2.0)
    assert part_from_document(ROWS, "outer", what="part") == Outer()


def test_parts_need_a_known_name() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'inner'"):
        part_from_document(ROWS, {"name": "iner"}, what="part")
    with pytest.raises(ConfigError, match="needs a name"):
        part_from_document(ROWS, {"rate": 1}, what="part")
    with pytest.raises(ConfigError, match="needs a name"):
        part_from_document(ROWS, {"name": ["inner"]}, what="part")


@dataclass(frozen=True, kw_only=True)
class Holder:
    part: Inner | Outer = part_field(ROWS, Inner(), what="part")  # noqa: RUF009


def test_a_field_may_hold_any_part_of_a_table() -> None:
    config = Holder(part=Outer(depth=7))
    document = to_document(config)
    assert document["part"]["name"] == "outer"
    assert from_document(Holder, document, where="holder") == config
    assert from_document(Holder, {"part": "inner"}, where="holder") == Holder()
    with pytest.raises(ConfigError, match="Did you mean 'inner'"):
        from_document(Holder, {"part": "iner"}, where="holder")


def test_a_part_that_is_in_no_row_has_no_name() -> None:
    assert name_of(ROWS, Outer()) == "outer"
    with pytest.raises(ConfigError, match="Holder is in no row"):
        name_of(ROWS, Holder())


def test_one_text_stands_where_several_may() -> None:
    @dataclass(frozen=True)
    class Named:
        names: tuple[str, ...] = ()
        widths: tuple[int, ...] = ()

    assert from_document(Named, {"names": "price"}, where="data").names == ("price",)
    with pytest.raises(ConfigError, match=r"data\.widths must be"):
        from_document(Named, {"widths": "3"}, where="data")
