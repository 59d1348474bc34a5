"""Deletion and insertion curves, worked out by hand."""

import pytest
import torch

from lamina.explanation.curves import curves, order_of
from tests.explanation.made import linear, perceptron


def test_curves_by_hand():
    # A sum of 1, 2 and 3: taken away from the greatest it goes 6, 3, 1, 0, put back 0, 3, 5, 6.
    asked = linear([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [[0.0, 0.0, 0.0]])
    found, wrong = curves(asked, torch.tensor([[2, 1, 0], [0, 1, 2]]))
    assert found.deletion == (6.0, 3.0, 1.0, 0.0)
    assert found.insertion == (0.0, 3.0, 5.0, 6.0)
    # Areas: (3 + 3 + 5 + 1.5·... by trapezoids) insertion 11/3, deletion 7/3.
    assert found.score == pytest.approx(4 / 3)
    assert wrong.score == pytest.approx(-4 / 3)


def test_the_order_goes_over_all_inputs():
    order = order_of({"a": torch.tensor([0.1, 3.0]), "b": torch.tensor([-2.0, 1.0])})
    assert order.tolist() == [1, 3, 0, 2]


def test_few_steps_take_several_features_at_once():
    asked = perceptron(40)
    (found,) = curves(asked, torch.arange(40)[None], num_steps=4)
    assert found.shares == (0.0, 0.25, 0.5, 0.75, 1.0)


def test_random_orders_score_nothing_on_average():
    asked = perceptron()
    orders = torch.stack([torch.randperm(8) for _ in range(400)])
    scores = torch.tensor([one.score for one in curves(asked, orders)])
    assert abs(float(scores.mean())) < 3 * float(scores.std()) / 20
