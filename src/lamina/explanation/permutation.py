"""Permutation importance: how much worse the answers are when a column is shuffled among samples.

A global figure: the mean rise of the error over samples and shuffles, with a 95 % interval over
samples. A picture or a text counts as one column, so mixed rows work.

Source: Breiman 2001, "Random forests"; Fisher, Rudin and Dominici 2019, arXiv:1801.01489.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.core.random import permutation
from lamina.core.records import Interval
from lamina.explanation.intervals import mean_interval

Errors = Callable[[Mapping[str, Tensor]], Tensor]
"""Inputs by name to the error of each sample, float [samples]."""


@dataclass(frozen=True, slots=True)
class Shuffled:
    """What is shuffled together."""

    name: str
    """Name of the column."""
    input: str
    """The input that holds it."""
    numbers: Tensor | None = None
    """Which numbers of the input's last dimension it is, int64; None for the whole input."""


def permutation_importances(
    errors: Errors,
    inputs: Mapping[str, Tensor],
    columns: tuple[Shuffled, ...],
    *,
    num_shuffles: int = 3,
    seed: int = 0,
) -> Iterator[tuple[str, Interval]]:
    """Yield each column with the rise of the error when it is shuffled, one after the other.

    Args:
        errors: The error of each sample; smaller is better.
        inputs: All samples, [samples, ...] by name.
        columns: What is shuffled.
        num_shuffles: Shuffles whose mean is taken.
        seed: Decides the shuffles.
    """
    with torch.no_grad():
        before = errors(inputs).double().cpu()
        count = len(before)
        for place, column in enumerate(columns):
            rise = torch.zeros_like(before)
            for shuffle in range(num_shuffles):
                order = permutation(seed, f"importance {place}", shuffle, count)
                changed = _changed(inputs[column.input], column.numbers, order)
                after = errors({**inputs, column.input: changed}).double().cpu()
                rise += (after - before) / num_shuffles
            yield column.name, mean_interval(rise.numpy(), seed=seed)


def _changed(values: Tensor, numbers: Tensor | None, order: Tensor) -> Tensor:
    order = order.to(values.device)
    if numbers is None:
        return values[order]
    changed = values.clone()
    own = numbers.to(values.device)
    changed[..., own] = values[order][..., own]
    return changed
