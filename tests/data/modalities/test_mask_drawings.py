"""Masks drawn from polygons and runs."""

import numpy as np
import pytest

from lamina.data.modalities.mask_drawings import (
    VOID_CODE,
    drawing,
    drawn,
    is_drawing,
    size_of_drawing,
)

NAMES = ("background", "car", "dog")


def test_a_rectangle_covers_the_pixels_between_its_corners() -> None:
    cell = drawing((3, 5), NAMES, [(1, [1, 0, 4, 0, 4, 2, 1, 2])])
    assert is_drawing(cell)
    assert not is_drawing("/a/b.png")
    assert size_of_drawing(cell) == (5, 3)
    codes, names = drawn(cell)
    assert names == NAMES
    assert codes.tolist() == [[0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0] * 5]


def test_runs_go_column_by_column_and_small_things_lie_above_large_ones() -> None:
    # Three pixels outside, then a column of two and one: the second column and the top of the next.
    runs = {"counts": [2, 3, 1]}
    whole = [0, 0, 3, 0, 3, 2, 0, 2]
    codes, _ = drawn(drawing((2, 3), NAMES, [(2, runs), (1, whole)]))
    assert codes.tolist() == [[1, 2, 2], [1, 2, 1]]
    # The same runs in a text: each of these counts is one character.
    codes, _ = drawn(drawing((2, 3), NAMES, [(2, {"counts": "231", "size": [2, 3]}), (1, whole)]))
    assert codes.tolist() == [[1, 2, 2], [1, 2, 1]]
    codes, _ = drawn(drawing((2, 3), NAMES, [(None, runs)]))
    assert codes.tolist() == [[0, VOID_CODE, VOID_CODE], [0, VOID_CODE, 0]]


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ([[9, [0, 0, 1, 0, 1, 1]]], "has the class 9"),
        ([[1, [0, 0]]], "neither a polygon nor runs"),
        ([[1, {"counts": [1]}]], "runs of a shape have 1 pixels"),
        ([[1, {"counts": "23"}]], "runs of a shape have 5 pixels"),
        ([[1, [0, 0, 1, 0, 1, None]]], "corners that are no numbers"),
        ([3], "no drawing of a mask"),
    ],
)
def test_damaged_cells_are_told(shapes, told) -> None:
    assert told in drawn(drawing((2, 3), NAMES, shapes) if shapes != [3] else '{"shapes": [3]}')


def test_absurd_sizes_are_refused() -> None:
    assert "cannot be made" in drawn(drawing((1 << 20, 1 << 20), NAMES, []))
    assert size_of_drawing("{") is None


def test_areas_of_polygons_are_about_right() -> None:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([50 + 30 * np.cos(angles), 50 + 30 * np.sin(angles)], 1).ravel().tolist()
    codes, _ = drawn(drawing((100, 100), NAMES, [(1, circle)]))
    assert (codes == 1).sum() == pytest.approx(np.pi * 900, rel=0.03)
