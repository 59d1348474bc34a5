"""What a family of published networks says about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.core.errors import BundleError
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names

ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}
"""By the published name: ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """One row of the table of families."""

    config: Callable[[Settings], AbstractEncoderConfig]
    """From the published settings to those of our network."""
    names: Callable[[Any], Names]
    """From our settings to the names of the tensors."""
    kind: str
    """Kind of input: "text" or "image"."""


def activation_of(settings: Settings, name: str, default: str = "gelu") -> str:
    """Return our name of the activation of a published network.

    Args:
        settings: Its settings.
        name: Name of the setting.
        default: Its value where it is missing.

    Raises:
        BundleError: We do not have it.
    """
    given = settings.text(name, default)
    if given not in ACTIVATIONS:
        raise BundleError(
            f"the activation {given!r} is not known; known: {', '.join(sorted(ACTIVATIONS))}."
        )
    return ACTIVATIONS[given]
