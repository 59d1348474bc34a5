"""Full precision amid bfloat16."""

import torch
from torch import nn

from lamina.networks.layers.precision import full_precision


class Halves(nn.Module):
    """A product in bfloat16 and one in full precision."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        first = x @ x
        with full_precision(x.device):
            return first, x @ x


def test_nothing_is_lowered_inside() -> None:
    x = torch.randn(4, 4)
    with torch.autocast("cpu", torch.bfloat16):
        first, second = Halves()(x)
    assert (first.dtype, second.dtype) == (torch.bfloat16, torch.float32)
    torch.testing.assert_close(second, x @ x)


def test_what_is_exported_has_no_context() -> None:
    program = torch.export.export(Halves(), (torch.randn(4, 4),))
    assert "autocast" not in str(program.graph)
