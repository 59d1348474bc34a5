"""What of each kind of input can be attributed, and how finely."""

import pytest
import torch

from lamina.core.records import InputSpec
from lamina.explanation.features import Columns, Patches, PlacedWords, Windows, Words
from lamina.runs import explained_inputs as subject

WORDS = torch.arange(38)[None]


@pytest.mark.parametrize(
    ("kind", "values", "form", "count"),
    [
        ("number", torch.zeros(1, 2), Columns, 2),
        ("image", torch.zeros(1, 3, 16, 12), Patches, 48),
        ("text", torch.ones(1, 7, dtype=torch.int64), Words, 7),
        ("text", torch.ones(1, 600, dtype=torch.int64), Words, 200),
        ("words", torch.ones(1, 7, 38, dtype=torch.int64), PlacedWords, 7),
        ("words", torch.ones(1, 600, 38, dtype=torch.int64), PlacedWords, 200),
        ("series", torch.zeros(1, 64, 2), Windows, 32),
        ("sound", torch.zeros(1, 100), Windows, 25),
    ],
)
def test_each_kind_has_features_of_its_own(kind, values, form, count) -> None:
    spec = InputSpec("x", kind, ("a", "b"), tuple(values.shape[1:]))
    references = {"x": WORDS if kind == "words" else torch.zeros(1, 2)}
    found = subject.features_of(spec, values, references)
    assert isinstance(found, form)
    assert found.count(values) == count
    gone = found.without(values, torch.ones(1, count, dtype=torch.bool))
    if kind == "words":
        assert torch.equal(gone[0, 0], WORDS.expand(values.shape[1], -1))
