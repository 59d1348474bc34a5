"""Cutting of texts as documents."""

import json

import pytest

from lamina.runtime.byte_pairs import BytePairs
from lamina.runtime.subwords import Encoder, subwords_from_document
from lamina.runtime.word_pieces import WordPieces

STYLES = [
    WordPieces(first=(1,), last=(2,), unknown=3, lowercase=False),
    BytePairs(merges=("a b",), adds_space=True, unknown=1),
]


@pytest.mark.parametrize("style", STYLES)
def test_a_document_gives_the_same_again(style) -> None:
    document = json.loads(json.dumps(style.to_document()))
    assert subwords_from_document(document) == style


@pytest.mark.parametrize("style", STYLES)
def test_damaged_documents_are_refused(style) -> None:
    document = style.to_document()
    for key in document:
        for nonsense in (None, {"a": 1}, [None], -1, 1 << 60):
            with pytest.raises(ValueError, match=key):
                subwords_from_document(document | {key: nonsense})
        if key == "keeps_blanks":  # older files lack it
            continue
        with pytest.raises(ValueError, match="must be"):
            subwords_from_document({k: v for k, v in document.items() if k != key})
    for nonsense in (None, [], "x"):
        with pytest.raises(ValueError, match="name"):
            subwords_from_document(nonsense)


def test_marks_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="piece 7 is outside"):
        Encoder(("a", "b"), WordPieces(first=(7,)), 8)
