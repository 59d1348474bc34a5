"""Hints of layers to the optimizer: how fast each parameter learns and whether it decays.

A module that knows better than the optimizer has a method `parameter_hints()` that maps its local
parameter names to `Hint`s. The optimizer multiplies; it never has to know the layer.
"""

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True, slots=True)
class Hint:
    """What a layer tells the optimizer about one parameter."""

    rate: float = 1.0
    """Factor on the learning rate."""
    decay: float = 1.0
    """Factor on the weight decay; 0 for none."""
    matrix: bool | None = None
    """Is it a matrix that maps features to features (for Muon)? None: decide by its shape."""


_LOOKUPS = (nn.Embedding, nn.EmbeddingBag)


def parameter_hints(model: nn.Module) -> dict[str, Hint]:
    """Return the hint of every parameter of a model by its full name.

    A module's hints may name parameters of its children ("cell.weight"); the outer module then
    overrules the inner. Look-up tables are never matrices.

    Args:
        model: The model; a parameter that nobody speaks for gets `Hint()`.
    """
    hints = {name: Hint() for name, _ in model.named_parameters()}
    # Children first, so that the outer module has the last word.
    for prefix, module in reversed(list(model.named_modules())):
        dot = f"{prefix}." if prefix else ""
        if isinstance(module, _LOOKUPS):
            hints[f"{dot}weight"] = Hint(matrix=False)
        own = getattr(module, "parameter_hints", None)
        if own is not None:
            hints.update({f"{dot}{name}": hint for name, hint in own().items()})
    return hints
