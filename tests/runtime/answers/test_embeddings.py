"""Embeddings as answers."""

import numpy as np
import pytest

from lamina.runtime.answers.embeddings import Embeddings
from lamina.runtime.errors import BundleError

DOCUMENT = {"target": "who", "known": ["al", "eve"], "width": 3}


def test_numbers_become_a_name_a_cosine_and_a_vector() -> None:
    form = Embeddings.from_document(DOCUMENT)
    assert form.num_columns == 5
    assert [answer.name for answer in form.answers] == ["who", "similarity", "embedding"]
    found = form.read(np.array([[1.0, 0.75, 0.6, 0.8, 0.0]]))
    assert found == [{"who": "eve", "similarity": 0.75, "embedding": [0.6, 0.8, 0.0]}]


@pytest.mark.parametrize("wrong", [{"known": ["al"]}, {"width": 0}, {"target": 3}])
def test_damaged_documents_are_refused(wrong) -> None:
    with pytest.raises(BundleError):
        Embeddings.from_document({**DOCUMENT, **wrong})
