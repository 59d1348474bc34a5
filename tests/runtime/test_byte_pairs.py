"""Byte-level BPE: by hand, and equal to the reference."""

import json
import random

import pytest

from lamina.runtime.byte_pairs import BytePairs, byte_characters
from lamina.runtime.subwords import Encoder


def test_pieces_by_hand() -> None:
    words = ("<unk>", "l", "o", "w", "Ġ", "lo", "low", "Ġlow")
    style = BytePairs(merges=("l o", "lo w", "Ġ low"))
    split = style.splitter(words)
    # "lower" has letters that the vocabulary lacks; a space belongs to the word behind it.
    assert split("low low") == [6, 7]
    assert split("wol") == [3, 2, 1]
    assert split("lowé") == [6, 0, 0]
    assert Encoder(words, style, 8)("") == [0]
    assert BytePairs(merges=style.merges, adds_space=True).splitter(words)("low") == [7]


def test_every_byte_has_a_character_of_its_own() -> None:
    assert len(set(byte_characters())) == 256
    assert byte_characters()[ord(" ")] == "Ġ"
    assert byte_characters()[ord("a")] == "a"


def test_a_pair_without_a_piece_is_refused() -> None:
    with pytest.raises(ValueError, match="'l o' makes no piece"):
        BytePairs(merges=("l o",)).splitter(("l", "o"))


@pytest.mark.parametrize("adds_space", [True, False])
def test_equal_to_the_reference(adds_space) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    chance = random.Random(0)
    letters = "abc dE,. !日本éÉñß Σς𝔸 ½-'s" + "\t\n\u200d\u00a0\u2003👍3²  "
    texts = [
        "".join(chance.choice(letters) for _ in range(chance.randint(0, 40))) for _ in range(400)
    ]
    texts += ["I'll don't we've", "  a  b ", "\n\n x"]
    whole = tokenizers.Tokenizer(tokenizers.models.BPE())
    level = tokenizers.pre_tokenizers.ByteLevel
    whole.pre_tokenizer = level(add_prefix_space=adds_space)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=level.alphabet(), show_progress=False
    )
    whole.train_from_iterator(texts[:200], trainer)
    model = json.loads(whole.to_str())["model"]
    words = sorted(model["vocab"], key=model["vocab"].get)
    merges = tuple(m if isinstance(m, str) else " ".join(m) for m in model["merges"])
    split = BytePairs(merges=merges, adds_space=adds_space).splitter(words)
    for text in texts:
        assert split(text) == whole.encode(text).ids, ascii(text)
