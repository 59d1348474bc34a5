"""Values of documents from files that may be damaged."""

import math

import pytest

from lamina.runtime.document import Fields, short
from lamina.runtime.errors import BundleError


def test_values_of_the_right_kind_pass() -> None:
    fields = Fields(
        {"a": "x", "b": 2.5, "c": 3, "d": True, "e": ["p", "q"], "f": [1, 2.0], "g": None}, "it"
    )
    assert fields.text("a", ("x", "y")) == "x"
    assert fields.number("b", above=2) == 2.5
    assert fields.integer("c", least=3) == 3
    assert fields.boolean("d") is True
    assert fields.texts("e", least=2) == ("p", "q")
    assert fields.numbers("f", count=2) == (1.0, 2.0)
    assert fields.optional_number("g") is None
    assert fields.items("e") == ("p", "q")


@pytest.mark.parametrize(
    ("method", "value", "options"),
    [
        ("text", 1, {}),
        ("text", "z", {"choices": ("x",)}),
        ("number", True, {}),
        ("number", math.nan, {}),
        ("number", 10**400, {}),
        ("number", 0.0, {"above": 0.0}),
        ("integer", 2.0, {"least": 0}),
        ("integer", -1, {"least": 0}),
        ("boolean", 1, {}),
        ("texts", ["a", "a"], {}),
        ("texts", "ab", {}),
        ("numbers", [1, "2"], {}),
        ("numbers", [1.0], {"count": 2}),
        ("items", [], {"least": 1}),
    ],
)
def test_values_that_cannot_be_are_refused(method, value, options) -> None:
    with pytest.raises(BundleError, match="'k' in the state of it must be"):
        getattr(Fields({"k": value}, "it"), method)("k", **options)


def test_a_missing_value_and_a_foreign_document_are_refused() -> None:
    with pytest.raises(BundleError, match="has no 'k'"):
        Fields({}, "it").text("k")
    with pytest.raises(BundleError, match="must be a mapping"):
        Fields([1], "it")


def test_long_values_are_cut_in_messages() -> None:
    assert len(short("x" * 1000)) == 60
