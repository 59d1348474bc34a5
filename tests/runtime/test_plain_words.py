"""Words between blanks, as they are."""

from lamina.runtime.plain_words import LINE_BREAK, UNKNOWN_WORD, PlainWords
from lamina.runtime.subwords import Encoder, subwords_from_document

WORDS = ("<|endoftext|>", UNKNOWN_WORD, LINE_BREAK, "the", "Cat", "é")
STYLE = PlainWords(first=(0,), unknown=1)


def test_pieces_by_hand() -> None:
    read = Encoder(WORDS, STYLE, 100)
    assert read(" the Cat\n\té cat") == [0, 3, 4, 2, 5, 1]
    # What is written cannot pass for the mark, and the unknown word is a word.
    assert read("<|endoftext|> <unk>") == [0, 1, 1]
    assert read("") == [0]
    assert read.keeps_blanks


def test_words_joined_are_a_text() -> None:
    assert b"".join(map(STYLE.bytes_of, ("the", "é", LINE_BREAK))).decode() == "the é \n"


def test_it_comes_back_from_its_document() -> None:
    assert subwords_from_document(STYLE.to_document()) == STYLE
