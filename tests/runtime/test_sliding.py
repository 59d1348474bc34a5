"""Windows over pictures: where they lie, what they count, and what is blended from them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.framing import GREY
from lamina.runtime.sliding import Sliding, blended, slid, starts, weights, window

SIZES = [(8, 8), (8, 21), (21, 8), (20, 33), (3, 5), (1, 40), (40, 1)]


def picture_of(height, width, channels=3):
    rng = np.random.default_rng(height * 100 + width)
    return rng.integers(0, 256, (height, width, channels), dtype=np.uint8)


def whole(picture, score, sliding, **options):
    return np.concatenate(list(blended(picture, score, sliding, **options)), axis=1)


def brightness(windows):
    """Score as convolutions of 1 × 1 do: each pixel by itself."""
    values = windows.astype(np.float64) / 255
    return np.stack([values[:, 0], values[:, 1], 0.3 + 0 * values[:, 2]], axis=1)


def test_windows_lie_evenly_and_end_with_the_picture():
    assert starts(10, Sliding(4, 0.5)) == [0, 2, 4, 6]
    assert starts(11, Sliding(4, 0.5)) == [0, 1, 3, 5, 7]
    assert starts(9, Sliding(4, 0.0)) == [0, 2, 5]
    assert starts(4, Sliding(4, 0.5)) == [0]
    assert starts(3, Sliding(4, 0.5)) == [0]


@given(length=st.integers(1, 500), side=st.integers(1, 64), overlap=st.floats(0, 0.95))
def test_every_pixel_is_covered_and_windows_overlap_as_asked(length, side, overlap):
    found = starts(length, Sliding(side, overlap))
    assert found[0] == 0
    assert found[-1] == max(0, length - side)
    steps = np.diff(found)
    assert (steps > 0).all()
    assert (steps <= max(1, round(side * (1 - overlap)))).all()


def test_a_window_counts_most_in_its_middle():
    found = weights(16)
    assert (np.diff(found[:8]) >= 0).all()
    assert np.array_equal(found, found[::-1])
    # Half a pixel and a quarter of the side away from the middle: exp(-32 / side² × away²).
    assert found[8] == pytest.approx(np.exp(-32 * (0.5 / 16) ** 2))
    assert found[12] == pytest.approx(np.exp(-32 * (4.5 / 16) ** 2))
    assert weights(256).min() == np.float32(1e-3)


def test_a_window_that_hangs_over_has_ground_there():
    picture = picture_of(5, 6)
    found = window(picture, 3, 4, side=4, ground=GREY)
    assert np.array_equal(found[:2, :2], picture[3:, 4:])
    assert (found[2:] == GREY).all()
    assert (found[:, 2:] == GREY).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_blend_of_constant_scores_is_constant(size):
    constant = np.array([0.2, 0.7, 0.1])
    found = whole(
        picture_of(*size),
        lambda w: np.broadcast_to(constant[None, :, None, None], (len(w), 3, 8, 8)),
        Sliding(8, 0.25),
    )
    assert found.shape == (3, *size)
    np.testing.assert_allclose(found, np.broadcast_to(constant[:, None, None], found.shape), 1e-5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.6])
def test_what_sees_single_pixels_answers_as_on_the_whole_picture(size, overlap):
    picture = picture_of(*size)
    found = whole(picture, brightness, Sliding(8, overlap))
    wanted = brightness(picture.transpose(2, 0, 1)[None])[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    classes = slid(picture, brightness, Sliding(8, overlap))
    assert classes.dtype == np.uint8
    assert np.array_equal(classes, wanted.argmax(0))


def test_two_windows_are_weighed_by_hand():
    # Twelve columns under windows of eight, at 0 and 4: the first says 0, the second 1.
    said = iter([0.0, 1.0])
    found = whole(
        picture_of(8, 12),
        lambda w: np.full((len(w), 1, 8, 8), next(said)),
        Sliding(8, 0.5),
        together=1,
    )
    assert (found[0, :, :4] == 0).all()
    np.testing.assert_allclose(found[0, :, 8:], 1)
    own = weights(8)
    np.testing.assert_allclose(found[0, 0, 4:8], own[:4] / (own[:4] + own[4:]), rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    overlap=st.floats(0, 0.8),
    together=st.integers(1, 9),
)
def test_bands_are_the_weighted_mean_over_all_windows(height, width, overlap, together):
    picture, sliding = picture_of(height, width, 1), Sliding(7, overlap)

    def score(windows):  # differs with the place in the window
        ramp = np.arange(49).reshape(7, 7) / 49
        return np.stack([windows[:, 0] / 255 + ramp, 1 - ramp + 0 * windows[:, 0]], axis=1)

    sums, counts = np.zeros((2, height + 7, width + 7)), np.zeros((height + 7, width + 7))
    weight = np.outer(weights(7), weights(7)).astype(np.float64)
    for top in starts(height, sliding):
        for left in starts(width, sliding):
            seen = window(picture, top, left, side=7, ground=GREY).transpose(2, 0, 1)
            sums[:, top : top + 7, left : left + 7] += score(seen[None])[0] * weight
            counts[top : top + 7, left : left + 7] += weight
    wanted = (sums / np.maximum(counts, 1e-12))[:, :height, :width]
    found = whole(picture, score, sliding, together=together)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


def test_what_is_held_at_a_time_is_a_band():
    heights = [band.shape[1] for band in blended(picture_of(50, 9), brightness, Sliding(8, 0.25))]
    assert sum(heights) == 50
    assert max(heights) <= 8
