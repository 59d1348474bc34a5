"""Members are charged apart and averaged."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.objectives.classification import cross_entropy
from lamina.objectives.members import mean_over_members


def test_the_mean_of_the_members_losses():
    output, target = torch.randn(5, 3, 4), torch.randint(0, 4, (5,))
    expected = torch.stack([cross_entropy(output[:, m], target) for m in range(3)]).mean(0)
    assert torch.allclose(mean_over_members(cross_entropy, output, target), expected)


def test_without_members_nothing_changes():
    output, target = torch.randn(5, 4), torch.randint(0, 4, (5,))
    assert torch.equal(
        mean_over_members(cross_entropy, output, target), cross_entropy(output, target)
    )


def test_other_shapes_are_refused():
    with pytest.raises(ConfigError, match="members"):
        mean_over_members(cross_entropy, torch.zeros(1, 2, 3, 4), torch.zeros(1))
