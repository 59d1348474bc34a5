"""Image: pictures in files, as encoded bytes, or as arrays.

All pictures of a column are brought to one size and to grey or RGB, both chosen from training
pictures. A file that is broken, cut off or absurdly large fails its own row and nothing else.
"""

import io
import math
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from lamina.core.errors import DataError
from lamina.core.hub import model_folder
from lamina.core.records import InputSpec, Problem
from lamina.data.channels import channels_last
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import as_text, share_of, without_missing
from lamina.data.modalities.picture_files import read_picture_settings
from lamina.data.pictures import pictures_of
from lamina.data.sources.names import PICTURE_SUFFIXES
from lamina.runtime.document import Fields
from lamina.runtime.framing import GREY, frame_of, framed
from lamina.runtime.modalities.image import (
    MAX_PIXELS,
    framing_in,
    in_channels,
    plain_array,
    to_uint8,
    upright,
)

PICTURE_ENDING = rf"(?i)(?:{'|'.join(map(re.escape, sorted(PICTURE_SUFFIXES)))})$"
"""Regular expression of how names of picture files end."""

_SAMPLE = 1_000
_FEW = 200  # of large pictures
_LEAST_HELD = 512  # longest side in pixels below which pictures are fitted from all of them
_TOGETHER = 32
_SHOWN_PROBLEMS = 20


@final
@dataclass(frozen=True, kw_only=True)
class Image(AbstractModality):
    """Fitted state of a picture column."""

    name: ClassVar[str] = "image"
    kind: ClassVar[str] = "image"
    holds_files: ClassVar[bool] = True

    channels: int
    """1 for grey, 3 for red, green and blue."""
    height: int
    """Pixels from top to bottom."""
    width: int
    """Pixels from left to right."""
    mean: tuple[float, ...]
    """Mean of each channel in training, in [0, 1]."""
    deviation: tuple[float, ...]
    """Standard deviation of each channel in training, in units of [0, 1]."""
    framing: str = "crop"
    """How pictures are brought to this size (see `lamina.runtime.framing`)."""
    pixels: int = 0
    """Where they are seen in windows of this size: pixels of a picture on average."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like pictures.

        Args:
            column: Raw cells.
            role: "input" or "target"; pictures are no targets.
        """
        if role == "target":
            return Evidence(0.0, "pictures cannot be predicted")
        if column.dtype == pl.Binary:
            return Evidence(1.0, f"{len(column) - column.null_count():,} cells are encoded bytes")
        if isinstance(column.dtype, pl.Array):
            if len(column.dtype.shape) in (2, 3):
                return Evidence(1.0, f"the cells are arrays of shape {column.dtype.shape}")
            return Evidence(0.0, f"arrays of shape {column.dtype.shape} are no pictures")
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are no pictures")
        text = without_missing(as_text(column)).drop_nulls()
        share = share_of(text.str.contains(PICTURE_ENDING))
        if share_of(text.str.contains(r"^https?://")) > 0.5:
            return Evidence(0.0, "the cells are addresses on the web, which are not fetched")
        reason = f"{share:.0%} of {len(text):,} cells end like names of picture files"
        return Evidence(0.98 if share >= 0.95 else 0.0, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return size, channels and brightness of training pictures, from a sample of them.

        Args:
            column: Raw cells of training rows.
            role: "input".
            options: `image_size`, `max_size`, `size_step`, `framing` and `picture_scale`.

        Raises:
            DataError: It is to be a target, or no picture can be read.
        """
        if role == "target":
            raise DataError(f"target {column.name!r} holds pictures, which cannot be predicted.")
        present = column.drop_nulls()
        is_cut = options.framing == "windows"
        most = _FEW if is_cut else _SAMPLE
        sample = present.gather_every(max(1, math.ceil(len(present) / most)))
        # All of them are held at a time, so large ones are held smaller.
        least = max(_LEAST_HELD, 2 * max(options.image_size, options.max_size))
        if isinstance(column.dtype, pl.Array):
            arrays = _arrays(sample)
            whole = (Opened(picture, picture.shape[1::-1]) for picture in arrays)
            found = [_held(one, least, is_cut=is_cut) for one in whole]
            problem = "no cell has an array"
        else:
            found = in_threads(
                lambda what: _held(opened(what), least, is_cut=is_cut), _locators(sample)
            )
            problem = next((text for text in found if isinstance(text, str)), "no cell has one")
        pictures = [picture for picture in found if isinstance(picture, Opened)]
        if not pictures:
            raise DataError(
                f"no picture of column {column.name!r} could be read: {problem}. Check the files, "
                "or ignore the column."
            )
        if options.picture_scale is not None:
            wanted = read_picture_settings(model_folder(options.picture_scale))
            side = options.image_size
            return cls(
                channels=3,
                height=side or wanted.height,
                width=side or wanted.width,
                mean=wanted.mean,
                deviation=wanted.deviation,
                framing=options.framing,
            )
        channels = 1 if all(_is_grey(picture.pixels) for picture in pictures) else 3
        sizes = [picture.size[::-1] for picture in pictures]
        height, width = _SIZES[options.framing](sizes, options)
        state = cls(
            channels=channels,
            height=height,
            width=width,
            mean=(),
            deviation=(),
            framing=options.framing,
            pixels=round(float(np.prod(sizes, axis=1).mean())) if is_cut else 0,
        )
        if is_cut:
            held = [in_channels(one.pixels, channels).reshape(-1, channels) for one in pictures]
            values = np.concatenate(held)
        else:
            values = np.stack([state._fitted_in(picture) for picture in pictures])
        moments = [_moments(values[:, channel]) for channel in range(channels)]
        object.__setattr__(state, "mean", tuple(mean for mean, _ in moments))
        object.__setattr__(state, "deviation", tuple(max(std, 1e-3) for _, std in moments))
        return state

    def encode(self, column: pl.Series) -> Encoded:
        """Return uint8 [rows, channels, height, width]; a row without a picture fails.

        Where pictures are seen in windows they stay as they are.

        Args:
            column: Raw cells, of any rows.
        """
        if self.framing == "windows":
            return self._encode_as_they_are(column)
        if isinstance(column.dtype, pl.Array):
            return self._encode_arrays(column)
        values = np.zeros((len(column), self.channels, self.height, self.width), dtype=np.uint8)
        failed = np.zeros(len(column), dtype=bool)
        locators = _locators(column)

        def decode(row: int) -> Problem | None:
            picture = opened(locators[row], near=(self.height, self.width))
            if isinstance(picture, Opened):
                values[row] = self._fitted_in(picture)
                return None
            failed[row] = True
            where = locators[row]
            return Problem(where if isinstance(where, str) else "", picture)

        found = [p for p in in_threads(decode, range(len(column))) if p is not None]
        shown = tuple(found[:_SHOWN_PROBLEMS])
        rows = tuple(map(int, np.nonzero(failed)[0][:_SHOWN_PROBLEMS]))
        return Encoded(torch.from_numpy(values), torch.from_numpy(failed), shown, rows)

    def show(self, cell: Any) -> str:
        """Return the name of the file, or the kind of the cell.

        Args:
            cell: A raw cell.
        """
        if cell is None:
            return "missing"
        return Path(cell).name if isinstance(cell, str) else "picture"

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a picture.

        Args:
            column: Name of the column.
        """
        shape = (self.channels, self.height, self.width)
        return InputSpec(
            column, "image", (column,), shape, mean=self.mean, deviation=self.deviation
        )

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "channels": self.channels,
            "height": self.height,
            "width": self.width,
            "mean": list(self.mean),
            "deviation": list(self.deviation),
            "framing": self.framing,
            "pixels": self.pixels,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an image")
        channels = 1 if fields.integer("channels", least=1, most=3) == 1 else 3
        return cls(
            channels=channels,
            height=fields.integer("height", least=1, most=1 << 14),
            width=fields.integer("width", least=1, most=1 << 14),
            mean=fields.numbers("mean", count=channels),
            deviation=fields.numbers("deviation", count=channels),
            framing=framing_in(fields),
            # Older documents have none.
            pixels=fields.integer("pixels", least=0) if "pixels" in fields.names() else 0,
        )

    @property
    def row_bytes(self) -> int:
        """Bytes of an encoded picture, on average."""
        return (self.pixels or self.height * self.width) * self.channels

    def _encode_as_they_are(self, column: pl.Series) -> Encoded:
        cells: list[Any]
        if isinstance(column.dtype, pl.Array):
            arrays = iter(_arrays(column.drop_nulls()))
            cells = [None if is_null else next(arrays) for is_null in column.is_null()]
        else:
            cells = list(_locators(column))

        def decode(cell: Any) -> np.ndarray | str:
            if isinstance(cell, np.ndarray):
                return in_channels(cell, self.channels)
            found = opened(cell)
            return in_channels(found.pixels, self.channels) if isinstance(found, Opened) else found

        found = in_threads(decode, cells)
        failed = [row for row, one in enumerate(found) if isinstance(one, str)]
        problems = tuple(
            Problem(cells[row] if isinstance(cells[row], str) else "", found[row])
            for row in failed[:_SHOWN_PROBLEMS]
        )
        is_failed = torch.zeros(len(found), dtype=torch.bool)
        is_failed[failed] = True
        kept = [None if isinstance(one, str) else one for one in found]
        found.clear()
        values = pictures_of(kept, ground=GREY, channels=self.channels)
        return Encoded(values, is_failed, problems, tuple(failed[:_SHOWN_PROBLEMS]))

    def _encode_arrays(self, column: pl.Series) -> Encoded:
        is_missing = column.is_null().to_numpy().copy()
        pictures = _arrays(column.drop_nulls())
        failed = torch.from_numpy(is_missing)
        fits = pictures.shape[1:3] == (self.height, self.width) and not is_missing.any()
        if fits and pictures.ndim == 3 and self.channels == 1 and pictures.dtype == np.uint8:
            with warnings.catch_warnings():
                # The memory belongs to the frame and is only read.
                warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
                return Encoded(torch.from_numpy(pictures)[:, None], failed)
        values = np.zeros((len(column), self.channels, self.height, self.width), dtype=np.uint8)
        for row, picture in zip(np.nonzero(~is_missing)[0], pictures):
            values[row] = self._fitted_in(Opened(picture, picture.shape[1::-1]))
        return Encoded(torch.from_numpy(values), failed)

    def _fitted_in(self, whole: "Opened") -> np.ndarray:
        """Return uint8 [channels, height, width] of a picture."""
        picture = whole.pixels
        if self.framing == "pad":
            into = {"width": self.width, "height": self.height}
            picture = framed(picture, frame_of(*whole.size, **into), **into)
        elif picture.shape[:2] != (self.height, self.width):
            size = (self.width, self.height)
            fitted = ImageOps.fit(
                Pillow.fromarray(picture), size, method=Pillow.Resampling.BILINEAR
            )
            picture = np.asarray(fitted)
        return in_channels(picture, self.channels).transpose(2, 0, 1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture that could be read."""

    pixels: np.ndarray
    """uint8 [height, width] or [height, width, 3]; smaller than the picture where that suffices."""
    size: tuple[int, int]
    """Width and height of the upright picture itself."""


def opened(what: str | bytes | None, near: tuple[int, int] | None = None) -> Opened | str:
    """Return a picture, or why it cannot be read.

    Args:
        what: Path or bytes of it.
        near: Height and width that are needed; None for every pixel.
    """
    if what is None:
        return "there is no picture in the cell"
    try:
        with Pillow.open(io.BytesIO(what) if isinstance(what, bytes) else what) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return f"{width} × {height} pixels are more than the {MAX_PIXELS:,} allowed"
            if near and picture.format == "JPEG":
                # Decodes at a half, a quarter or an eighth of the size, never below what is needed.
                picture.draft(None, (2 * near[1], 2 * near[0]))
            pixels = plain_array(picture)
            return Opened(pixels, upright(width, height, picture))
    except FileNotFoundError:
        return "there is no such file"
    except UnidentifiedImageError:
        return "the bytes are no picture of a kind that is known"
    except Pillow.DecompressionBombError:
        return f"it claims more than the {MAX_PIXELS:,} pixels allowed"
    except Exception as error:  # decoders raise whatever foreign bytes lead them to
        text = str(error).split("\n")[0][:200]
        return f"cannot be decoded as a picture: {text or type(error).__name__}"


def whole_picture(
    inputs: Sequence[AbstractModality], *, what: str, framings: tuple[str, ...] = ("pad",)
) -> Image:
    """Return the one picture that a target lies in.

    Args:
        inputs: The fitted state of every input.
        what: What is predicted, for messages.
        framings: How it may be brought in.

    Raises:
        DataError: There is not exactly one picture, or it is brought in otherwise.
    """
    pictures = [one for one in inputs if isinstance(one, Image)]
    if len(pictures) != 1 or len(inputs) != 1:
        raise DataError(
            f"{what} are predicted from one picture alone, got {len(inputs)} inputs, "
            f"{len(pictures)} of them pictures. Leave the others out with --ignore."
        )
    if pictures[0].framing not in framings:
        raise DataError(
            f"{what} need pictures that are seen whole: set data.fitting.framing to "
            f"{' or '.join(map(repr, framings))}, got {pictures[0].framing!r}."
        )
    return pictures[0]


def _arrays(column: pl.Series) -> np.ndarray:
    """Return the cells of an array column as uint8 [rows, height, width] or [rows, ..., 3]."""
    values = channels_last(column.to_numpy())
    if values.ndim == 4:
        values = values[..., :3]
    if values.ndim not in (3, 4):
        raise DataError(
            f"column {column.name!r} has arrays of shape {values.shape[1:]}, and pictures are "
            "height × width or height × width × channels."
        )
    return to_uint8(values)


def _locators(column: pl.Series) -> list[str | bytes | None]:
    if column.dtype in (pl.Binary, pl.String):
        return column.to_list()
    raise DataError(
        f"column {column.name!r} holds {column.dtype} cells, which are no pictures. Give paths, "
        "bytes or arrays."
    )


def in_threads(work: Any, items: Sequence[Any]) -> list[Any]:
    """Return `work` of each item, in order; decoders let other threads run.

    Args:
        work: A function of an item.
        items: What it is asked of.
    """
    with warnings.catch_warnings():
        # Too many pixels are refused before decoding; damaged metadata harms no pixel.
        warnings.simplefilter("ignore")
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            # Decoding a small picture takes no longer than handing it over, so some go together.
            starts = range(0, len(items), _TOGETHER)
            parts = pool.map(lambda s: [work(item) for item in items[s : s + _TOGETHER]], starts)
            return [result for part in parts for result in part]


def _is_grey(picture: np.ndarray) -> bool:
    if picture.ndim == 2:
        return True
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    return bool(np.array_equal(red, green) and np.array_equal(green, blue))


def _size(sizes: Sequence[tuple[int, int]], options: ModalityOptions) -> tuple[int, int]:
    """Return height and width that all pictures are brought to."""
    if options.image_size:
        return options.image_size, options.image_size
    height, width = sizes[0]
    longest = max(height, width)
    if all(size == sizes[0] for size in sizes):
        if longest <= options.max_size:
            return height, width
        scale = options.max_size / longest
        return max(1, round(height * scale)), max(1, round(width * scale))
    side = int(np.median([min(size) for size in sizes]))
    return (min(side, options.max_size),) * 2


def _whole_size(sizes: Sequence[tuple[int, int]], options: ModalityOptions) -> tuple[int, int]:
    """Return height and width of the typical picture, with which few are far from filling it."""
    step = options.size_step
    if options.image_size:
        side = max(step, round(options.image_size / step) * step)
        return side, side
    longest = min(options.max_size, int(np.median([max(size) for size in sizes])))
    ratio = float(np.median([size[0] / size[1] for size in sizes]))
    exact = (longest * min(1.0, ratio), longest * min(1.0, 1 / ratio))
    height, width = (max(step, round(side / step) * step) for side in exact)
    return height, width


def _window_size(sizes: Sequence[tuple[int, int]], options: ModalityOptions) -> tuple[int, int]:
    """Return the side of the windows that pictures are seen in; none is larger than them all."""
    step, largest = options.size_step, max(max(size) for size in sizes)
    wanted = options.image_size or min(options.max_size, largest)
    return (max(step, round(wanted / step) * step),) * 2


_SIZES = {"crop": _size, "pad": _whole_size, "windows": _window_size}


def _held(whole: "Opened | str", least: int, *, is_cut: bool) -> "Opened | str":
    """Return a picture with fewer pixels, but not below a longest side."""
    if isinstance(whole, str):
        return whole
    factor = max(whole.pixels.shape[:2]) // least
    if factor < 2:
        return whole
    if is_cut:  # brightness varies between pixels as it does in windows
        return Opened(np.ascontiguousarray(whole.pixels[::factor, ::factor]), whole.size)
    return Opened(np.asarray(Pillow.fromarray(whole.pixels).reduce(factor)), whole.size)


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of uint8 values, in units of 255, from their counts."""
    counts = np.bincount(values.reshape(-1), minlength=256) / values.size
    levels = np.arange(256) / 255.0
    mean = float((counts * levels).sum())
    return mean, math.sqrt(float((counts * (levels - mean) ** 2).sum()))
