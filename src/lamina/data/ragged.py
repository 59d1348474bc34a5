"""Rows of different lengths in one flat tensor.

A column of texts is one tensor of token ids and the place where each row begins, so that a batch is
a gather, without a Python loop over its rows. An element may be several numbers, as a step of a
series is. Batches of integers are int64, padded with 0; those of floats are padded with NaN, which
no element is, so that whoever sees a batch sees where its rows end. Whole numbers of 16 bits are
samples of sounds, and become floats in [-1, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lamina.runtime.modalities.sound import LOUDEST


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths."""

    values: Tensor
    """[all elements, ...], the rows one after the other."""
    offsets: Tensor
    """int64 [rows + 1], where each row begins in `values`; the last is their number."""

    def __len__(self) -> int:
        return int(self.offsets.shape[0]) - 1

    @property
    def lengths(self) -> Tensor:
        """int64 [rows], elements of each row."""
        return self.offsets[1:] - self.offsets[:-1]

    def select(self, index: Tensor, *, max_length: int | None = None) -> Tensor:
        """Return some rows, padded to the longest of them.

        Args:
            index: int64 [batch], row numbers.
            max_length: Most elements of a row; the rest is cut off.

        Returns:
            int64 or float32 [batch, length, ...] with length at least 1.
        """
        starts = self.offsets.index_select(0, index)
        lengths = self.offsets.index_select(0, index + 1) - starts
        return pad(self.values, starts, lengths, max_length=max_length)

    def to(self, device: torch.device) -> "Ragged":
        """Return it on a device.

        Args:
            device: Where to.
        """
        return Ragged(self.values.to(device), self.offsets.to(device))


def pad(values: Tensor, starts: Tensor, lengths: Tensor, *, max_length: int | None) -> Tensor:
    """Return pieces of a flat tensor as rows of one length, [batch, length, ...].

    Args:
        values: The flat tensor, [all elements, ...].
        starts: int64 [batch], where each piece begins.
        lengths: int64 [batch], elements of each piece.
        max_length: Most elements of a piece; the rest is cut off.
    """
    longest = int(lengths.max()) if lengths.numel() else 0
    width = max(1, longest if max_length is None else min(longest, max_length))
    step = torch.arange(width, device=starts.device)
    is_real = step < lengths[:, None]
    if values.shape[0] == 0:
        return empty_rows(values, len(starts), width)
    place = (starts[:, None] + step).clamp_(max=values.shape[0] - 1)
    _, fill = batch_type(values.dtype)
    is_real = is_real.view(*is_real.shape, *[1] * (values.dim() - 1))
    return torch.where(is_real, as_batch(values[place]), fill)


def empty_rows(values: Tensor, count: int, width: int) -> Tensor:
    """Return rows of padding alone, [count, width, ...].

    Args:
        values: The flat tensor whose rows they are like.
        count: How many.
        width: Elements of each.
    """
    dtype, fill = batch_type(values.dtype)
    shape = (count, width, *values.shape[1:])
    return torch.full(shape, fill, dtype=dtype, device=values.device)


def as_batch(values: Tensor) -> Tensor:
    """Return elements as a batch holds them.

    Args:
        values: Elements of rows.
    """
    if values.dtype == torch.int16:
        return values.to(torch.float32) / LOUDEST
    return values.to(batch_type(values.dtype)[0])


def batch_type(dtype: torch.dtype) -> tuple[torch.dtype, float]:
    """Return the type of the batches of rows, and what they are padded with.

    Args:
        dtype: Type of the flat tensor.
    """
    is_float = dtype.is_floating_point or dtype == torch.int16
    return (torch.float32, float("nan")) if is_float else (torch.int64, 0)


def ragged_from_lists(rows: Sequence[Sequence[int]]) -> Ragged:
    """Return rows of integers as int32 values.

    Args:
        rows: The rows.
    """
    lengths = torch.tensor([0, *(len(row) for row in rows)], dtype=torch.int64)
    flat = [item for row in rows for item in row]
    return Ragged(torch.tensor(flat, dtype=torch.int32), lengths.cumsum(0))


def concatenate(parts: Sequence[Ragged]) -> Ragged:
    """Return the rows of all parts, one part after the other.

    Args:
        parts: At least one.
    """
    lengths = torch.cat([part.lengths for part in parts])
    offsets = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
    return Ragged(torch.cat([part.values for part in parts]), offsets)
