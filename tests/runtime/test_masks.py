"""Masks as runs, at other sizes, and in colours."""

import numpy as np
import pytest

from lamina.runtime.errors import DataError
from lamina.runtime.framing import frame_of
from lamina.runtime.masks import (
    distinct_colours,
    laid_back,
    laid_in,
    mask_of,
    palette_of,
    run_lengths,
    shares,
)


def test_runs_by_hand() -> None:
    mask = np.array([[0, 0, 2], [2, 1, 1]], dtype=np.uint8)
    runs = run_lengths(mask)
    # Row after row: two of 0, two of 2 (over the end of the row), two of 1.
    assert runs == {"size": [2, 3], "classes": [0, 2, 1], "counts": [2, 2, 2]}
    assert np.array_equal(mask_of(runs), mask)
    assert shares(mask, 4) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (13, 7)])
def test_runs_round_trip(size) -> None:
    mask = np.random.default_rng(0).integers(0, 3, size, dtype=np.uint8)
    assert np.array_equal(mask_of(run_lengths(mask)), mask)


def test_runs_that_do_not_add_up_are_told() -> None:
    with pytest.raises(DataError, match="2 × 3 pixels have 5"):
        mask_of({"size": [2, 3], "classes": [0, 1], "counts": [2, 3]})


def test_a_mask_goes_in_and_comes_back() -> None:
    mask = np.random.default_rng(0).integers(0, 5, (6, 8), dtype=np.uint8)
    frame = frame_of(8, 6, width=16, height=16)  # twice as large, two rows of ground each way
    inside = laid_in(mask, frame)
    assert inside.shape == (12, 16)
    assert np.array_equal(inside, mask.repeat(2, 0).repeat(2, 1))
    whole = np.full((16, 16), 9, dtype=np.uint8)
    whole[2:14] = inside
    assert np.array_equal(laid_back(whole, frame), mask)


def test_a_shrunk_mask_keeps_the_pixels_in_the_middle_of_each_place() -> None:
    mask = np.arange(9, dtype=np.uint8).reshape(3, 3).repeat(3, 0).repeat(3, 1)
    frame = frame_of(9, 9, width=3, height=3)
    assert np.array_equal(laid_in(mask, frame), np.arange(9).reshape(3, 3))


def test_colours_differ_and_begin_with_those_of_pascal_voc() -> None:
    colours = distinct_colours(256)
    assert len(set(colours)) == 256
    # Black, then half of red, of green, and of both, as in the published masks.
    assert colours[:4] == (0x000000, 0x800000, 0x008000, 0x808000)
    assert palette_of(colours[:2])[:6] == [0, 0, 0, 128, 0, 0]
    assert len(palette_of(colours)) == 768
