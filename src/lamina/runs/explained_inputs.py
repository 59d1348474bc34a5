"""What of each kind of input can be attributed in a trained model, and how finely."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from lamina.core.records import InputSpec
from lamina.explanation.features import (
    AbstractFeatures,
    Columns,
    Patches,
    PlacedWords,
    Windows,
    Words,
)

MOST_PATCHES = 8
"""Patches along the longer side of a picture."""

MOST_WORDS = 256
"""Words of a text that are features of their own; of longer ones, runs of words are."""

MOST_WINDOWS = 32
"""Windows of a series."""

FEWEST_RUNS, MOST_READ = 32, 1 << 13
"""Of a text cut into pieces: fewest runs of pieces that are features, and most pieces read to take
each of them away once."""


def features_of(
    spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]
) -> AbstractFeatures:
    """Return the features of an input of one sample.

    Args:
        spec: What the data says about the input.
        values: The input, [1, ...].
        references: What stands in for numbers, categories and words, by input.
    """
    return _FEATURES[spec.kind](spec, values, references)


def _columns(spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]) -> AbstractFeatures:
    names = list(dict.fromkeys(spec.columns))
    groups = torch.tensor([names.index(name) for name in spec.columns], device=values.device)
    return Columns(groups, references[spec.name].to(values.device))


def _patches(spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]) -> AbstractFeatures:
    del references
    size = math.ceil(max(values.shape[-2:]) / MOST_PATCHES)
    return Patches(size, 255.0 * torch.tensor(spec.mean or (0.5,) * spec.shape[0]))


def _words(spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]) -> AbstractFeatures:
    del references
    length, most = values.shape[1], MOST_WORDS
    if spec.token_bytes is not None:
        # A piece alone says little, and a network that writes has to read all of it each time.
        most = max(FEWEST_RUNS, min(MOST_WORDS // 2, MOST_READ // length))
    return Words(math.ceil(length / most))


def _placed_words(
    spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]
) -> AbstractFeatures:
    (unknown,) = references[spec.name]
    return PlacedWords(unknown, math.ceil(values.shape[1] / MOST_WORDS))


def _windows(spec: InputSpec, values: Tensor, references: Mapping[str, Tensor]) -> AbstractFeatures:
    del spec, references
    return Windows(math.ceil(values.shape[1] / MOST_WINDOWS))


_FEATURES: Mapping[str, Callable[[InputSpec, Tensor, Mapping[str, Tensor]], AbstractFeatures]] = {
    "number": _columns,
    "category": _columns,
    "image": _patches,
    "text": _words,
    "words": _placed_words,
    "series": _windows,
    "sound": _windows,
}
