"""What networks share whose answers are written."""

import polars as pl

from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text
from lamina.networks.answers import MARK


def test_the_mark_is_what_stands_before_every_text() -> None:
    for tokens in ("bytes", "byte_pairs"):
        options = ModalityOptions(tokens=tokens)
        text = Text.fit(pl.Series("t", ["some text"]), role="target", options=options)
        assert text.read("any")[0] == MARK
        assert MARK in text.marks()
