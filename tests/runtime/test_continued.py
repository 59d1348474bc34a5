"""Texts that a model wrote are written again by its file, and damage is told."""

import dataclasses

import pytest

from lamina.runtime.continued import Continued, continued_of, num_written_otherwise
from lamina.runtime.errors import BundleError
from lamina.runtime.writing import Writing

ONE = Continued(prompt="a", text="bc", num_tokens=2, temperature=0.0, top_p=1.0, seed=0)


class Alphabet:
    """Writes the letters that follow."""

    def write(self, config, sampling):
        assert sampling.temperature == 0
        start = ord(config.prompt[-1]) + 1
        tokens = ([start + place] for place in range(config.num_tokens))
        return Writing(tokens, config, bytes_of=lambda token: bytes([token]), ends=())


def test_the_same_text_counts_and_another_does_not() -> None:
    other = dataclasses.replace(ONE, text="bd")
    assert ONE.is_written_by(Alphabet())
    assert num_written_otherwise(Alphabet(), [ONE, other, other]) == 2


def test_documents_are_read_back_and_damaged_ones_refused() -> None:
    assert continued_of({"continued": [ONE.to_document()]}) == (ONE,)
    assert continued_of({}) == ()
    for wrong in ({"text": 1}, {"num_tokens": 0}, {"temperature": None}, {"seed": -1}):
        with pytest.raises(BundleError):
            continued_of({"continued": [{**ONE.to_document(), **wrong}]})
    for wrong in ({"top_p": 2.0}, {"temperature": -1.0}, {"prompt": "x" * 10**6}):
        with pytest.raises(BundleError, match="cannot be"):
            dataclasses.replace(ONE, **wrong).is_written_by(Alphabet())
