"""A picture is brought in whole, and places in it are found again."""

import numpy as np
import pytest

from lamina.runtime.framing import GREY, frame_of, framed, on_ground


def test_a_wide_picture_lies_in_the_middle() -> None:
    # 400 x 100 into 200 x 200: half as large, 200 x 50, with 75 rows above and below.
    frame = frame_of(400, 100, width=200, height=200)
    assert (frame.left, frame.top, frame.width, frame.height) == (0, 75, 200, 50)
    assert frame.scale == 0.5
    np.testing.assert_allclose(frame.into(np.array([[0, 0], [400, 100]])), [[0, 75], [200, 125]])
    np.testing.assert_allclose(frame.back(np.array([[0, 75], [200, 125]])), [[0, 0], [400, 100]])


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (6000, 20), (640, 480), (97, 89)])
@pytest.mark.parametrize("into", [(64, 64), (240, 180), (32, 320)])
def test_every_picture_lies_inside_and_touches_two_sides(size, into) -> None:
    frame = frame_of(*size, width=into[0], height=into[1])
    assert frame.left >= 0
    assert frame.left + frame.width <= into[0]
    assert frame.top >= 0
    assert frame.top + frame.height <= into[1]
    assert frame.width == into[0] or frame.height == into[1]
    points = np.random.default_rng(0).uniform(0, 1, (5, 2)) * size
    np.testing.assert_allclose(frame.back(frame.into(points)), points)


def test_the_ground_is_grey_and_the_picture_keeps_its_colours() -> None:
    picture = np.full((10, 20, 3), (200, 10, 30), dtype=np.uint8)
    frame = frame_of(20, 10, width=40, height=40)
    whole = framed(picture, frame, width=40, height=40)
    assert whole.shape == (40, 40, 3)
    assert (whole[:10] == GREY).all()
    assert (whole[30:] == GREY).all()
    assert (whole[10:30] == (200, 10, 30)).all()


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 9), dtype=np.uint8)
    frame = frame_of(9, 6, width=9, height=6)
    assert framed(picture, frame, width=9, height=6) is picture
    assert on_ground(picture, frame, width=9, height=6, ground=0) is picture
