"""Connected parts, by hand and against SciPy."""

import numpy as np
import pytest
from scipy import ndimage

from lamina.runtime.connected import ConnectedPart, connected_parts


def test_by_hand() -> None:
    mask = np.array([[1, 1, 0, 2], [0, 0, 1, 2], [1, 0, 0, 0]])
    # The ones hang together over a corner, but for the one below; so do the zeros.
    assert connected_parts(mask) == (
        ConnectedPart(0, 0, 0, 4, 3, 6),
        ConnectedPart(1, 0, 0, 3, 2, 3),
        ConnectedPart(2, 3, 0, 4, 2, 2),
        ConnectedPart(1, 0, 2, 1, 3, 1),
    )
    assert len(connected_parts(mask, fewest=2)) == 3


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (23, 37)])
@pytest.mark.parametrize("seed", range(3))
def test_like_scipy(size, seed) -> None:
    mask = np.random.default_rng(seed).integers(0, 3, size)
    wanted = []
    for number in range(3):
        labels, count = ndimage.label(mask == number, structure=np.ones((3, 3)))
        for place, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
            pixels = int((labels == place).sum())
            wanted.append((number, columns.start, rows.start, columns.stop, rows.stop, pixels))
        assert count == len(ndimage.find_objects(labels))
    found = [
        (p.number, p.left, p.top, p.right, p.bottom, p.num_pixels) for p in connected_parts(mask)
    ]
    assert sorted(found) == sorted(wanted)
