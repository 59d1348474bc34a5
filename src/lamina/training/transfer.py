"""Transfer: start from the weights of another run.

Weights are taken by name where the shapes agree; what does not fit (another number of classes, say)
stays fresh and is reported. Parts can be frozen by patterns of names, and parts that were taken can
learn more slowly, the more so the deeper they lie.

Source: Yosinski et al. 2014, arXiv:1411.1792; discriminative rates from Howard and Ruder 2018,
arXiv:1801.06146. Differs: layers are the modules that own parameters, in the model's order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferReport:
    """What became of another run's weights."""

    taken: tuple[str, ...]
    """Names that fitted and were copied."""
    other_shape: tuple[str, ...]
    """Names that both have, but in another shape: they start afresh."""
    fresh: tuple[str, ...]
    """Names of the model that the other run does not have."""
    unused: tuple[str, ...]
    """Names of the other run that the model does not have."""

    def summary(self) -> str:
        """Return one sentence for the user."""
        parts = [f"{len(self.taken)} tensors taken"]
        if self.other_shape:
            parts.append(f"{len(self.other_shape)} of another shape start afresh")
        if self.fresh:
            parts.append(f"{len(self.fresh)} are new")
        if self.unused:
            parts.append(f"{len(self.unused)} were not needed")
        return ", ".join(parts) + "."


@torch.no_grad()
def transfer_weights(model: nn.Module, tensors: Mapping[str, Tensor]) -> TransferReport:
    """Copy the weights that fit into a model.

    Args:
        model: The model; changed in place.
        tensors: Weights of another run by name.

    Returns:
        What was taken and what was not.

    Raises:
        ConfigError: Nothing fits.
    """
    own = model.state_dict()
    taken = [name for name in own if name in tensors and tensors[name].shape == own[name].shape]
    other_shape = [name for name in own if name in tensors and name not in set(taken)]
    if not taken:
        raise ConfigError(
            f"none of the {len(tensors)} weights of the other run fits this model's {len(own)}. "
            "Use the same network as that run."
        )
    for name in taken:
        own[name].copy_(tensors[name])
    return TransferReport(
        taken=tuple(taken),
        other_shape=tuple(other_shape),
        fresh=tuple(name for name in own if name not in tensors),
        unused=tuple(name for name in tensors if name not in own),
    )


def freeze(model: nn.Module, patterns: Sequence[str]) -> tuple[str, ...]:
    """Exclude parameters from training and return their names.

    Args:
        model: The model; changed in place.
        patterns: Patterns of names, such as "encoders.*".

    Raises:
        ConfigError: A pattern fits nothing, or nothing would be left to train.
    """
    named = dict(model.named_parameters())
    frozen: dict[str, None] = {}
    for pattern in patterns:
        fitting = [name for name in named if fnmatchcase(name, pattern)]
        if not fitting:
            raise ConfigError(
                f"the pattern {pattern!r} to freeze fits no parameter. Names look like "
                f"{next(iter(named))!r}."
            )
        frozen.update(dict.fromkeys(fitting))
    if len(frozen) == len(named):
        raise ConfigError(f"freezing {list(patterns)!r} leaves nothing to train.")
    for name in frozen:
        named[name].requires_grad_(False)
    return tuple(frozen)


def transfer_rates(
    model: nn.Module, report: TransferReport, *, rate: float = 0.1, per_layer: float = 1.0
) -> dict[str, float]:
    """Return factors on the learning rate, for `TrainingConfig.rates`.

    Args:
        model: The model that received the weights.
        report: What it received.
        rate: Factor of the last layer that was taken; what is new learns at 1.
        per_layer: Further factor for each layer below it, in (0, 1].

    Raises:
        ConfigError: A factor is out of range.
    """
    if not rate > 0 or not 0 < per_layer <= 1:
        raise ConfigError(
            f"rate must be above 0 and per_layer in (0, 1], got {rate!r} and {per_layer!r}."
        )
    taken = set(report.taken)
    names = [name for name, _ in model.named_parameters() if name in taken]
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    depth = {layer: len(layers) - 1 - place for place, layer in enumerate(layers)}
    return {name: rate * per_layer ** depth[name.rpartition(".")[0]] for name in names}


def set_training_mode(model: nn.Module) -> None:
    """Put a model into training mode, but for frozen modules with running statistics.

    A frozen batch normalisation would otherwise go on changing.

    Args:
        model: The model.
    """
    model.train()
    for module in model.modules():
        parameters = list(module.parameters(recurse=False))
        has_statistics = getattr(module, "running_mean", None) is not None
        if has_statistics and parameters and not any(p.requires_grad for p in parameters):
            module.eval()
