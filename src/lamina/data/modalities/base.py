"""What every modality offers, and the records it hands on.

A modality is the kind of a column. Its class recognises raw cells, its instance is the fitted
state: it encodes cells to tensors, decodes answers to cells, and goes into a bundle as plain JSON.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import ConfigError, DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.pictures import Pictures
from lamina.data.ragged import Ragged
from lamina.runtime.document import Fields, is_number
from lamina.runtime.framing import FRAMINGS

NUM_QUANTILES = 65
"""Quantiles of the encoded training values kept for each number, for piecewise linear encoding."""

_DOMINANT_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much a column looks like a modality, and why."""

    score: float
    """From 0 (cannot be) to 1 (must be)."""
    reason: str
    """One sentence with figures."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column as tensors."""

    values: Tensor | Ragged | Pictures
    """First dimension is the row; see the modality for type and shape."""
    failed: Tensor
    """bool [rows], true where a row cannot be used because of this column."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with some cells that failed; `where` is "" where only the row is known."""
    problem_rows: tuple[int, ...] = ()
    """Row of each problem; empty where the problems name their place themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModalityOptions:
    """What a user may say about the fitting of modalities."""

    max_categories: int = 10_000
    """Most levels of a category kept, at least 2; rarer ones count as unknown."""
    max_words: int = 30_000
    """Most words of a text vocabulary, at least 1."""
    max_length: int = 2048
    """Most tokens of one text, at least 1; the rest is cut off."""
    tokens: str = "words"
    """What texts are cut into: "words" for reading, in lower case; for writing "bytes",
    "byte_pairs", pieces of words, or "plain_words", those between blanks as they are."""
    max_pieces: int = 4096
    """Most pieces of a vocabulary of byte pairs, at least 257; the 256 bytes are among them."""
    is_joint: bool = False
    """Whether all texts share one vocabulary, as two languages do that have words in common."""
    max_labels: int = 64
    """Most labels of a tags input, at least 1; rarer ones are left out."""
    image_size: int = 0
    """Side of the square that pictures are brought to, in pixels; 0 chooses from the data."""
    max_size: int = 80
    """Longest side that is chosen for pictures, in pixels, at least 1."""
    size_step: int = 1
    """Whole multiple of which both sides are chosen, in pixels, where pictures are not cut."""
    framing: str = "crop"
    """How pictures are brought to one size: "crop" cuts what sticks out, "pad" keeps the whole
    picture and fills what is left with grey, "windows" leaves pictures as they are, to be seen in
    windows of that size. For masks "crop" chooses between the other two."""
    tokeniser: str | None = None
    """Published model, a folder or hub:owner/name, whose tokeniser cuts texts; none for words."""
    vocabulary_of: str | None = None
    """Run whose words or pieces texts are cut into; none learns them from the rows."""
    class_names: tuple[str, ...] = ()
    """Names of the classes of masks, each "road", "road=3" or "road=#804080"; a name alone has its
    place in the list as its index. None are found in a file beside the masks, or are the codes."""
    void: tuple[str, ...] = ()
    """Codes in masks that mean that nothing is known, such as "11" or "#000000"."""
    picture_scale: str | None = None
    """Published model at whose size and scale pictures are seen; none fits both to the data."""
    max_rate: int = 16_000
    """Most samples per second of a sound, at least 1,000."""
    max_seconds: int = 10
    """Most seconds of a sound, at least 1; the rest is left out."""
    max_steps: int = 2048
    """Most steps of a series, at least 1; a longer one is drawn together."""
    log_target: str = "auto"
    """Whether number targets are learnt on a logarithmic scale: "auto" (where few values would
    else count),     "positive" (wherever all are above 0), "always" or "never"."""

    def __post_init__(self) -> None:
        limits = {"max_categories": 2, "max_words": 1, "max_length": 1}
        limits |= {"max_labels": 1, "image_size": 0, "max_size": 1, "max_steps": 1}
        limits |= {"max_rate": 1_000, "max_seconds": 1}
        limits |= {"max_pieces": 257, "size_step": 1}
        for name, least in limits.items():
            if getattr(self, name) < least:
                raise ConfigError(f"{name} must be at least {least}, got {getattr(self, name)!r}.")
        if self.tokens not in ("words", "plain_words", "bytes", "byte_pairs"):
            raise ConfigError(
                'tokens must be "words", "plain_words", "bytes" or "byte_pairs", got '
                f"{self.tokens!r}."
            )
        if self.framing not in FRAMINGS:
            raise ConfigError(f'framing must be "crop", "pad" or "windows", got {self.framing!r}.')
        if self.log_target not in ("auto", "positive", "always", "never"):
            raise ConfigError(
                'log_target must be "auto", "positive", "always" or "never", got '
                f"{self.log_target!r}."
            )


class AbstractModality(ABC):
    """The kind of a column; an instance is its fitted state."""

    name: ClassVar[str]
    """Name in tables, plans and overrides."""
    kind: ClassVar[str]
    """Kind of the network input it is encoded to (see `InputSpec`)."""
    holds_files: ClassVar[bool] = False
    """Whether cells that are text are paths of files, whose content is what counts."""
    is_input: ClassVar[bool] = True
    """Whether networks can be given it; else it is only predicted."""
    is_aligned: ClassVar[bool] = False
    """Whether, as a target, it holds one thing for each word of the sentence that is the input."""
    is_beside_aligned: ClassVar[bool] = False
    """Whether cells are taken for it unasked only where a target is aligned with them."""
    keeps_together: ClassVar[bool] = False
    """Whether rows of one target cell stay on one side of a split, and are resampled together."""
    is_few_up_to: ClassVar[int] = 0
    """Rows up to which a network of such inputs alone learns more from validation rows than it is
    told by them: then none are put aside unless the user asks for some."""

    @classmethod
    @abstractmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like this modality.

        Args:
            column: Raw cells; the name of the series may count as a hint.
            role: "input" or "target".
        """

    @classmethod
    @abstractmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return the state learnt from training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: What the user said about it.

        Raises:
            DataError: The cells cannot be used in this role.
        """

    @abstractmethod
    def encode(self, column: pl.Series) -> Encoded:
        """Return raw cells as tensors.

        Args:
            column: Raw cells, of any rows.
        """

    def beside(self, inputs: Sequence["AbstractModality"]) -> Self:
        """Return the state with what it must know of the fitted inputs; most need nothing.

        A target that names places in a picture is laid out in the network's picture.

        Args:
            inputs: The fitted state of every input.

        Raises:
            DataError: It cannot be predicted from these inputs.
        """
        del inputs
        return self

    def misfits(self, column: pl.Series, pictures: pl.Series) -> Mapping[int, str]:
        """Return why cells of a target do not fit the pictures of their rows; most always fit.

        Args:
            column: Raw cells of the target.
            pictures: Raw cells of the pictures.

        Returns:
            By row of the column; other rows fit.
        """
        del column, pictures
        return {}

    def turned(self, column: pl.Series, pictures: pl.Series) -> pl.Series:
        """Return cells of a target as they lie in the upright pictures of their rows.

        Asked where some do not fit: what was drawn on a picture that is held on its side turns
        with it. Most have nothing to turn.

        Args:
            column: Raw cells of the target.
            pictures: Raw cells of the pictures.
        """
        del pictures
        return column

    def decode(self, values: Tensor) -> pl.Series:
        """Return answers as cells; what cannot be a target refuses.

        Args:
            values: Class indices, numbers or label scores, one row each.

        Raises:
            DataError: This modality cannot be a target.
        """
        raise DataError(f"a {self.name} cannot be predicted, got {len(values)} answers to decode.")

    def amounts(self, values: Tensor) -> Tensor:
        """Return what `decode` does with numbers as one graph of tensors, for exported models.

        Args:
            values: float [...], standardised.

        Returns:
            float64 [...], in the unit of the column.

        Raises:
            DataError: This modality has no numbers as a target.
        """
        raise DataError(f"a {self.name} has no amounts, got {len(values)} answers to decode.")

    @abstractmethod
    def show(self, cell: Any) -> str:
        """Return a cell as plain text for people.

        Args:
            cell: A raw cell.
        """

    @abstractmethod
    def input_spec(self, column: str) -> InputSpec:
        """Return what a network must know about this input alone.

        Args:
            column: Name of the column.
        """

    def parts(self, cell: Any) -> tuple[str, ...]:
        """Return the parts of a cell that stand for themselves, such as words; most have none.

        Args:
            cell: A raw cell.
        """
        del cell
        return ()

    def lines(self, cell: Any) -> tuple[tuple[float, ...], ...]:
        """Return what of a cell is drawn as lines over equal steps; most have nothing.

        Args:
            cell: A raw cell.

        Returns:
            The points of each line; () where the cell cannot be read.
        """
        del cell
        return ()

    def span(self, first: int, last: int) -> str:
        """Return how a run of steps of a cell is named for people.

        Args:
            first: Its first step, from 0.
            last: One past its last.
        """
        return f"steps {first + 1} to {last}"

    @property
    def glue(self) -> str:
        """What stands between the parts of a cell where they are joined again."""
        return " "

    def references(self, count: int) -> Tensor:
        """Return values that stand for not knowing the cell: spread evenly over training cells.

        Args:
            count: How many.

        Returns:
            [count, numbers], as `encode` gives the cells of an input that is a column.

        Raises:
            DataError: This modality is no column of numbers or categories.
        """
        spec = self.input_spec("")
        if spec.quantiles is not None:
            last = spec.quantiles.shape[1] - 1
            levels = ((np.arange(count) + 0.5) / count * last).round().astype(np.int64)
            return torch.from_numpy(np.ascontiguousarray(spec.quantiles[:, levels].T))
        if not spec.cardinalities:
            raise DataError(f"a column of the modality {self.name!r} has no values to stand in.")
        known = torch.arange(count)[:, None]
        return known % max(1, spec.cardinalities[0] - 1) + min(1, spec.cardinalities[0] - 1)

    @property
    def output_size(self) -> int:
        """Numbers a network answers per row when this is a target; 0 for what cannot be one."""
        return 0

    @abstractmethod
    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""

    @classmethod
    @abstractmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing, of the wrong type or out of range.
        """


def read_quantiles(fields: Fields, columns: int) -> np.ndarray:
    """Return the quantiles in a document, float32 [columns, 65], each row in rising order.

    Args:
        fields: The document.
        columns: How many rows there must be.

    Raises:
        BundleError: They are missing or cannot be.
    """
    rows = fields.items("quantiles")
    if len(rows) != columns:
        raise fields.refusal("quantiles", rows, f"{columns} lists of quantiles")
    for row in rows:
        is_list = isinstance(row, (list, tuple)) and all(map(is_number, row))
        if not is_list or len(row) != NUM_QUANTILES or list(row) != sorted(row):
            wanted = f"{NUM_QUANTILES} numbers in rising order"
            raise fields.refusal("quantiles", row, wanted)
    return np.asarray(rows, dtype=np.float32).reshape(columns, NUM_QUANTILES)


def quantiles_of(values: np.ndarray) -> np.ndarray:
    """Return 65 edges of each column, float32 [columns, 65]; zeros where all is missing.

    They are the column's quantiles. Where one value holds more than a twentieth of the rows, plain
    quantiles would repeat it and leave the rest in one bin: then every other edge is a quantile of
    the distinct values.

    Args:
        values: float [rows, columns], NaN where missing.
    """
    levels = np.linspace(0, 1, NUM_QUANTILES)
    out = np.zeros((values.shape[1], NUM_QUANTILES), dtype=np.float32)
    for column in range(values.shape[1]):
        present = values[:, column][~np.isnan(values[:, column])]
        if not len(present):
            continue
        edges = np.quantile(present, levels)
        distinct, counts = np.unique(present, return_counts=True)
        if counts.max() > _DOMINANT_SHARE * len(present) and len(distinct) > 2:
            half = NUM_QUANTILES // 2
            by_value = np.quantile(distinct, np.linspace(0, 1, half))
            edges = np.sort(np.concatenate([edges[::2], by_value]))
        out[column] = edges.astype(np.float32)
    return np.maximum.accumulate(out, axis=1)


def none_failed(num_rows: int) -> Tensor:
    """Return bool [num_rows], all false.

    Args:
        num_rows: How many rows.
    """
    return torch.zeros(num_rows, dtype=torch.bool)
