"""Permutation importance."""

import pytest
import torch

from lamina.explanation.permutation import Shuffled, permutation_importances


def test_what_is_used_counts_and_what_is_not_does_not():
    torch.manual_seed(0)
    inputs = {"number": torch.randn(2_000, 3), "text": torch.randint(2, 9, (2_000, 4))}
    truth = 2 * inputs["number"][:, 0] + inputs["text"].float().mean(dim=1)

    def errors(given):
        found = 2 * given["number"][:, 0] + given["text"].float().mean(dim=1)
        return (found - truth).square()

    columns = (
        Shuffled("x", "number", torch.tensor([0])),
        Shuffled("y", "number", torch.tensor([1, 2])),
        Shuffled("text", "text"),
    )
    before = {name: value.clone() for name, value in inputs.items()}
    found = dict(permutation_importances(errors, inputs, columns))
    # Two independent draws differ by twice the variance on average: 2 · 4 · 1, and 2 · 4 / 4.
    assert found["x"].value == pytest.approx(8.0, rel=0.1)
    assert found["x"].low < 8.0 < found["x"].high
    assert found["y"].value == found["y"].low == found["y"].high == 0.0
    assert found["text"].value == pytest.approx(2 * 49 / 12 / 4, rel=0.15)
    assert all(torch.equal(inputs[name], before[name]) for name in inputs)
