"""Pieces that spell any text without loss."""

import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.pieces import learn_pieces
from lamina.data.modalities.text import Text

CELLS = pl.Series("text", ["the cat sat on the mat\n", "the café, 東京 🙂!"] * 20)


def _text(tokens: str, size: int = 300) -> Text:
    options = ModalityOptions(tokens=tokens, max_pieces=size)
    return Text.fit(CELLS, role="input", options=options)


def test_bytes_are_257_pieces() -> None:
    words, how = learn_pieces(CELLS, tokens="bytes", max_pieces=9)
    assert len(words) == 257
    assert how.merges == ()


def test_pairs_that_are_frequent_become_pieces() -> None:
    pytest.importorskip("tokenizers")
    words, how = learn_pieces(CELLS, tokens="byte_pairs", max_pieces=270)
    assert len(words) <= 270
    assert "Ġthe" in words or "the" in words
    assert len(how.merges) >= len(words) - 257
    text = _text("byte_pairs")
    assert len(text.read("the cat")) < len(_text("bytes").read("the cat"))


@pytest.mark.parametrize("tokens", ["bytes", "byte_pairs"])
@given(words=st.text(max_size=40))
def test_any_text_is_read_and_written_without_loss(tokens, words) -> None:
    text = _text(tokens)
    ids = text.read(words)
    known = words.encode("utf-8", "replace").decode()
    assert text.write(ids) == known
    spec = text.input_spec("text")
    assert int(spec.token_bytes[ids].sum()) == len(known.encode())
    assert spec.token_bytes[ids[0]] == 0  # the mark


def test_state_survives_a_document_and_is_that_of_the_runtime() -> None:
    from lamina.runtime.modalities.text import TextReader

    text = _text("byte_pairs")
    again = Text.from_document(text.to_document())
    assert again == text
    values = text.encode(CELLS[:2]).values
    read = TextReader.from_document(text.to_document()).read(CELLS[:2].to_list())
    assert [row.tolist() for row in read.values] == [
        values.select(torch.tensor([row]))[0].tolist() for row in range(2)
    ]


def test_texts_without_a_letter_are_refused() -> None:
    with pytest.raises(DataError, match="no cell of 2 has a letter"):
        learn_pieces(pl.Series("t", ["", None]), tokens="bytes", max_pieces=300)


def test_words_in_lower_case_cannot_be_written() -> None:
    text = Text.fit(CELLS, role="input", options=ModalityOptions())
    with pytest.raises(DataError, match="cannot be spelt again"):
        text.write([2, 3])
