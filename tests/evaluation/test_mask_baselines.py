"""Places and colours as simple answers."""

import numpy as np

from lamina.evaluation.mask_baselines import MASK_BASELINES
from lamina.evaluation.predictions import VOID

RNG = np.random.default_rng(0)


def test_place_alone() -> None:
    masks = np.zeros((5, 2, 3), dtype=np.uint8)
    masks[:3, 0, 0], masks[3:, 0, 0] = 1, 2
    masks[:, 1, 1] = VOID
    pictures = np.zeros((5, 3, 2, 3), dtype=np.uint8)
    found = MASK_BASELINES["place"].value(
        lambda: iter([(pictures[:2], masks[:2]), (pictures[2:], masks[2:])]),
        lambda: iter([pictures[:4], pictures[4:]]),
        3,
    )
    # Three of five have class 1 in the corner; where nothing is known, 0 is most frequent.
    assert found.tolist() == [[1, 0, 0, 0, 0, 0]] * 5


def test_colours_tell_classes_apart_and_places_help() -> None:
    masks = RNG.integers(0, 2, (20, 24, 24), dtype=np.uint8)
    masks[:, 12:] *= 2
    # Class 0 is dark; 1 above and 2 below are both bright.
    pictures = np.where(masks > 0, 230, 20).astype(np.uint8)[:, None].repeat(3, 1)
    found = MASK_BASELINES["colour_and_place"].value(
        lambda: iter([(pictures[:10], masks[:10])]), lambda: iter([pictures[10:]]), 3
    )
    assert (found.reshape(-1, 24, 24) == masks[10:]).all()
