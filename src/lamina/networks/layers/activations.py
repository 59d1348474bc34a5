"""Activations: functions of a tensor, element by element (softmax: over the last dimension).

Source: torch.nn.functional for all but `relu_squared` (So et al. 2021, "Primer", arXiv:2109.08668).
A gated unit has weights of its own and is a feed-forward layer (`feed_forward.py`).
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.table import Entry, look_up, table

Activation = Callable[[Tensor], Tensor]
"""A function of one tensor."""


def relu_squared(inputs: Tensor) -> Tensor:
    """Return max(x, 0)².

    Args:
        inputs: Any shape.
    """
    return F.relu(inputs).square()


def gelu_tanh(inputs: Tensor) -> Tensor:
    """Return x Φ(x) with the tanh that stands for Φ in GPT-2.

    Args:
        inputs: Any shape.
    """
    return F.gelu(inputs, approximate="tanh")


def quick_gelu(inputs: Tensor) -> Tensor:
    """Return x sigmoid(1.702 x).

    Args:
        inputs: Any shape.
    """
    return inputs * torch.sigmoid(1.702 * inputs)


def identity(inputs: Tensor) -> Tensor:
    """Return the input itself.

    Args:
        inputs: Any shape.
    """
    return inputs


def softmax(inputs: Tensor) -> Tensor:
    """Return shares that sum to 1 over the last dimension.

    Args:
        inputs: [..., features].
    """
    return F.softmax(inputs, dim=-1)


ACTIVATIONS: Mapping[str, Entry[Activation]] = table(
    Entry("elu", F.elu, "x, below zero exp(x) - 1.", "Clevert et al. 2015, arXiv:1511.07289"),
    Entry("gelu", F.gelu, "x Φ(x).", "Hendrycks and Gimpel 2016, arXiv:1606.08415"),
    Entry("gelu_tanh", gelu_tanh, "GELU with a tanh for Φ.", "arXiv:1606.08415"),
    Entry("hardswish", F.hardswish, "x clip(x + 3, 0, 6) / 6.", "Howard 2019, arXiv:1905.02244"),
    Entry("identity", identity, "x; the layer stays linear."),
    Entry("leaky_relu", F.leaky_relu, "x, below zero x / 100.", "Maas et al. 2013"),
    Entry("mish", F.mish, "x tanh(softplus(x)).", "Misra 2019, arXiv:1908.08681"),
    Entry("quick_gelu", quick_gelu, "x sigmoid(1.702 x).", "arXiv:1606.08415"),
    Entry("relu", F.relu, "max(x, 0).", "Nair and Hinton 2010"),
    Entry("relu_squared", relu_squared, "max(x, 0)².", "So et al. 2021, arXiv:2109.08668"),
    Entry("selu", F.selu, "Self-normalising ELU.", "Klambauer et al. 2017, arXiv:1706.02515"),
    Entry("sigmoid", torch.sigmoid, "1 / (1 + exp(-x)).", "Rumelhart et al. 1986"),
    Entry("silu", F.silu, "x sigmoid(x).", "Elfwing et al. 2017, arXiv:1702.03118"),
    Entry("softmax", softmax, "Shares over the last dimension.", "Bridle 1990"),
    Entry("softplus", F.softplus, "log(1 + exp(x)).", "Dugas et al. 2000"),
    Entry("tanh", torch.tanh, "Hyperbolic tangent.", "LeCun 1989"),
)
"""All activations by name."""


def activation(name: str) -> Activation:
    """Return an activation.

    Args:
        name: Its name in `ACTIVATIONS`.

    Raises:
        ConfigError: There is no such name.
    """
    return look_up(ACTIVATIONS, name, what="activation")


class ActivationLayer(nn.Module):
    """An activation as a module, for use in `nn.Sequential`.

    Args:
        name: Its name in `ACTIVATIONS`.
    """

    function: Activation

    def __init__(self, name: str) -> None:
        super().__init__()
        self.function = activation(name)
        self.name = name

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return self.function(inputs)

    @override
    def extra_repr(self) -> str:
        return self.name
