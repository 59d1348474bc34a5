"""Frozen records that pass between the folders."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

JOINED = ("number", "category")
"""Kinds whose columns are joined to one input; a column of any other kind is one of its own."""

FREE_LENGTH = ("text", "words", "series", "sound")
"""Kinds whose samples differ in length."""


MADE = ("window", "phase")
"""Kinds that are cut out of several rows."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a network must know about one input: decided by the data, not by the user.

    Kinds and the tensors they stand for in a `Batch`:

    * "number": float32 [batch, columns], robustly scaled, NaN where missing;
    * "category": int64 [batch, columns], 0 where missing or never seen in training;
    * "image": uint8 [batch, channels, height, width];
    * "text": int64 [batch, length], token ids, 0 is padding, 1 unknown; ids from
      `vocabulary_size` on are words outside the vocabulary (see `core.spelling`);
    * "words": int64 [batch, length, numbers], of each word its id as of a text, its shape, its
      letters and, where they are read, its first pieces, 0 is padding;
    * "series": float32 [batch, steps, channels], standardised, NaN behind the end of a series;
    * "sound": float32 [batch, samples] in [-1, 1], NaN behind the end of a recording;
    * "window": float32 [batch, steps, columns] of several rows, NaN where unknown;
    * "phase": int64 [batch], the place of a window's first step in its cycle.
    """

    name: str
    """Key in `Batch.inputs`."""
    kind: str
    """"number", "category", "image", "text", "words", "series", "sound", "window" or "phase"."""
    columns: tuple[str, ...]
    """Columns of the source that are encoded in it, in order."""
    shape: tuple[int, ...]
    """Shape of one sample; where its length varies that of one place: () for texts and sounds,
    [numbers] for words, [channels] for series."""
    cardinalities: tuple[int, ...] = ()
    """Of a category input: ids per column, the 0 for unknown included; of words: ids of shapes and
    of letters, padding included."""
    vocabulary_size: int = 0
    """Of texts and words: ids of padding, the unknown word and the words of the vocabulary."""
    spellings: np.ndarray | None = field(default=None, compare=False)
    """Of texts and words: int64 [vocabulary_size, 2] checksums of how a word begins and ends (see
    `core.spelling`); None where the texts have no ids beyond the vocabulary."""
    token_bytes: np.ndarray | None = field(default=None, compare=False)
    """Of a text input cut without loss: int64 [vocabulary_size], bytes that each id stands for, 0
    for padding and marks; None where texts cannot be spelt again from their ids."""
    marks: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    """Of a text input cut into pieces: the ids that stand before every text, and behind it."""
    pieces: "InputSpec | None" = None
    """Of words that are cut into pieces, too: what a text of these pieces is."""
    quantiles: np.ndarray | None = field(default=None, compare=False)
    """Of a number input: float32 [columns, 65] quantiles of the training values, as encoded."""
    missing: tuple[bool, ...] | None = None
    """Of a number input: per column, whether training values were missing; None where unknown."""
    mean: tuple[float, ...] = ()
    """Of an image input: mean per channel, in [0, 1]."""
    deviation: tuple[float, ...] = ()
    """Of an image input: standard deviation per channel, in units of [0, 1]."""
    num_steps: int = 0
    """Of a series or a sound: steps or samples of a typical one in training."""
    rate: int = 0
    """Of a sound: samples per second."""

    @property
    def num_values(self) -> int:
        """Measured numbers of a typical sample: pixels, steps × channels, samples; else 0."""
        if self.kind == "image":
            return math.prod(self.shape)
        return self.num_steps * math.prod(self.shape)

    @property
    def is_joined(self) -> bool:
        """Whether several columns are one input, side by side; else each is one of its own."""
        return self.kind in JOINED

    @property
    def is_made(self) -> bool:
        """Whether it is cut out of several rows, and named by who cuts it; else by a column."""
        return self.kind in MADE

    @property
    def has_free_length(self) -> bool:
        """Whether the second dimension of the tensor is as long as the longest sample."""
        return self.kind in FREE_LENGTH

    def shares_tokens(self, other: "InputSpec") -> bool:
        """Return whether a token id of a text is the same token in another text.

        Args:
            other: What the data says about the other.
        """
        same = (self.kind, self.vocabulary_size, self.marks)
        if same != (other.kind, other.vocabulary_size, other.marks):
            return False
        tables = ((self.spellings, other.spellings), (self.token_bytes, other.token_bytes))
        return all(
            own is theirs if own is None or theirs is None else np.array_equal(own, theirs)
            for own, theirs in tables
        )


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """What a network must answer."""

    name: str
    """Key in `Batch.targets` and in the network's outputs."""
    size: int
    """Numbers per sample: classes, labels, targets × quantiles; of tags, their ids with padding."""
    follows: np.ndarray | None = field(default=None, compare=False)
    """Of tags of words: bool [size, size], which may stand behind which; row 0 is the beginning."""
    places: tuple[int, ...] = ()
    """Of masks: height and width of the picture; there are `size` numbers for each of its pixels,
    and a network answers [batch, 1, size, height, width]."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some samples, ready for a network."""

    inputs: Mapping[str, Tensor]
    """By name of `InputSpec`; first dimension is the sample."""
    targets: Mapping[str, Tensor]
    """By name of `OutputSpec`: int64 [batch] classes or float32 [batch, size] numbers, labels."""
    index: Tensor
    """int64 [batch], row numbers in the data set."""

    def __len__(self) -> int:
        return int(self.index.shape[0])

    def rows(self, start: int, stop: int) -> "Batch":
        """Return the samples from `start` to `stop`.

        Args:
            start: First sample.
            stop: One past the last sample.
        """
        return Batch(
            {name: value[start:stop] for name, value in self.inputs.items()},
            {name: value[start:stop] for name, value in self.targets.items()},
            self.index[start:stop],
        )

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device; itself if it is there already.

        Args:
            device: Where to.
        """
        if self.index.device == device:
            return self
        return Batch(
            {name: value.to(device, non_blocking=True) for name, value in self.inputs.items()},
            {name: value.to(device, non_blocking=True) for name, value in self.targets.items()},
            self.index.to(device, non_blocking=True),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """One value of a plan with its reason."""

    value: Any
    """JSON-like: number, text, list or mapping."""
    reason: str
    """Why, in one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check before training found."""

    check: str
    """Name of the check, such as "target leakage"."""
    severity: str
    """"severe" (stops the run unless overruled), "warning" or "note"."""
    message: str
    """What was found, with figures."""
    evidence: str
    """How it was found, with examples."""
    remedy: str
    """What to do about it."""
    columns: tuple[str, ...] = ()
    """Columns concerned."""
    rows: tuple[int, ...] = ()
    """Some of the row numbers concerned (at most 100)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One piece of a source that could not be read and was put aside."""

    where: str
    """File, or file and line."""
    what: str
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % interval."""

    value: float
    """Point estimate."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Interval":
        """Return an interval from its document; what is not defined is NaN.

        Args:
            document: With "value", "low" and "high"; None where one is not defined.
        """
        ends = (document[name] for name in ("value", "low", "high"))
        return cls(*(float("nan") if end is None else float(end) for end in ends))
