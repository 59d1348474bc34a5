"""Small input specs with samples to match, shared by the tests of networks."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from lamina.core.records import InputSpec
from lamina.core.spelling import spellings


def number_spec(columns: int = 3, missing: tuple[bool, ...] | None = None) -> InputSpec:
    """Return a spec of number columns with quantiles of a normal distribution."""
    points = torch.special.ndtri(torch.linspace(0.001, 0.999, 65)).numpy()
    return InputSpec(
        name="number",
        kind="number",
        columns=tuple(f"n{i}" for i in range(columns)),
        shape=(columns,),
        quantiles=np.tile(points.astype(np.float32), (columns, 1)),
        missing=missing,
    )


def category_spec(cardinalities: tuple[int, ...] = (3, 5, 21)) -> InputSpec:
    """Return a spec of category columns."""
    names = tuple(f"c{i}" for i in range(len(cardinalities)))
    return InputSpec(
        name="category",
        kind="category",
        columns=names,
        shape=(len(names),),
        cardinalities=cardinalities,
    )


def image_spec(channels: int = 3, side: int = 16) -> InputSpec:
    """Return a spec of pictures."""
    return InputSpec(
        name="photo",
        kind="image",
        columns=("photo",),
        shape=(channels, side, side),
        mean=(0.5,) * channels,
        deviation=(0.25,) * channels,
    )


def text_spec(vocabulary_size: int = 50) -> InputSpec:
    """Return a spec of texts."""
    return InputSpec(
        name="review",
        kind="text",
        columns=("review",),
        shape=(),
        vocabulary_size=vocabulary_size,
    )


def spelt_spec(*words: str) -> InputSpec:
    """Return a spec of texts with a vocabulary whose spelling is known."""
    table = np.concatenate([np.zeros((2, 2), dtype=np.int64), spellings(words)])
    return replace(text_spec(2 + len(words)), spellings=table)


def categories(spec: InputSpec, rows: int) -> Tensor:
    """Return random ids of a category spec."""
    columns = [torch.randint(0, size, (rows,)) for size in spec.cardinalities]
    return torch.stack(columns, dim=1)


def series_spec(channels: int = 1, num_steps: int = 60) -> InputSpec:
    """Return a spec of series."""
    return InputSpec("walk", "series", ("walk",), (channels,), num_steps=num_steps)


def sound_spec(rate: int = 4000, num_steps: int = 1600) -> InputSpec:
    """Return a spec of sounds."""
    return InputSpec("call", "sound", ("call",), (), num_steps=num_steps, rate=rate)
