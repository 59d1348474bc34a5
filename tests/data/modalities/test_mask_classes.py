"""What codes of masks mean: names, void, and values that losses made."""

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image as Pillow

from lamina.core.errors import DataError
from lamina.data.geometry import VOID
from lamina.data.modalities.mask_classes import CountedMask, counted
from tests.data.modalities.test_mask import CODES, column, fit, packed, sized


def test_codes_are_counted() -> None:
    found = counted(packed(CODES))
    assert isinstance(found, CountedMask)
    assert (found.codes.tolist(), found.counts.tolist()) == ([0, 3, 7, 11], [3, 2, 2, 1])
    assert not found.is_lossy
    assert counted(None) == "there is no mask in the cell"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("sky", "car=3", "sky=7"), r"data.fitting.class_names names the class 'sky' twice"),
        (("sky", "car=3", "bus=3"), r"gives the classes 'car' and 'bus' the same code \(3\)"),
    ],
)
def test_nothing_is_named_twice(names, told) -> None:
    with pytest.raises(DataError, match=told):
        fit(column(CODES), class_names=names)


def test_masks_saved_with_losses_are_refused_unless_named() -> None:
    codes = np.zeros((24, 24), dtype=np.uint8)
    codes[5:17, 3:20] = 200
    file = io.BytesIO()
    Pillow.fromarray(codes).save(file, "JPEG", quality=60)
    cells = pl.Series("mask", [file.getvalue()], dtype=pl.Binary)
    with pytest.raises(DataError, match=r"1 masks of column 'mask' are JPEG files.*PNG"):
        fit(cells)
    state = sized(fit(cells, class_names=("ground=0", "thing=200")), 24, 24)
    found = state.encode(cells).values[0].numpy()
    assert set(np.unique(found)) == {0, 1, VOID}
    assert (found[codes == 200] != 0).all()
    # Flat masks may come through as they were.
    flat = io.BytesIO()
    Pillow.fromarray(np.repeat([[0, 200]], 16, 0).repeat(16, 1).astype(np.uint8)).save(flat, "JPEG")
    assert len(fit(pl.Series("mask", [flat.getvalue()], dtype=pl.Binary)).classes) == 2
