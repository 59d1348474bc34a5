"""Tasks that may see large pictures in windows, at their own scale.

What is shared: when pictures are so seen, which samples rows then are (`lamina.data.tiles`), how
many rows are answered at a time, and how answers to tiles become answers to pictures.
"""

import dataclasses
from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.data.dataset import Dataset
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.image import Image
from lamina.data.parts import Part, Purpose
from lamina.data.pictures import Pictures
from lamina.data.schema import Schema
from lamina.data.tiles import Tiles, tile_places, window_places, windows_to_learn
from lamina.evaluation.predictions import Predictions
from lamina.runtime.sliding import Sliding
from lamina.tasks.framed import AbstractFramed, size_of_cell
from lamina.tasks.placed import placed
from lamina.tasks.recipe import Recipe

LARGE = 4.0
"""Times that the longer side of a typical picture has to be that of the network's picture for it to
be seen in windows where nobody says otherwise."""

LEARNT_OVERLAP = 0.5
"""Share of a window that the next one covers again while learning."""

MOST_PIXELS = 64_000_000
"""Pixels of pictures that are answered together, but one picture at least."""

_LOOKED_AT = 200


class AbstractWindowed(AbstractFramed):
    """One picture to something in each of its pixels."""

    framings: ClassVar[tuple[str, ...]] = ("pad", "windows")

    @abstractmethod
    def usual_class(self, schema: Schema) -> int:
        """Return the class that most pixels of training pictures have.

        Args:
            schema: The fitted schema.
        """

    @abstractmethod
    def of_picture(self, values: np.ndarray, schema: Schema) -> pl.DataFrame:
        """Return the answer to one picture.

        Args:
            values: uint8 [height, width], of each pixel.
            schema: The fitted schema.
        """

    def framed(
        self, options: ModalityOptions, frame: pl.DataFrame, schema: Schema
    ) -> ModalityOptions:
        """Return that pictures are seen in windows where they are much larger than one.

        Args:
            options: What the user said.
            frame: Raw rows, all or a sample.
            schema: The schema as inferred.
        """
        if options.framing != "crop" or [c.modality for c in schema.inputs] != ["image"]:
            return options
        cells = frame[schema.inputs[0].name].drop_nulls()
        sizes = map(size_of_cell, cells.gather_every(max(1, -(-len(cells) // _LOOKED_AT))))
        sides = [max(size) for size in sizes if size is not None]
        side = options.image_size or self.fitting(options, 0).max_size
        is_large = bool(sides) and float(np.median(sides)) > LARGE * side
        return dataclasses.replace(options, framing="windows" if is_large else "pad")

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return the windows to learn from, or the tiles to be answered, of some rows.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers, on any device.
            recipe: Not used.
            purpose: What they are for.
        """
        pictures = pictures_of_rows(dataset)
        if pictures is None:
            return super().part(dataset, rows, recipe, purpose=purpose)
        sizes = torch.zeros_like(pictures.sizes)
        sizes[rows.cpu()] = pictures.sizes[rows.cpu()]
        side = side_of(dataset.schema)
        if purpose != "learn":
            tiles = _tiles(dataset, side, tile_places(sizes, side))
            return Part(tiles, torch.arange(len(tiles.places), device=tiles.device))
        tiles = _tiles(dataset, side, window_places(sizes, Sliding(side, LEARNT_OVERLAP)))
        if tiles.targets is None:
            return Part(tiles, torch.arange(len(tiles.places), device=tiles.device))
        masks, usual = tiles.targets[1], self.usual_class(dataset.schema)
        index = windows_to_learn(masks, tiles.places, side=side, usual=usual)
        return Part(tiles, index.to(tiles.device))

    def num_samples(self, dataset: Dataset, rows: Tensor) -> int:
        """Return how many windows to learn from some rows are.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers.
        """
        pictures = pictures_of_rows(dataset)
        if pictures is None:
            return len(rows)
        sliding = Sliding(side_of(dataset.schema), LEARNT_OVERLAP)
        return len(window_places(pictures.sizes[rows.cpu()], sliding))

    def asked(self, dataset: Dataset, recipe: Recipe) -> Part:
        """Return the tiles of pictures that can be read.

        Args:
            dataset: Encoded rows.
            recipe: The plan's parts.
        """
        return self.part(dataset, dataset.usable(with_targets=False), recipe)

    def explained(self, dataset: Dataset, rows: Tensor, recipe: Recipe) -> Part:
        """Return the tile of each row that has the most contrast, under the number of the row.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers.
            recipe: The plan's parts.
        """
        pictures = pictures_of_rows(dataset)
        if pictures is None:
            return super().explained(dataset, rows, recipe)
        side = side_of(dataset.schema)
        places = torch.zeros(len(pictures), 3, dtype=torch.int64)
        places[:, 0] = torch.arange(len(pictures))
        for row in rows.tolist():
            places[row] = _liveliest(pictures, row, side)
        return Part(_tiles(dataset, side, places), rows.to(dataset.device))

    def pieces(self, frame: pl.DataFrame, schema: Schema) -> Iterator[pl.DataFrame]:
        """Yield rows whose pictures may be held together; all at once where they are made small.

        Args:
            frame: Raw rows.
            schema: The fitted schema.
        """
        name, is_cut = schema.inputs[0].name, seen_in_windows(schema)
        first, pixels = 0, 0
        for row in range(frame.height if is_cut and name in frame.columns else 0):
            size = size_of_cell(frame[name][row]) or (0, 0)
            if first < row and pixels + size[0] * size[1] > MOST_PIXELS:
                yield frame[first:row]
                first, pixels = row, 0
            pixels += size[0] * size[1]
        yield frame[first:]

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
        tiles = part.samples
        if not isinstance(tiles, Tiles):
            return super().replies(predictions, part, frame, schema)
        rows = part.rows().numpy()
        firsts = np.flatnonzero(np.diff(rows, prepend=-1))
        found = [self.in_pictures(predictions.rows(np.arange(0)), [], schema)]
        for first, stop in zip(firsts, [*firsts[1:], len(rows)]):
            own = predictions.values[first:stop].reshape(-1, tiles.side, tiles.side)
            whole = tiles.joined(part.index[int(first) : int(stop)], own)
            found.append(self.of_picture(whole, schema))
        each = part.index[torch.from_numpy(firsts).to(part.index.device)]
        return placed(pl.concat(found), Part(tiles, each), frame.height)


def seen_in_windows(schema: Schema) -> bool:
    """Return whether pictures are seen in windows.

    Args:
        schema: The fitted schema, of any task.
    """
    fitted = [column.fitted for column in schema.inputs]
    return any(isinstance(own, Image) and own.framing == "windows" for own in fitted)


def pictures_of_rows(dataset: Dataset) -> Pictures | None:
    """Return the pictures of rows where they are seen in windows; None where they are not.

    Args:
        dataset: Encoded rows of one picture each.
    """
    found = next(iter(dataset.inputs.values()))
    return found if isinstance(found, Pictures) else None


def side_of(schema: Schema) -> int:
    """Return the side of a window.

    Args:
        schema: The fitted schema.
    """
    return schema.input_specs()[0].shape[1]


def _tiles(dataset: Dataset, side: int, places: Tensor) -> Tiles:
    """Return squares of the pictures of rows."""
    ((name, pictures),) = dataset.inputs.items()
    assert isinstance(pictures, Pictures), "asked where there are some"
    masks = next(
        ((n, own) for n, own in dataset.targets.items() if isinstance(own, Pictures)), None
    )
    return Tiles((name, pictures), masks, side, places)


def _liveliest(pictures: Pictures, row: int, side: int) -> Tensor:
    """Return the tile of a picture whose brightness varies most, int64 [3]."""
    if not pictures.sizes[row].prod():
        return torch.tensor([row, 0, 0])
    whole = pictures.whole(row)
    places = tile_places(pictures.sizes[row : row + 1], side)
    spread = [whole[top : top + side, left : left + side].std() for _, top, left in places.tolist()]
    _, top, left = places[int(np.argmax(spread))].tolist()
    return torch.tensor([row, top, left])
