"""Pieces spell what the modality of texts spells."""

import polars as pl

from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text
from lamina.runtime.pieces import Pieces


def test_pieces_spell_what_texts_are_made_of() -> None:
    cells = pl.Series(["Größe 日本 🙂", "a b\n"] * 3)
    for tokens in ("bytes", "byte_pairs"):
        fitted = Text.fit(cells, role="target", options=ModalityOptions(tokens=tokens))
        pieces = Pieces(fitted.words)
        assert len(pieces) == fitted.input_spec("x").vocabulary_size
        for cell in cells:
            assert pieces.text(fitted.read(cell)) == cell
        for token in range(len(pieces)):
            assert pieces.bytes_of(token) == fitted.bytes_of(token)
        half = fitted.read("🙂")[:3]
        assert pieces.text(half) == fitted.write(half)
