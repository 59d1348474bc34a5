"""Boxes that overlap, and which of them are kept."""

import numpy as np
import pytest

from lamina.runtime.boxes import MOST_BOXES, MOST_OVERLAP, candidates_in, kept_boxes, overlaps

RNG = np.random.default_rng(0)


def greedy(candidates: np.ndarray) -> np.ndarray:
    """One box after the other, as the textbook has it."""
    kept: list[np.ndarray] = []
    for box in candidates[np.argsort(-candidates[:, 1], kind="stable")]:
        same = [one for one in kept if one[0] == box[0]]
        if box[1] > 0 and all(overlaps(box[None, 2:], o[None, 2:]) <= MOST_OVERLAP for o in same):
            kept.append(box)
    return np.array(kept[:MOST_BOXES]).reshape(-1, 6)


def test_overlaps_by_hand() -> None:
    one, other = np.array([[0.0, 0, 4, 4]]), np.array([[2.0, 0, 6, 4], [9.0, 9, 9, 9]])
    assert overlaps(one, other) == pytest.approx(np.array([[8 / 24, 0]]))


def test_like_one_box_after_the_other() -> None:
    corners = RNG.uniform(0, 30, (70, 60, 2))
    sizes = RNG.uniform(5, 20, (70, 60, 2))
    labels, scores = RNG.integers(0, 2, (70, 60, 1)), RNG.random((70, 60, 1))
    scores[:, :3] = 0
    candidates = np.concatenate([labels, scores, corners, corners + sizes], axis=2)
    found = kept_boxes(candidates)
    for own, some in zip(found, candidates):
        wanted = greedy(some)
        assert np.allclose(own[: len(wanted)], wanted)
        assert (own[len(wanted) :, 0] == -1).all()


def test_a_chain_of_boxes() -> None:
    # Each box overlaps only the one before it: every second one stays.
    left = np.arange(6.0)
    boxes = np.stack([left, np.zeros(6), left + 5, np.ones(6) * 4], axis=1)
    candidates = np.concatenate([np.zeros((6, 1)), 0.9 - 0.1 * left[:, None], boxes], axis=1)
    assert kept_boxes(candidates[None])[0, :, 2].tolist()[:3] == [0, 2, 4]


def test_no_more_than_the_surest() -> None:
    far = np.arange(150.0)[:, None] * 10
    boxes = np.concatenate([far, far, far + 5, far + 5], axis=1)
    scores = np.linspace(0.9, 0.1, 150)[:, None]
    found = kept_boxes(np.concatenate([np.zeros((150, 1)), scores, boxes], axis=1)[None])
    assert found.shape == (1, MOST_BOXES, 6)
    assert found[0, -1, 1] == scores[MOST_BOXES - 1, 0]


def test_candidates_stand_behind_the_classes() -> None:
    values = np.arange(14.0)[None]
    assert candidates_in(values, 2)[0].tolist() == [[2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13]]
