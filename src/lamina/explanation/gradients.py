"""Gradients of the explained number, where an input is a float or has become vectors.

Floats and pictures are followed at the input itself; integers (categories, word ids) at the output
of the module that turns them into vectors, put in by a hook (see `question.Place`). A cell that is
missing (NaN) has no gradient: it keeps its place on every path and is given nothing.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from lamina.explanation.features import Patches
from lamina.explanation.question import Question, replaced_output

Points = Mapping[str, Tensor]
"""By input: floats where gradients are taken, [samples, ...]."""


def reached(question: Question) -> tuple[str, ...]:
    """Return the inputs to which gradients reach.

    Args:
        question: What is asked.
    """
    names = []
    for name in question.features:
        has_place = name in question.places and question.network is not None
        if has_place or _is_smooth(question.inputs[name]):
            names.append(name)
    return tuple(names)


def point_of(question: Question) -> dict[str, Tensor]:
    """Return the sample where gradients are taken, [1, ...] by input.

    Args:
        question: What is asked.
    """
    found = _vectors(question, question.inputs)
    for name in question.features:
        if name not in found:
            found[name] = question.inputs[name].float()
    return found


def baselines_of(question: Question) -> dict[str, Tensor]:
    """Return what paths begin at, [replacements, ...] by input.

    Numbers and pictures begin at what stands in for them, categories at the vectors of what stands
    in for them, words at vectors of zeros, as padding has.

    Args:
        question: What is asked.
    """
    most = max([own.num_replacements for own in question.features.values()], default=1)
    inputs = {}
    for name, values in question.inputs.items():
        chosen = question.baselines(name) if _begins_away(question, name) else values
        inputs[name] = chosen.expand(most, *chosen.shape[1:])
    found = _vectors(question, inputs)
    for name in question.features:
        if name not in found:
            values = question.inputs[name].float()
            found[name] = torch.where(values.isnan(), values, inputs[name].float())
        elif question.places[name].owners is None:
            found[name] = torch.zeros_like(found[name])
    return found


def answers_at(question: Question, points: Points) -> Tensor:
    """Return the explained number at points, float [samples], with its graph.

    Args:
        question: What is asked.
        points: As `point_of` gives them, any number of samples.
    """
    count = len(next(iter(points.values())))
    inputs = {}
    for name, values in question.inputs.items():
        if name in points and name not in question.places:
            inputs[name] = points[name]
        else:
            inputs[name] = values.expand(count, *values.shape[1:])
    with ExitStack() as stack:
        for name in points:
            if name in question.places:
                module = _module(question, name)
                stack.enter_context(replaced_output(module, _constant(points[name])))
        return question.function(inputs)


def gradients_at(question: Question, points: Points) -> dict[str, Tensor]:
    """Return the gradients of the explained number of each sample, of the shape of the points.

    Args:
        question: What is asked.
        points: As `point_of` gives them.
    """
    with torch.enable_grad():
        leaves = {name: value.detach().requires_grad_() for name, value in points.items()}
        total = answers_at(question, leaves).sum()
        found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return {
        name: torch.zeros_like(leaf) if gradient is None else gradient
        for (name, leaf), gradient in zip(leaves.items(), found)
    }


def pooled(question: Question, elements: Points) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return what was attributed to numbers as sums per feature, and per pixel of pictures.

    Args:
        question: What is asked.
        elements: By input, [1, ...] of the shape of the points.
    """
    values, pixels = {}, {}
    for name in question.features:
        found = torch.nan_to_num(elements[name].detach().float())
        own, inputs = question.features[name], question.inputs[name]
        place = question.places.get(name)
        if place is not None:
            found = _of_input(found, place.owners, inputs.shape[1])
        elif isinstance(own, Patches):
            pixels[name] = found[0].sum(dim=0).cpu()
        values[name] = own.pool(inputs, found).cpu()
    return values, pixels


def _of_input(found: Tensor, owners: Tensor | None, count: int) -> Tensor:
    """Return what vectors were given as given to the integers they were made from, [1, count]."""
    if owners is None:
        each = found.sum(dim=2)
        # A network that reads the beginning of a long text only gives nothing to the rest.
        return torch.nn.functional.pad(each, (0, count - each.shape[1]))
    return found.new_zeros(1, count).index_add(1, owners.to(found.device), found)


def _constant(vectors: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda _output: vectors


def _is_smooth(values: Tensor) -> bool:
    return values.is_floating_point() or values.dtype == torch.uint8


def _begins_away(question: Question, name: str) -> bool:
    """Return whether the path of an input begins at another sample's values."""
    if name not in question.features:
        return False
    place = question.places.get(name)
    return place is None or place.owners is not None


def _vectors(question: Question, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what the modules give that turn integers into vectors."""
    names = [name for name in question.features if name in question.places]
    found: dict[str, Tensor] = {}
    with ExitStack() as stack, torch.no_grad():
        for name in names:

            def keep(output: Tensor, own: str = name) -> Tensor:
                found[own] = output.float()
                return output

            stack.enter_context(replaced_output(_module(question, name), keep))
        if names:
            question.function(inputs)
    return found


def _module(question: Question, name: str) -> nn.Module:
    assert question.network is not None, "`reached` asks for the network"
    return question.network.get_submodule(question.places[name].module)
