"""Tasks whose answers lie in a picture: it is seen whole, and answers are told in its pixels."""

import dataclasses
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import polars as pl

from lamina.core.errors import ConfigError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.mask_files import upright_size
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.predictions import Predictions
from lamina.runtime.modalities.image import size_of
from lamina.tasks.base import AbstractTask
from lamina.tasks.placed import placed


class AbstractFramed(AbstractTask):
    """One picture to something in it."""

    longest_side: ClassVar[int]
    """Longest side of the network's picture where nobody says otherwise, in pixels."""
    size_step: ClassVar[int] = 1
    """Both sides are multiples of this where nobody says otherwise."""
    framings: ClassVar[tuple[str, ...]] = ("pad",)
    """How pictures can be brought in; the first where nobody says otherwise."""

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that pictures are seen whole, and larger than others.

        Args:
            options: What the user said.
            num_bytes: Not used.
            schema: Not used.

        Raises:
            ConfigError: They are to be brought in as the task cannot see them.
        """
        del num_bytes, schema
        if options.framing not in ("crop", *self.framings):
            raise ConfigError(
                f"the task {self.name} needs data.fitting.framing to be "
                f"{' or '.join(map(repr, self.framings))}, got {options.framing!r}."
            )
        framing = options.framing if options.framing in self.framings else self.framings[0]
        usual = ModalityOptions()
        most = self.longest_side if options.max_size == usual.max_size else options.max_size
        step = self.size_step if options.size_step == usual.size_step else options.size_step
        return dataclasses.replace(options, framing=framing, max_size=most, size_step=step)

    @abstractmethod
    def in_pictures(
        self, predictions: Predictions, sizes: Sequence[tuple[int, int] | None], schema: Schema
    ) -> pl.DataFrame:
        """Return answers in pixels of pictures.

        Args:
            predictions: The answers.
            sizes: Width and height of the picture of each; None for those of the network's picture.
            schema: The fitted schema.
        """

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return answers in pixels of the network's picture.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        return self.in_pictures(predictions, [None] * predictions.num_rows, schema)

    def replies(
        self, predictions: Predictions, part: Part, frame: pl.DataFrame, schema: Schema
    ) -> pl.DataFrame:
        """Return answers in pixels of the pictures that came; null where one cannot be read.

        Args:
            predictions: The answers.
            part: The samples they answer.
            frame: The raw rows that asked for them.
            schema: The fitted schema.
        """
        cells = frame[schema.inputs[0].name]
        sizes = [size_of_cell(cells[row]) for row in part.rows().tolist()]
        return placed(self.in_pictures(predictions, sizes, schema), part, frame.height)


def size_of_cell(cell: Any) -> tuple[int, int] | None:
    """Return width and height of a raw picture; None where it cannot be read.

    Args:
        cell: A raw cell.
    """
    if cell is None or isinstance(cell, (str, bytes)):
        return upright_size(cell)
    return size_of(np.asarray(cell))
