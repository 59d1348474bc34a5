"""The boxes that training pictures have most often."""

import numpy as np

from lamina.evaluation.box_baselines import usual_boxes


def test_the_most_frequent_place_comes_first() -> None:
    truth = np.full((10, 2, 5), -1.0)
    truth[:8, 0] = (1, 0, 0, 10, 10)
    truth[:4, 0, 3] = 11  # nearly the same box
    truth[5:8, 1] = (0, 50, 50, 60, 60)
    truth[8:, 0] = (2, 0, 0, 10, 10)  # of a class beyond those known
    found = usual_boxes(truth, 2)
    assert found.shape == (1, 100, 6)
    first, second, third = found[0, :3]
    assert first[0] == 1
    assert first[1] == 1.0
    assert 10 <= first[4] <= 11
    assert second.tolist() == [0, 3 / 8, 50, 50, 60, 60]
    assert third[1] == 0


def test_without_boxes_there_are_none() -> None:
    assert usual_boxes(np.full((3, 1, 5), -1.0), 2).sum() == 0
