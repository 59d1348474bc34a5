"""The contract of every objective: one finite loss per sample, exact under any split."""

import pytest
import torch

from lamina.core.boxes import SIDE_BINS
from lamina.core.config import part_from_document, part_to_document
from lamina.objectives.table import OBJECTIVES


def sample(name, size):
    if name in ("cross_entropy", "focal"):
        return torch.randn(size, 3), torch.randint(0, 3, (size,))
    if name == "binary_cross_entropy":
        return torch.randn(size, 1), torch.randint(0, 2, (size,))
    if name == "multi_label":
        return torch.randn(size, 3), torch.randint(0, 2, (size, 3)).float()
    if name == "pinball":
        return torch.randn(size, 6), torch.randn(size, 2)
    if name in ("angular_margin", "triplet_center"):
        return torch.rand(size, 3) - 0.5, torch.randint(0, 3, (size,))
    if name in ("next_token", "masked", "transcript", "all_tags"):
        return torch.rand(size), torch.randint(1, 9, (size,))
    if name == "detection":
        places = torch.tensor([[4.0, 4.0, 8.0], [12.0, 4.0, 8.0]]).expand(size, -1, -1)
        boxes = torch.tensor([[1.0, 0, 0, 9, 9], [-1.0, 0, 0, 0, 0]]).expand(size, -1, -1)
        return torch.cat([places, torch.randn(size, 2, 4 * SIDE_BINS + 3)], dim=2), boxes
    if name == "pixel_classes":
        return torch.randn(size, 3, 4, 5), torch.randint(0, 3, (size, 4, 5), dtype=torch.uint8)
    return torch.randn(size, 2), torch.randn(size, 2)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_contract(name):
    entry = OBJECTIVES[name]
    objective = entry.value().build(class_counts=torch.tensor([4, 3, 3]))
    output, target = sample(name, 10)
    output.requires_grad_()
    losses = objective(output, target)
    assert entry.source
    assert entry.summary
    assert losses.shape == (10,)
    assert torch.isfinite(losses).all()
    assert (losses >= 0).all()
    parts = [objective(output[a:b], target[a:b]) for a, b in ((0, 1), (1, 4), (4, 10))]
    assert torch.allclose(torch.cat(parts), losses)
    losses.sum().backward()
    assert output.grad.abs().sum() > 0
    if output.dim() == 1:  # one number per sample, which the network has summed
        return
    members = torch.stack([output.detach(), output.detach() + 1], 1)
    expected = (objective(members[:, 0], target) + objective(members[:, 1], target)) / 2
    assert torch.allclose(objective(members, target), expected)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_documents_round_trip(name):
    config = OBJECTIVES[name].value()
    document = part_to_document(name, config)
    assert part_from_document(OBJECTIVES, document, what="objective") == config
