"""Parameter groups: which weights learn how fast, and which decay.

Weight decay is for weights of two dimensions and more; biases, norms and scalars have none. Layers
speak through their hints, the user through patterns of names (slow rates for a transferred body).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from torch import nn

from lamina.core.errors import ConfigError
from lamina.networks.hints import Hint, parameter_hints


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """Parameters that are treated alike."""

    names: tuple[str, ...]
    """Full names in the model."""
    parameters: tuple[nn.Parameter, ...]
    """The parameters, in the order of the names."""
    rate: float
    """Factor on the learning rate."""
    decay: float
    """Factor on the weight decay."""
    matrix: bool
    """They map features to features, so that Muon may have them."""


def parameter_groups(
    model: nn.Module, *, rates: Mapping[str, float] | None = None
) -> list[ParameterGroup]:
    """Return the trainable parameters of a model in groups.

    Args:
        model: The model; parameters with `requires_grad=False` are left out.
        rates: Pattern of names, such as "encoders.*", to a further factor on the rate; the last
            pattern that fits counts.

    Raises:
        ConfigError: A pattern fits no parameter, or nothing is left to train.
    """
    hints = parameter_hints(model)
    factors = _factors(model, rates or {})
    found: dict[tuple[float, float, bool], tuple[list[str], list[nn.Parameter]]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        hint = hints.get(name, Hint())
        decay = hint.decay if parameter.dim() >= 2 else 0.0
        matrix = parameter.dim() >= 2 and hint.matrix is not False
        names, parameters = found.setdefault(
            (hint.rate * factors.get(name, 1.0), decay, matrix), ([], [])
        )
        names.append(name)
        parameters.append(parameter)
    if not found:
        raise ConfigError("the model has no parameter to train. Unfreeze a part of it.")
    return [
        ParameterGroup(tuple(names), tuple(parameters), rate, decay, matrix)
        for (rate, decay, matrix), (names, parameters) in found.items()
    ]


def _factors(model: nn.Module, rates: Mapping[str, float]) -> dict[str, float]:
    names = [name for name, _ in model.named_parameters()]
    factors = {}
    for pattern, factor in rates.items():
        fitting = [name for name in names if fnmatchcase(name, pattern)]
        if not fitting:
            raise ConfigError(
                f"the rate pattern {pattern!r} fits no parameter. Names look like {names[0]!r}."
            )
        factors.update(dict.fromkeys(fitting, factor))
    return factors
