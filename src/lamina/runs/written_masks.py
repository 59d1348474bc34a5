"""Masks as files: a PNG of indices with a palette per picture, and two tables beside them."""

import io
import json
from pathlib import Path
from typing import Any

import polars as pl

from lamina.core.errors import DataError
from lamina.core.files import write_atomically
from lamina.data.modalities.mask import Mask
from lamina.data.modalities.mask_files import TEXT_KEY
from lamina.data.sources.write import write_frame
from lamina.runs.predictor import Predictor
from lamina.runtime.connected import connected_parts
from lamina.runtime.masks import mask_of, palette_of
from lamina.tasks.base import modality_of

TABLE = "answers.csv"
"""One row per picture: file of the mask, and the share of each class."""

PARTS = "parts.csv"
"""One row per connected part of a class: its box and its pixels."""

FEWEST_PIXELS = 16
"""Pixels below which a connected part is not listed."""


def open_folder(predictor: Predictor, folder: Path) -> Mask:
    """Make the folder for masks, before anything is read or answered, and return their state.

    Args:
        predictor: The model.
        folder: Where to; it is made where its parent is there.

    Raises:
        DataError: The model answers no masks, or the folder cannot be made.
    """
    schema = predictor.schema
    mask = modality_of(schema, schema.targets[0].name) if schema.targets else None
    if not isinstance(mask, Mask):
        raise DataError(
            f"cannot write to {str(folder)!r}: only masks are written to a folder, and this model "
            "answers none. Name a file (.csv, .parquet, .jsonl)."
        )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make the folder {str(folder)!r}: {error.strerror or error}."
        ) from error
    return mask


def write_masks(
    predictor: Predictor, frame: pl.DataFrame, answers: pl.DataFrame, folder: Path
) -> Path:
    """Write the masks that a model answered; files of the same names are replaced.

    Args:
        predictor: The model.
        frame: The raw rows.
        answers: Its answers to them.
        folder: Where to; it is made where its parent is there.

    Returns:
        The table of answers.

    Raises:
        DataError: The model answers no masks, or the folder cannot be made.
    """
    mask, schema = open_folder(predictor, folder), predictor.schema
    target = schema.targets[0].name
    names = _names(frame[schema.inputs[0].name].to_list())
    parts: list[dict[str, Any]] = []
    files: list[str | None] = []
    for name, runs in zip(names, answers[target].to_list()):
        files.append(None if runs is None else f"{name}.png")
        if runs is None:
            continue
        classes = mask_of(runs)
        write_atomically(folder / f"{name}.png", _png(classes, mask))
        for part in connected_parts(classes, fewest=FEWEST_PIXELS):
            place = {"class": mask.classes[part.number], "left": part.left, "top": part.top}
            box = {"right": part.right, "bottom": part.bottom, "pixels": part.num_pixels}
            parts.append({"file": f"{name}.png", **place, **box})
    own = pl.Series(target, files, dtype=pl.String)
    if parts:
        write_frame(pl.DataFrame(parts), folder / PARTS)
    return write_frame(answers.with_columns(own), folder / TABLE)


def _names(cells: list[Any]) -> list[str]:
    """Return a name for each row: of its picture's file, or its number; none of them twice."""
    found: list[str] = []
    taken: set[str] = set()
    for row, cell in enumerate(cells):
        name = Path(cell).stem if isinstance(cell, str) else f"{row:06}"
        while name in taken:
            name = f"{name}_{row}"
        taken.add(name)
        found.append(name)
    return found


def _png(classes: Any, mask: Mask) -> bytes:
    """Return indices with the palette and the names of their classes."""
    from PIL import Image, PngImagePlugin

    picture = Image.frombytes("P", classes.shape[::-1], classes.tobytes())
    picture.putpalette(palette_of(mask.colours))
    info = PngImagePlugin.PngInfo()
    info.add_text(TEXT_KEY, json.dumps(list(mask.classes)))
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=info, optimize=True)
    return file.getvalue()
