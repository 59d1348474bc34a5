"""What a reader hands on."""

import numpy as np
import pytest

from lamina.runtime.modalities.base import AbstractReader, Read


def test_cells_that_can_be_read_have_no_errors() -> None:
    assert Read(np.zeros((2, 1))).errors == {}


def test_a_reader_must_say_how_it_reads() -> None:
    with pytest.raises(TypeError, match="abstract"):
        AbstractReader()
