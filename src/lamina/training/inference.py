"""Answers of a trained model for many rows: in batches, over views and members."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lamina.training.execution import Execution, free_memory, half_as_many
from lamina.training.samples import Samples

Combine = Callable[[Tensor], Tensor]
"""float [rows, answers, size] to float [rows, size]."""

SeenBack = Callable[[Tensor, int], Tensor]
"""Answers to a version, by its number, to answers to the input itself."""

Views = Callable[[Mapping[str, Tensor]], Sequence[Mapping[str, Tensor]]]
"""Inputs to several versions of them whose answers are averaged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answering:
    """How a model answers."""

    combine: Combine
    """One answer out of those of several members and views."""
    execution: Execution
    """Threads, arithmetic and layout."""
    batch_size: int = 1024
    """Samples at a time, as far as they fit in memory."""
    views: Views | None = None
    """Versions of each input; None for the input alone."""
    seen_back: SeenBack | None = None
    """The answer to a version as one to the input itself; None where they are the same."""


def answer(model: nn.Module, data: Samples, index: Tensor, how: Answering) -> dict[str, Tensor]:
    """Return combined outputs for some rows, on the CPU.

    Args:
        model: The model, in float32 or float64; put into evaluation mode and back.
        data: Anything with `batch(index)`.
        index: Row numbers, int64 [rows].
        how: How it answers.

    Returns:
        float32 [rows, size] by output, or uint8 where the answers are classes; answers of free
        length are padded with 0 to the longest.

    Raises:
        TrainingError: Memory runs out with a single sample.
    """
    was_training = model.training
    model.eval()
    parts: dict[str, list[Tensor]] = {}
    try:
        # The layout first: buffers moved inside inference mode could take no gradient ever after.
        with how.execution.active(model), torch.inference_mode():
            for found in _in_batches(model, data, index, how):
                for name, value in found.items():
                    parts.setdefault(name, []).append(value)
    finally:
        model.train(was_training)
    return {name: _joined(values) for name, values in parts.items()}


def _joined(values: Sequence[Tensor]) -> Tensor:
    """Return the rows of all batches; those of free length are padded to the longest."""
    longest = max(value.shape[1] for value in values)
    return torch.cat([F.pad(value, (0, longest - value.shape[1])) for value in values])


def _in_batches(
    model: nn.Module, data: Samples, index: Tensor, how: Answering
) -> Iterator[dict[str, Tensor]]:
    """Yield combined outputs batch by batch, of fewer samples once memory ran out."""
    weight = next(model.parameters())
    device = weight.device
    start, size = 0, how.batch_size
    # Once at least: no rows have answers of the right shape, too.
    while start == 0 or start < len(index):
        rows = index[start : start + size]
        found = None
        try:
            inputs = _as_precise(data.batch(rows).to(device).inputs, weight.dtype)
            answers = _answers(model, inputs, how)
            found = {name: _plain(how.combine(value)) for name, value in answers.items()}
        except RuntimeError as error:
            size = half_as_many(len(rows), error)
        if found is None:
            # Outside the handler, so that the failed attempt's tensors are free by now.
            free_memory(device)
            continue
        yield found
        start += max(1, len(rows))


def _plain(value: Tensor) -> Tensor:
    """Return combined answers on the CPU: numbers as float32, classes as they are."""
    return value.cpu() if value.dtype == torch.uint8 else value.float().cpu()


def _as_precise(inputs: Mapping[str, Tensor], dtype: torch.dtype) -> Mapping[str, Tensor]:
    """Return inputs whose numbers are float64 where the weights are."""
    if dtype != torch.float64:
        return inputs
    return {
        n: value.double() if value.is_floating_point() else value for n, value in inputs.items()
    }


def _answers(model: nn.Module, inputs: Mapping[str, Tensor], how: Answering) -> dict[str, Tensor]:
    """Return float [rows, views × members, size] by output."""
    versions = [inputs] if how.views is None else how.views(inputs)
    found: dict[str, list[Tensor]] = {}
    # A version named several times weighs more; it is computed once.
    distinct = {id(version): version for version in versions}
    answers = {key: how.execution.forward(model, value) for key, value in distinct.items()}
    if how.seen_back is not None:
        for place, (key, own) in enumerate(answers.items()):
            answers[key] = {name: how.seen_back(value, place) for name, value in own.items()}
    for version in versions:
        for name, value in answers[id(version)].items():
            found.setdefault(name, []).append(value[:, None] if value.dim() == 2 else value)
    return {name: torch.cat(values, dim=1) for name, values in found.items()}
