"""A question to a function of tensors: why does it give this number for this sample?

The function may be anything that maps named tensors to one number per sample. Methods that look
inside (hooks, shuffled weights) need the module too; where it is not given they say so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError
from lamina.explanation.features import AbstractFeatures, Columns

Function = Callable[[Mapping[str, Tensor]], Tensor]
"""Inputs by name to the number that is explained, float [samples]."""

MOST_NUMBERS = 4_000_000
"""Numbers of the inputs that are answered at once."""

MOST_SAMPLES = 2_048
"""Samples that are answered at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where integers have become vectors: gradients are taken at the output of a module."""

    module: str
    """Its name in the network."""
    owners: Tensor | None = None
    """Number of the input that each number of the output is made from, int64 [width]; None where
    the output is [batch, words, width] and has a vector for each number of the input."""


@dataclass(frozen=True, slots=True)
class Question:
    """One number of the answer for one sample."""

    bind: Callable[[nn.Module | None], Function]
    """The function, of the network itself or of a changed copy of it."""
    inputs: Mapping[str, Tensor]
    """By name, [1, ...]."""
    features: Mapping[str, AbstractFeatures]
    """Of the inputs that are to be attributed; the others stay as they are."""
    network: nn.Module | None = None
    """The module behind the function, in evaluation mode; None where there is none."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where to take gradients for inputs that are integers."""
    mixed: frozenset[str] = frozenset()
    """Inputs without vectors of their own: floats, and words of which sequences are counted."""

    @property
    def function(self) -> Function:
        """The function of the network as it is."""
        return self.bind(self.network)

    def counts(self) -> dict[str, int]:
        """Return how many features each input has."""
        return {name: own.count(self.inputs[name]) for name, own in self.features.items()}

    def split(self, flat: Tensor) -> dict[str, Tensor]:
        """Return what stands side by side for all features, by input.

        Args:
            flat: [..., features of all inputs].
        """
        counts = self.counts()
        return dict(zip(counts, flat.split(list(counts.values()), dim=-1)))

    def only(self, names: Sequence[str]) -> "Question":
        """Return the question with the features of some inputs; the others stay as they are.

        Args:
            names: The inputs.
        """
        return replace(self, features={name: self.features[name] for name in names})

    def value(self) -> float:
        """Return the number that is explained."""
        with torch.no_grad():
            return float(self.function(self.inputs)[0])

    def answers_without(self, removed: Tensor) -> Tensor:
        """Return the number with some features taken away, averaged over what stands in for them.

        Args:
            removed: bool [versions, features of all inputs].

        Returns:
            float [versions], on the CPU.
        """
        function = self.function
        found = self.several_without(lambda inputs: function(inputs)[:, None], removed)
        return found.flatten()

    def several_without(self, function: Function, removed: Tensor) -> Tensor:
        """Return several numbers of another function with some features taken away.

        Args:
            function: Inputs by name to float [samples, numbers].
            removed: bool [versions, features of all inputs].

        Returns:
            float [versions, numbers], on the CPU.
        """
        most = max([own.num_replacements for own in self.features.values()], default=1)
        numbers = sum(value.numel() for value in self.inputs.values()) * most
        size = max(1, min(MOST_SAMPLES // most, MOST_NUMBERS // max(1, numbers)))
        parts = []
        with torch.no_grad():
            for some in removed.split(size):
                inputs = self._versions(some, most)
                found = function(inputs)
                each = found.view(len(some), most, found.shape[1])
                parts.append(each.mean(dim=1).float().cpu())
        return torch.cat(parts) if parts else torch.zeros(0, 1)

    def baselines(self, name: str) -> Tensor:
        """Return an input with all its features taken away, [replacements, ...].

        Args:
            name: The input.
        """
        values, own = self.inputs[name], self.features[name]
        removed = torch.ones(1, own.count(values), dtype=torch.bool, device=values.device)
        return own.without(values, removed)[0]

    def _versions(self, removed: Tensor, most: int) -> dict[str, Tensor]:
        """Return the inputs of versions × replacements samples."""
        masks, found = self.split(removed), {}
        for name, values in self.inputs.items():
            shape = (len(removed), most, *values.shape[1:])
            if name not in self.features:
                found[name] = values.unsqueeze(0).expand(shape).flatten(0, 1)
                continue
            changed = self.features[name].without(values, masks[name].to(values.device))
            shape = (len(removed), most, *changed.shape[2:])
            found[name] = changed.expand(shape).flatten(0, 1)
        return found


def ask(
    function: Callable[..., Tensor],
    *tensors: Tensor,
    output: int | None = None,
    features: Sequence[AbstractFeatures] | None = None,
    places: Mapping[int, Place] | None = None,
) -> Question:
    """Return a question to any callable of tensors.

    The inputs are named "0", "1", … in their order. Without `features`, every number of a float
    input is a feature of its own, and 0 stands in for it.

    Args:
        function: Takes the tensors, gives float [samples] or [samples, outputs].
        *tensors: The sample, [1, ...] each.
        output: Which output is explained; None where there is one only.
        features: Of each tensor.
        places: By number of a tensor of integers: where its vectors are.

    Raises:
        ConfigError: The sample has more than one row, or the function has several outputs and none
            was chosen.
    """
    for tensor in tensors:
        if tensor.shape[0] != 1:
            raise ConfigError(
                f"a question is about one sample; got a tensor of shape {list(tensor.shape)}. "
                "Give x[i : i + 1]."
            )
    own = features or [_each_number(tensor) for tensor in tensors]
    names = [str(number) for number in range(len(tensors))]

    def bind(network: nn.Module | None) -> Function:
        def answer(inputs: Mapping[str, Tensor]) -> Tensor:
            called = function if network is None else network
            found = called(*(inputs[name] for name in names))
            if output is not None:
                return found[:, output]
            if found.dim() > 1 and found[0].numel() != 1:
                raise ConfigError(
                    f"the function gives {list(found.shape[1:])} numbers per sample. Say which one "
                    "to explain, such as output=0."
                )
            return found.reshape(len(found))

        return answer

    return Question(
        bind,
        dict(zip(names, tensors)),
        dict(zip(names, own)),
        function if isinstance(function, nn.Module) else None,
        {str(number): place for number, place in (places or {}).items()},
    )


def _each_number(tensor: Tensor) -> AbstractFeatures:
    if tensor.dim() != 2:
        raise ConfigError(
            f"features of a tensor of shape {list(tensor.shape)} must be given, such as "
            "Patches(4, torch.zeros(3)) for a picture or Words() for a text."
        )
    return Columns(torch.arange(tensor.shape[1]), tensor.new_zeros(1, tensor.shape[1]))


@contextmanager
def replaced_output(module: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Change what a module gives while the context lasts.

    Args:
        module: The module.
        change: Its output to what goes on in its place.
    """
    handle = module.register_forward_hook(lambda _module, _inputs, output: change(output))
    try:
        yield
    finally:
        handle.remove()
