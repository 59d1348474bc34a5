"""The table of characters is that of the tokeniser of training."""

import numpy as np
import polars as pl

from lamina.runtime.characters import KINDS, kinds_of, letters, lower
from tests.runtime.make_characters import kinds


def test_every_character_is_of_the_kind_that_polars_gives_it() -> None:
    expected = np.array([ord(letter) for _, letter in KINDS], dtype=np.uint8)[kinds()]
    np.testing.assert_array_equal(letters(), expected)


def test_a_text_is_spelt_in_kinds() -> None:
    assert kinds_of("a1 é'中👍") == "lnzlatp"
    assert kinds_of("") == ""


def test_every_character_has_the_small_letter_that_polars_gives_it() -> None:
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF]
    expected = pl.Series(every).str.to_lowercase().to_list()
    assert [lower(character) for character in every] == expected
