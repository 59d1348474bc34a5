"""What of the past of a series can be attributed: windows of each column, what is known, its cycle.

Taken away means, as for other inputs, to be replaced by what says nothing: over a window of a
column runs the line between what is left on both sides; a column that is known ahead keeps one of
its training values at all steps; the place in the cycle becomes another one.
"""

from typing import ClassVar, final

import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.explanation.features import AbstractFeatures


class AbstractPast(AbstractFeatures):
    """Features of what is known of a series when it is forecast."""

    names: tuple[str, ...]
    """What people call the columns or places that they belong to, once each."""


@final
class ColumnWindows(AbstractPast):
    """Windows of each column of a history, [1, steps, numbers]; a column may have several numbers.

    Args:
        columns: The column of each number; "" for one that nobody looks at.
        size: Steps of a window.
    """

    kind: ClassVar[str] = "steps"

    def __init__(self, columns: tuple[str, ...], size: int = 1) -> None:
        if size < 1:
            raise ConfigError(f"size of a window must be at least 1 step, got {size!r}.")
        self.columns = columns
        """The column of each number; "" for one that nobody looks at."""
        self.names = tuple(dict.fromkeys(filter(None, columns)))
        self.size = size

    def num_windows(self, values: Tensor) -> int:
        """Return how many windows a column has.

        Args:
            values: The history.
        """
        return -(-values.shape[1] // self.size)

    def count(self, values: Tensor) -> int:
        """Return how many windows all columns have.

        Args:
            values: The history.
        """
        return len(self.names) * self.num_windows(values)

    def owners(self, values: Tensor) -> Tensor:
        """Return the window of each number, those of one column behind each other.

        Args:
            values: The history.
        """
        windows = torch.arange(values.shape[1], device=values.device) // self.size
        return windows[:, None] + self._column(values) * self.num_windows(values)

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the history with lines over some windows; level at 0 where nothing is left.

        What is unknown stays so.

        Args:
            values: The history, [1, steps, numbers].
            removed: bool [versions, windows of all columns].
        """
        numbers = values[0].T
        steps = numbers.shape[1]
        places = torch.arange(steps, device=values.device)
        by_column = removed.view(len(removed), len(self.names), -1)
        gone = by_column[:, self._column(values)][..., places // self.size]
        kept = ~gone & ~numbers.isnan()
        before = torch.where(kept, places, -1).cummax(dim=-1).values
        after = torch.where(kept, places, steps).flip(-1).cummin(dim=-1).values.flip(-1)
        left = torch.where(before < 0, after, before).clamp(max=steps - 1)
        right = torch.where(after >= steps, before, after).clamp(min=0)
        share = ((places - left) / (right - left).clamp(min=1)).clamp(0, 1).to(values.dtype)
        whole = numbers.nan_to_num().expand(kept.shape)
        lines = whole.gather(2, left) * (1 - share) + whole.gather(2, right) * share
        lines = torch.where(kept.any(dim=-1, keepdim=True), lines, 0.0)
        changed = torch.where(gone & ~numbers.isnan(), lines, numbers)
        return changed.transpose(1, 2).unsqueeze(1)

    def _column(self, values: Tensor) -> Tensor:
        # What nobody looks at goes with the first column, and nothing is attributed to it.
        places = [self.names.index(name) if name else 0 for name in self.columns]
        return torch.tensor(places, device=values.device, dtype=torch.int64)


@final
class SteadyColumns(AbstractPast):
    """Columns that are known at all steps, [1, steps, numbers], each taken away as a whole.

    Args:
        columns: The column of each number.
        references: Values that stand in at all steps, [replacements, numbers].
    """

    kind: ClassVar[str] = "columns"

    def __init__(self, columns: tuple[str, ...], references: Tensor) -> None:
        if references.shape[1] != len(columns):
            raise ConfigError(
                f"references must have shape [replacements, {len(columns)}], got "
                f"{list(references.shape)}."
            )
        self.columns = columns
        """The column of each number."""
        self.names = tuple(dict.fromkeys(columns))
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
        return len(self.names)

    def owners(self, values: Tensor) -> Tensor:
        """Return the column of each number.

        Args:
            values: The sample.
        """
        return self._column(values).expand(values.shape[1:])

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return the sample with references in place of some columns.

        Args:
            values: The sample, [1, steps, numbers].
            removed: bool [versions, columns].
        """
        is_gone = removed[:, self._column(values)][:, None, None]
        references = self.references.to(values.device, values.dtype)[None, :, None]
        return torch.where(is_gone, references, values[:, None])

    def _column(self, values: Tensor) -> Tensor:
        places = [self.names.index(name) for name in self.columns]
        return torch.tensor(places, device=values.device, dtype=torch.int64)


@final
class CyclePlace(AbstractPast):
    """The place of a sample in its cycle, int64 [1].

    Args:
        name: How it is called.
        references: Places that stand in, int64 [replacements].
    """

    kind: ClassVar[str] = "columns"

    def __init__(self, name: str, references: Tensor) -> None:
        self.columns = self.names = (name,)
        self.references = references

    @property
    def num_replacements(self) -> int:
        """Places that stand in."""
        return len(self.references)

    def count(self, values: Tensor) -> int:
        """Return 1.

        Args:
            values: Any sample.
        """
        del values
        return 1

    def owners(self, values: Tensor) -> Tensor:
        """Return that the place is the one feature.

        Args:
            values: The sample.
        """
        return torch.zeros(values.shape[1:], dtype=torch.int64, device=values.device)

    def without(self, values: Tensor, removed: Tensor) -> Tensor:
        """Return other places for versions without it, int64 [versions, replacements].

        Args:
            values: The sample, [1].
            removed: bool [versions, 1].
        """
        return torch.where(removed, self.references.to(values.device)[None], values[:, None])
