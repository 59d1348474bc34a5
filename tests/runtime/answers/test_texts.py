"""Texts from tokens."""

import numpy as np
import pytest

from lamina.runtime.answers.texts import Texts
from lamina.runtime.errors import BundleError

DOCUMENT = {"target": "de", "pieces": ["<mark>", "a", "b", "Ã", "¼"]}


def test_tokens_are_spelt_and_figures_are_per_token() -> None:
    form = Texts.from_document(DOCUMENT)
    values = np.array([[2.0, 4.0, 3, 5, 6], [1.5, 1.0, 0, 0, 0], [0.0, 0.0, 5, np.nan, np.nan]])
    found = form.read(values)
    assert [one["de"] for one in found] == ["aü", "", "�"]
    assert [one["de: nats per token"] for one in found] == [0.5, 1.5, 0.0]
    assert [(a.name, a.kind) for a in form.answers] == [
        ("de", "text"),
        ("de: nats per token", "number"),
    ]
    assert form.num_columns is None
    assert form.read(np.zeros((0, 2))) == []


def test_damaged_documents_and_tokens_are_refused() -> None:
    for wrong in ({"target": 3}, {"pieces": []}):
        with pytest.raises(BundleError):
            Texts.from_document({**DOCUMENT, **wrong})
    form = Texts.from_document(DOCUMENT)
    for token in (7, -1):
        with pytest.raises(BundleError, match="no piece"):
            form.read(np.array([[1.0, 1.0, token]]))
