"""The table of characters is that of the tokeniser of training."""

import numpy as np

from lamina.runtime.characters import KINDS, kinds_of, letters
from tests.runtime.make_characters import kinds


def test_every_character_is_of_the_kind_that_polars_gives_it() -> None:
    expected = np.array([ord(letter) for _, letter in KINDS], dtype=np.uint8)[kinds()]
    np.testing.assert_array_equal(letters(), expected)


def test_a_text_is_spelt_in_kinds() -> None:
    assert kinds_of("a1 é'中👍") == "lnzlatp"
    assert kinds_of("") == ""
