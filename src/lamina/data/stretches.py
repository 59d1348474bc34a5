"""Stretches of texts: what a language model reads at a time.

The rows of a part are one text, each row begun by the mark of its tokeniser; it is cut wherever a
stretch is full. For training, stretches begin every few tokens, so that a token is met at many
places; for measuring they follow each other, so that each token is scored once.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lamina.core.records import Batch
from lamina.data.dataset import Dataset
from lamina.data.ragged import Ragged, pad


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of the texts of one column."""

    name: str
    """Name of the input."""
    texts: Ragged
    """Tokens of all rows."""
    starts: Tensor
    """int64 [stretches], where each begins in the flat tokens."""
    stops: Tensor
    """int64 [stretches], one past its last token."""
    token_bytes: np.ndarray
    """int64 [ids], bytes that each token stands for; 0 for marks."""

    @property
    def device(self) -> torch.device:
        """Where the tokens are."""
        return self.texts.values.device

    def __len__(self) -> int:
        return int(self.starts.shape[0])

    def batch(self, index: Tensor) -> Batch:
        """Return some stretches, padded with 0 to the longest of them.

        Args:
            index: int64 [batch], numbers of stretches.
        """
        starts = self.starts[index]
        tokens = pad(self.texts.values, starts, self.stops[index] - starts, max_length=None)
        return Batch({self.name: tokens}, {}, index)

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of some stretches by their length.

        Args:
            index: int64 [stretches], their numbers.
        """
        return torch.argsort((self.stops - self.starts)[index], stable=True)

    def targets_of(self, index: Tensor) -> dict[str, Tensor]:
        """Return nothing: a text is its own target.

        Args:
            index: Numbers of stretches.
        """
        del index
        return {}

    def rows_of(self, index: Tensor) -> Tensor:
        """Return the row that each stretch begins in.

        Args:
            index: int64 [stretches], their numbers.
        """
        return torch.searchsorted(self.texts.offsets, self.starts[index], right=True) - 1


def stretches_of(
    dataset: Dataset, name: str, rows: Tensor, *, length: int, stride: int
) -> Stretches:
    """Return the stretches of some rows.

    Args:
        dataset: Encoded rows, in memory.
        name: Name of the text input.
        rows: int64, row numbers, rising; rows that follow each other are one text.
        length: Most tokens of a stretch, at least 2: the last is only to be predicted, the first
            only read.
        stride: Tokens from the beginning of a stretch to that of the next, at least 1.
    """
    texts = dataset.inputs[name]
    assert isinstance(texts, Ragged), "texts in memory"
    sizes = next(spec.token_bytes for spec in dataset.input_specs() if spec.name == name)
    assert sizes is not None, "texts cut into what spells them"
    starts, stops = [], []
    for first, last in _runs(rows):
        begin, end = int(texts.offsets[first]), int(texts.offsets[last + 1])
        # A stretch of one token predicts nothing.
        own = torch.arange(begin, max(begin + 1, end - 1), stride)
        if stride < length - 1:
            # Those that overlap must be full, or the last tokens would be met again and again.
            own = own[: max(1, int((own + length <= end).sum()))]
        starts.append(own)
        stops.append((own + length).clamp(max=end))
    device = texts.values.device
    empty = torch.zeros(0, dtype=torch.int64)
    return Stretches(
        name,
        texts,
        torch.cat(starts or [empty]).to(device),
        torch.cat(stops or [empty]).to(device),
        sizes,
    )


def _runs(rows: Tensor) -> list[tuple[int, int]]:
    """Return first and last row of each run of rows that follow each other."""
    if not len(rows):
        return []
    rows = rows.cpu()
    breaks = torch.nonzero(rows[1:] != rows[:-1] + 1).squeeze(1)
    firsts = torch.cat([rows[:1], rows[breaks + 1]])
    lasts = torch.cat([rows[breaks], rows[-1:]])
    return list(zip(firsts.tolist(), lasts.tolist()))
