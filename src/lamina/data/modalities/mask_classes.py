"""What the codes in masks mean: which of them are classes, how these are called, and what is void.

Names stand in the files, in a small file beside them, or are given; without names the codes are the
names.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lamina.core.errors import DataError
from lamina.data.geometry import VOID
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.mask_drawings import is_drawing
from lamina.data.modalities.mask_files import (
    NamedCode,
    code_of,
    coloured,
    given_names,
    hex_of,
    names_beside,
    read_mask,
)

MOST_CLASSES = 255
"""Most classes of a mask: a byte holds the class, and 255 of it is void."""

_VOID_NAMES = ("void", "unlabelled", "unlabeled", "ignore", "ignored", "unknown", "out of roi")
_LOSSLESS = 2  # different values that files saved with losses may have kept


@dataclass(frozen=True, slots=True)
class CountedMask:
    """How often each code stands in a mask."""

    codes: np.ndarray
    """int32 [codes], rising."""
    counts: np.ndarray
    """int64 [codes], pixels of each."""
    is_colour: bool
    """Whether the codes are colours."""
    palette: Mapping[int, int]
    """Colour of an index, where the file has a palette."""
    names: tuple[str, ...]
    """Names of the classes by code, where the file says so."""
    is_lossy: bool
    """Whether the file was saved with losses."""


def counted(cell: Any) -> CountedMask | str:
    """Return how often each code stands in a mask, or why it cannot be read.

    Args:
        cell: A raw cell.
    """
    mask = read_mask(cell)
    if isinstance(mask, str):
        return mask
    codes, counts = np.unique(mask.codes, return_counts=True)
    return CountedMask(codes, counts, mask.is_colour, mask.palette, mask.names, mask.is_lossy)


def classes_of(
    column: pl.Series,
    masks: Sequence[CountedMask],
    counts: Mapping[int, int],
    options: ModalityOptions,
    *,
    is_colour: bool,
) -> dict[str, int]:
    """Return the code of each class by its name, in the order of the classes.

    Args:
        column: Raw cells of training masks.
        masks: What stands in them.
        counts: Pixels of each code in all of them.
        options: `class_names` and `void`.
        is_colour: Whether codes are colours.

    Raises:
        DataError: Names do not fit the codes, or there are too few or too many classes.
    """
    named, where = _names(column, masks, options)
    void = _void_given(options, is_colour=is_colour)
    _check_losses(column.name, masks, len(counts), has_names=bool(named))
    return _classes(column.name, counts, named, where, void, is_colour=is_colour)


def _names(
    column: pl.Series, masks: Sequence[CountedMask], options: ModalityOptions
) -> tuple[tuple[NamedCode, ...], str]:
    """Return the classes that somebody named, and who did."""
    if options.class_names:
        return given_names(options.class_names), "data.fitting.class_names"
    own = next((mask.names for mask in masks if mask.names), ())
    if own:
        return tuple(NamedCode(name, None) for name in own), "the files of the masks"
    if column.dtype != pl.String:
        return (), ""
    first = [cell for cell in column.drop_nulls().head(1) if not is_drawing(cell)]
    found, path = names_beside(Path(first[0])) if first else ((), None)
    return found, str(path)


def _void_given(options: ModalityOptions, *, is_colour: bool) -> set[int]:
    found = set()
    for text in options.void:
        read = code_of(text)
        if read is None:
            raise DataError(
                f'void must hold indices such as "11" or colours such as "#000000", got {text!r}.'
            )
        code, was_colour = read
        is_grey = is_colour and not was_colour
        found.add(int(coloured(np.array(code))) if is_grey else code)
    return found


def _classes(
    column: str,
    counts: Mapping[int, int],
    named: Sequence[NamedCode],
    where: str,
    void: set[int],
    *,
    is_colour: bool,
) -> dict[str, int]:
    """Return the code of each class by its name, in the order of the classes."""
    if len(counts) > MOST_CLASSES + 1 and not named:
        raise DataError(
            f"the masks of column {column!r} hold {len(counts):,} different values, and classes "
            f"are at most {MOST_CLASSES}. Save masks without losses (PNG, not JPEG), or name the "
            "classes: --set data.fitting.class_names='[\"road=#804080\", ...]'."
        )
    if named:
        codes = {
            one.name: place if one.code is None else one.code for place, one in enumerate(named)
        }
        _check_distinct(codes, named, where)
        if is_colour and any(one.code is not None and not one.is_colour for one in named):
            raise DataError(
                f"the masks of column {column!r} have colours, and {where} names indices. Name "
                "each class with its colour, such as road=#804080."
            )
        if is_colour and all(one.code is None for one in named):
            found = sorted(set(counts) - void)
            if len(found) != len(named):
                raise DataError(
                    f"the masks of column {column!r} have {len(found)} colours, and {where} names "
                    f"{len(named)} classes. Name each with its colour, such as road=#804080."
                )
            codes = dict(zip(codes, found))
        known = {
            name: code
            for name, code in codes.items()
            if code not in void and name.strip().lower() not in _VOID_NAMES
        }
    else:
        rest = [code for code in sorted(counts) if code not in void]
        if not is_colour and not void and len(rest) > 2 and rest[-1] == VOID:
            rest = rest[:-1]
        known = {hex_of(code) if is_colour else str(code): code for code in rest}
    if len(known) < 2 or not any(counts.get(code) for code in known.values()):
        values = ", ".join(hex_of(c) if is_colour else str(c) for c in sorted(counts)[:8])
        raise DataError(
            f"the training masks of column {column!r} must hold at least two classes, got the "
            f"values {values} and the classes {', '.join(known) or 'none'}. Check the files, the "
            "names of classes and what counts as void."
        )
    return known


def _check_losses(
    column: str, masks: Sequence[CountedMask], num_values: int, *, has_names: bool
) -> None:
    """Refuse values that losses made, where no names say which of them are classes."""
    num_lossy = sum(mask.is_lossy for mask in masks)
    if num_lossy and not has_names and num_values > _LOSSLESS:
        raise DataError(
            f"{num_lossy:,} masks of column {column!r} are JPEG files, which do not keep values of "
            f"pixels: they hold {num_values:,} different ones. Save masks without losses (PNG), "
            "or name the classes, so that other values count as void: --set "
            'data.fitting.class_names=\'["ground=0", "thing=255"]\'.'
        )


def _check_distinct(codes: Mapping[str, int], named: Sequence[NamedCode], where: str) -> None:
    """Check that no class is named twice, and no code."""
    twice = next((name for name, times in Counter(o.name for o in named).items() if times > 1), "")
    if twice:
        raise DataError(f"{where} names the class {twice!r} twice. Give each a name of its own.")
    shared = next((code for code, times in Counter(codes.values()).items() if times > 1), None)
    if shared is not None:
        names = " and ".join(repr(name) for name, code in codes.items() if code == shared)
        raise DataError(
            f"{where} gives the classes {names} the same code ({shared}). Give each a code of its "
            "own, such as road=3."
        )
