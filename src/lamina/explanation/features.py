"""What of an input can be attributed, and what it means to take it away: one contract per kind.

A feature is a column of a table, a patch of a picture, a run of words or a window of a series. Each
kind says how many features a sample has, which numbers of its tensor belong to which, and what the
tensor is without some of them. Every method and every check works through this contract, so
integers (categories, word ids) need no case of their own, and a new kind of input is one class
here.

Taken away means: a column takes values spread evenly over the training values of that column, one
after the other, and the answers are averaged; a patch takes one colour; a word is left out, and the
text closes up, or becomes an unknown one where each word has an answer of its own; over a window of
a series runs the line between what is left on both sides.

Source: Covert, Lundberg and Lee 2021, "Explaining by removing", arXiv:2011.14878 (removal as the
common ground); Štrumbelj and Kononenko 2014 (columns replaced by values of other samples).
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError

EMPTY = 1
"""Id of the only token of an empty text."""


class AbstractFeatures(ABC):
    """The features of one input of one sample; tensors have a first dimension of 1."""

    kind: ClassVar[str]
    """How it is drawn: "columns", "picture", "words" or "steps"."""

    @property
    def num_replacements(self) -> int:
        """Values that stand in, one after the other, for what is taken away."""
        return 1

    @abstractmethod
    def count(self, values: Tensor) -> int:
        """Return how many features a sample has.

        Args:
            values: The input of one sample, [1, ...].
        """

    @abstractmethod
    def owners(self, values: Tensor) -> Tensor:
        """Return the feature that each number belongs to, int64 of the shape of one sample.

        Args:
            values: The input of one sample, [1, ...].
        """

    @abstractmethod
    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the sample without some of its features.

        Args:
            values: The input of one sample, [1, ...].
            removed: bool [versions, features], which features each version lacks.

        Returns:
            [versions, replacements, ...], of the type of `values`.
        """

    def pool(self, values: Tensor, elements: Tensor) -> Tensor:
        """Return the sum of what was attributed to the numbers of each feature, float [features].

        Args:
            values: The input of one sample, [1, ...].
            elements: What was attributed to each of its numbers, [1, ...].
        """
        owners = self.owners(values).to(elements.device).flatten()
        sums = elements.new_zeros(self.count(values))
        return sums.index_add(0, owners, elements[0].flatten())


@final
class Columns(AbstractFeatures):
    """Columns of a table, [1, numbers]; a column may have several numbers.

    Args:
        groups: The column of each number, from 0, int64 [numbers].
        references: Values that stand in for what is taken away, [replacements, numbers].
    """

    kind: ClassVar[str] = "columns"

    def __init__(self, groups: Tensor, references: Tensor) -> None:
        if references.dim() != 2 or references.shape[1:] != groups.shape:
            raise ConfigError(
                f"references must have shape [replacements, {len(groups)}], got "
                f"{list(references.shape)}."
            )
        self.groups = groups
        self.references = references

    @property
    def num_replacements(self) -> int:
        """Rows of references."""
        return len(self.references)

    def count(self, values: Tensor) -> int:
        """Return how many columns there are.

        Args:
            values: Any sample.
        """
        del values
        return int(self.groups.max()) + 1

    def owners(self, values: Tensor) -> Tensor:
        """Return the column of each number.

        Args:
            values: Any sample.
        """
        del values
        return self.groups

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the sample with references in place of some columns.

        Args:
            values: The sample, [1, numbers].
            removed: bool [versions, columns].
        """
        is_gone = removed[:, self.groups.to(removed.device)].unsqueeze(1)
        references = self.references.to(values.device, values.dtype)
        return torch.where(is_gone, references.unsqueeze(0), values.unsqueeze(0))


@final
class Patches(AbstractFeatures):
    """Square patches of a picture, [1, channels, height, width].

    Args:
        size: Side of a patch in pixels.
        fill: The colour that stands in, one number per channel, on the scale of the pixels.
    """

    kind: ClassVar[str] = "picture"

    def __init__(self, size: int, fill: Tensor) -> None:
        if size < 1:
            raise ConfigError(f"size of a patch must be at least 1 pixel, got {size!r}.")
        self.size = size
        self.fill = fill

    def grid(self, values: Tensor) -> tuple[int, int]:
        """Return rows and columns of patches.

        Args:
            values: The picture.
        """
        height, width = values.shape[-2:]
        return -(-height // self.size), -(-width // self.size)

    def count(self, values: Tensor) -> int:
        """Return how many patches there are.

        Args:
            values: The picture.
        """
        rows, columns = self.grid(values)
        return rows * columns

    def owners(self, values: Tensor) -> Tensor:
        """Return the patch of each pixel, row by row.

        Args:
            values: The picture.
        """
        height, width = values.shape[-2:]
        rows = torch.arange(height, device=values.device) // self.size
        columns = torch.arange(width, device=values.device) // self.size
        patches = rows.unsqueeze(1) * self.grid(values)[1] + columns
        return patches.expand(values.shape[1:])

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the picture with some patches of one colour.

        Args:
            values: The picture, [1, channels, height, width].
            removed: bool [versions, patches].
        """
        is_gone = removed[:, self.owners(values)[0]].unsqueeze(1)
        fill = self.fill.to(values.device).view(1, -1, 1, 1)
        fill = (
            fill.to(values.dtype) if values.is_floating_point() else fill.round().to(values.dtype)
        )
        return torch.where(is_gone, fill, values).unsqueeze(1)


@final
class Words(AbstractFeatures):
    """Words of a text, [1, length] token ids, or runs of some words in a long one.

    Args:
        stride: Words of a feature.
    """

    kind: ClassVar[str] = "words"

    def __init__(self, stride: int = 1) -> None:
        if stride < 1:
            raise ConfigError(f"stride must be at least 1 word, got {stride!r}.")
        self.stride = stride

    def count(self, values: Tensor) -> int:
        """Return how many runs of words there are.

        Args:
            values: The token ids.
        """
        return -(-values.shape[1] // self.stride)

    def owners(self, values: Tensor) -> Tensor:
        """Return the run of each word.

        Args:
            values: The token ids.
        """
        return torch.arange(values.shape[1], device=values.device) // self.stride

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the text without some words; the rest closes up, padding stands at the end.

        Args:
            values: The token ids, [1, length].
            removed: bool [versions, runs].
        """
        is_gone = removed[:, self.owners(values)] | (values == 0)
        order = is_gone.to(torch.uint8).sort(dim=1, stable=True).indices
        kept = (~is_gone).sum(dim=1, keepdim=True)
        texts = values.expand(len(removed), -1).gather(1, order)
        places = torch.arange(values.shape[1], device=values.device)
        texts = torch.where(places < kept, texts, 0)
        texts[:, 0] = torch.where(kept[:, 0] == 0, EMPTY, texts[:, 0])
        longest = max(1, int(kept.max()))
        return texts[:, :longest].unsqueeze(1)


@final
class PlacedWords(AbstractFeatures):
    """Words that keep their places, [1, length, numbers]: each has an answer of its own.

    Args:
        unknown: The numbers of a word of which nothing is known, int64 [numbers].
        stride: Words of a feature.
    """

    kind: ClassVar[str] = "words"

    def __init__(self, unknown: Tensor, stride: int = 1) -> None:
        if stride < 1:
            raise ConfigError(f"stride must be at least 1 word, got {stride!r}.")
        self.unknown = unknown
        self.stride = stride

    def count(self, values: Tensor) -> int:
        """Return how many runs of words there are.

        Args:
            values: The numbers of the words.
        """
        return -(-values.shape[1] // self.stride)

    def owners(self, values: Tensor) -> Tensor:
        """Return the run of each number.

        Args:
            values: The numbers of the words.
        """
        runs = torch.arange(values.shape[1], device=values.device) // self.stride
        return runs[:, None].expand(values.shape[1:])

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the sentence with unknown words in place of some.

        Args:
            values: The numbers of the words.
            removed: bool [versions, runs].
        """
        is_gone = removed[:, self.owners(values)] & (values[..., :1] != 0)
        unknown = self.unknown.to(values.device, values.dtype)
        return torch.where(is_gone, unknown, values).unsqueeze(1)

    @override
    def pool(self, values: Tensor, elements: Tensor) -> Tensor:
        """Return the sum of what was attributed to the words of each run, float [runs].

        Args:
            values: The numbers of the words.
            elements: What was attributed to each word, [1, length]; it is known as a whole.
        """
        runs = self.owners(values)[:, 0].to(elements.device)
        return elements.new_zeros(self.count(values)).index_add(0, runs, elements[0])


@final
class Windows(AbstractFeatures):
    """Windows of a series, [1, steps, channels], all channels together, or of a sound, [1, steps].

    Args:
        size: Steps of a window.
    """

    kind: ClassVar[str] = "steps"

    def __init__(self, size: int = 1) -> None:
        if size < 1:
            raise ConfigError(f"size of a window must be at least 1 step, got {size!r}.")
        self.size = size

    def count(self, values: Tensor) -> int:
        """Return how many windows there are.

        Args:
            values: The series.
        """
        return -(-values.shape[1] // self.size)

    def owners(self, values: Tensor) -> Tensor:
        """Return the window of each number.

        Args:
            values: The series.
        """
        windows = torch.arange(values.shape[1], device=values.device) // self.size
        return windows.view(-1, *[1] * (values.dim() - 2)).expand(values.shape[1:])

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the series with lines over some windows; level where nothing is left, at 0.

        Args:
            values: The series, [1, steps, channels].
            removed: bool [versions, windows].
        """
        count = values.shape[1]
        places = torch.arange(count, device=values.device)
        kept = ~removed[:, places // self.size]
        before = torch.where(kept, places, -1).cummax(dim=1).values
        after = torch.where(kept, places, count).flip(1).cummin(dim=1).values.flip(1)
        left = torch.where(before < 0, after, before).clamp(max=count - 1)
        right = torch.where(after >= count, before, after).clamp(min=0)
        share = (places - left) / (right - left).clamp(min=1)
        share = share.clamp(0, 1).view(*share.shape, *[1] * (values.dim() - 2)).to(values.dtype)
        whole = values[0]
        lines = whole[left] * (1 - share) + whole[right] * share
        some = kept.any(dim=1).view(-1, *[1] * (values.dim() - 1))
        return torch.where(some, lines, 0.0).unsqueeze(1)
