"""WordPiece: by hand, and equal to the reference."""

import random

import pytest

from lamina.runtime.subwords import Encoder
from lamina.runtime.word_pieces import WordPieces

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "hello", "world", "!", "日")
STYLE = WordPieces(first=(2,), last=(3,), unknown=1)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", [4, 5, 6]),
        ("Hello, WORLD!!", [7, 1, 8, 9, 9]),
        ("héllö\tworld\x00", [7, 8]),
        ("日hello", [10, 7]),
        ("unhello", [1]),
        ("[SEP]", [1, 1, 1]),
        ("", []),
        ("h" * 101, [1]),
    ],
)
def test_pieces_by_hand(text, pieces) -> None:
    assert Encoder(WORDS, STYLE, 64)(text) == [2, *pieces, 3]


def test_a_long_text_keeps_its_marks() -> None:
    assert Encoder(WORDS, STYLE, 4)("hello world hello world") == [2, 7, 8, 3]


def test_words_can_stay_as_they_are() -> None:
    style = WordPieces(lowercase=False, strips_accents=False, splits_han=False)
    assert [word for word in style.words("Éa日 B.") if word] == ["Éa日", "B", "."]


@pytest.mark.parametrize("lowercase", [True, False])
def test_equal_to_the_reference(lowercase) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    chance = random.Random(0)
    letters = "abc dE,. !日本éÉñß Σς𝔸 ½-'" + "\t\u200d\u00a0👍"
    texts = [
        "".join(chance.choice(letters) for _ in range(chance.randint(0, 40))) for _ in range(400)
    ]
    whole = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    whole.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=lowercase)
    whole.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=120, special_tokens=["[UNK]"], show_progress=False
    )
    whole.train_from_iterator(texts[:200], trainer)
    numbers = whole.get_vocab()
    words = sorted(numbers, key=numbers.get)
    style = WordPieces(lowercase=lowercase, strips_accents=lowercase, unknown=numbers["[UNK]"])
    split = style.splitter(words)
    for text in texts:
        assert split(text) == whole.encode(text).ids, ascii(text)
