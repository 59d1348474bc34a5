"""Texts become the tokens of training, in any script."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lamina.data.modalities import text as columns
from lamina.runtime.modalities.text import TextReader, tokenise
from tests.runtime.modalities.states import assert_reads_the_same, fitted

SENTENCES = [
    "The film wasn't good.",
    "The plot, the plot! <br /> It's 3.5 of 10",
    "映画はとても良かった。",
    "ภาพยนตร์เรื่องนี้ดีมาก",
    "Отличный фильм 👍🏽 👩‍👩‍👧 ❤️",
    "l’été naïve café Straße ΣΊΣΥΦΟΣ İstanbul",
    "العربية हिन्दी 한국어 מילים",
]
STATE = fitted("text", pl.Series("x", SENTENCES), max_length=12)
PIECES = st.sampled_from(
    [*SENTENCES, "<BR>", "<br\u2003/>", "'", "’", "\u200d", "🏽", "\u0301", "\x1f", "\x00", "1.0"]
)
TEXTS = st.lists(st.text(max_size=6) | PIECES, max_size=5).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.none() | TEXTS, min_size=1, max_size=6))
@example(["", None, " ", "5.0", "<br>", "a'b'c ''d", "ΑΣ", "AΣ.", "ΣΣ"])
def test_any_texts(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells, dtype=pl.String))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_tokens_are_those_of_polars(text) -> None:
    expected = columns.tokenise(pl.Series([text])).to_list()[0] or []
    stripped = columns.as_text(pl.Series([text]))[0]
    assert tokenise(stripped, most=1000) == expected


@pytest.mark.parametrize("cells", [[1, 2.5, None], [True, False]], ids=["number", "truth"])
def test_other_cells_are_read_as_their_text(cells) -> None:
    assert_reads_the_same(STATE, pl.Series("x", cells, strict=False))


def test_long_texts_are_cut_off() -> None:
    assert tokenise("a b c d", most=2) == ["a", "b"]
    assert len(TextReader(["a"], 3).read(["a " * 50]).values[0]) == 3


def test_pieces_of_a_pretrained_network() -> None:
    from lamina.data.modalities.text import Text
    from lamina.runtime.word_pieces import WordPieces

    words = ("[CLS]", "[SEP]", "[UNK]", "film", "the", "##s", "good", "!")
    state = Text(words=words, max_length=6, subwords=WordPieces(first=(0,), last=(1,), unknown=2))
    cells = pl.Series("x", ["The films!", None, "", "good " * 20, "Ünknown"])
    assert_reads_the_same(state, cells)
