"""Transfer: start from the weights of another run.

Weights are taken by name where the shapes agree and, as far as the schemas of both runs are known,
where they stand for the same (`meaning.py`); what does not fit (another number of classes, say)
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
from lamina.networks.model import Model
from lamina.networks.parts import AbstractEncoder
from lamina.training.meaning import Meaning, Offer, offer, strange_of_whole


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
    other_meaning: tuple[str, ...] = ()
    """Names of one shape that stand for other columns, words or classes: they start afresh."""
    words: tuple[int, int] = (0, 0)
    """Words of texts that both know, and words of the model."""

    def summary(self) -> str:
        """Return one sentence for the user."""
        parts = [f"{len(self.taken)} tensors taken"]
        if self.other_shape:
            parts.append(f"{len(self.other_shape)} of another shape start afresh")
        if self.other_meaning:
            parts.append(
                f"{len(self.other_meaning)} that stand for other columns, words or classes start "
                "afresh"
            )
        if self.fresh:
            parts.append(f"{len(self.fresh)} are new")
        if self.unused:
            parts.append(f"{len(self.unused)} were not needed")
        known, words = self.words
        if known < words:
            parts.append(f"{known:,} of {words:,} words are known")
        return ", ".join(parts) + "."


@torch.no_grad()
def transfer_weights(
    model: nn.Module,
    tensors: Mapping[str, Tensor],
    *,
    meanings: tuple[Meaning, Meaning] | None = None,
) -> TransferReport:
    """Copy the weights that fit into a model.

    Args:
        model: The model; changed in place.
        tensors: Weights of another run by name.
        meanings: What the tensors of the model and of the other run stand for; None trusts the
            names.

    Returns:
        What was taken and what was not.

    Raises:
        ConfigError: Nothing fits, or a network without parts of its own reads other words.
    """
    own = model.state_dict()
    if isinstance(model, Model) and meanings is not None:
        offered = offer(model, tensors, *meanings)
    else:
        strange = set() if meanings is None else strange_of_whole(model, *meanings)
        named = {name: tensors[name] for name in own if name in tensors}
        offered = Offer(named, strange & set(named), set(own))
    found = offered.tensors
    same_shape = {name for name in found if found[name].shape == own[name].shape}
    fitting = same_shape - offered.strange
    fitting -= _torn(model, fitting)
    taken = [name for name in own if name in fitting]
    if not taken:
        raise ConfigError(
            f"none of the {len(tensors)} weights of the other run fits this model's {len(own)}. "
            "Use the same network as that run."
        )
    for name in taken:
        own[name].copy_(found[name])
    return TransferReport(
        taken=tuple(taken),
        other_shape=tuple(name for name in own if name in found and name not in same_shape),
        fresh=tuple(name for name in own if name not in found),
        unused=tuple(name for name in tensors if name not in offered.used),
        other_meaning=tuple(name for name in own if name in same_shape - fitting),
        words=offered.words,
    )


def _torn(model: nn.Module, fitting: set[str]) -> set[str]:
    """Return the names in parts of which only some tensors fit, though they need each other."""
    found: set[str] = set()
    for prefix, module in model.named_modules():
        if isinstance(module, AbstractEncoder) and module.is_tied:
            names = {f"{prefix}.{name}".lstrip(".") for name in module.state_dict()}
            found |= set() if names <= fitting else names & fitting
    return found


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
    """Put a model into training mode, but for modules of which every parameter is frozen.

    A frozen batch normalisation would otherwise go on changing, and frozen layers would hand on
    other features, with dropout, than they will when they answer.

    Args:
        model: The model.
    """
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            module.eval()
