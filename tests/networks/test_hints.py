"""Hints of layers to the optimizer."""

import torch
from torch import nn

from lamina.networks.hints import Hint, parameter_hints


class _Slow(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.scale = nn.Parameter(torch.ones(2))

    def parameter_hints(self):
        return {"scale": Hint(rate=6.0), "linear.bias": Hint(decay=0.0)}


class _Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.slow = _Slow()
        self.table = nn.Embedding(3, 2)

    def parameter_hints(self):
        return {"slow.scale": Hint(rate=2.0)}


def test_every_parameter_has_a_hint_and_the_outer_module_overrules() -> None:
    hints = parameter_hints(_Outer())
    assert hints == {
        "slow.linear.weight": Hint(),
        "slow.linear.bias": Hint(decay=0.0),
        "slow.scale": Hint(rate=2.0),
        "table.weight": Hint(matrix=False),
    }
