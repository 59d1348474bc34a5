"""Every row of the table of figures: what all of them promise."""

import io

import numpy as np
import pytest
from PIL import Image

from lamina.runtime.figures.table import FIGURES
from lamina.runtime.signature import Field
from tests.runs.tiny import wave_bytes

TONE = np.sin(np.arange(4000) / 3)


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(file, "PNG")
    return file.getvalue()


GOOD = {"image": picture, "sound": lambda: wave_bytes(TONE), "series": lambda: [1.0, 2.5, None, 4]}
"""A cell of each modality."""


@pytest.mark.parametrize("name", FIGURES)
def test_a_good_cell_has_every_figure_and_each_is_a_number(name) -> None:
    figures = FIGURES[name](Field(name="x", modality=name, channels=1, rate=8000))
    found = figures.measure(GOOD[name]())
    assert set(figures.names) <= set(found)
    assert all(isinstance(value, float) and np.isfinite(value) for value in found.values())


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("cell", [None, "", "/a/file", b"", b"RIFF", 3, {}, [], [[]], object()])
def test_what_cannot_be_read_has_none(name, cell) -> None:
    if name == "series" and cell == 3:
        cell = "three"
    assert FIGURES[name](Field(name="x", modality=name, channels=1)).measure(cell) is None
