"""Files of masks: what stands in each pixel, and the names of classes in a file beside them.

A mask holds a code per pixel: an index (of a palette, or a grey value), or a colour. Codes of
colours are written as 65,536 red + 256 green + blue. Names stand in one of the usual small files:

    classes.txt, labels.txt, codes.txt     a name per line, or "3 name", or "r g b name"
    class_dict.csv                         name,r,g,b
    palette.json, classes.json             ["sky", …], {"sky": 0, …}, {"sky": [r, g, b], …}
"""

import io
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from lamina.core.errors import DataError
from lamina.data.modalities.mask_drawings import drawn, is_drawing, size_of_drawing
from lamina.data.modalities.mask_turns import ON_ITS_SIDE, turn_of, turned_pixels
from lamina.runtime.modalities.image import MAX_PIXELS

NAME_FILES = (
    *("classes.txt", "class_names.txt", "labels.txt", "codes.txt", "label_colors.txt"),
    *("class_dict.csv", "classes.csv", "labels.csv"),
    *("palette.json", "classes.json", "labels.json"),
)
"""Names of files that name classes, in the order in which they are looked for."""

TEXT_KEY = "classes"
"""Text beside the pixels of a PNG that names its classes, a JSON list in the order of codes."""

_ABOVE = 2
_LOSSY = ("JPEG", "MPO")
_MOST_NAME_BYTES = 1 << 20
_HEX = re.compile(r"^#([0-9a-fA-F]{6})$")


@dataclass(frozen=True, slots=True)
class MaskPixels:
    """A mask that could be read."""

    codes: np.ndarray
    """int32 [height, width]."""
    is_colour: bool
    """Whether the codes are colours; else they are indices."""
    palette: Mapping[int, int]
    """Colour of an index, where the file has a palette."""
    names: tuple[str, ...] = ()
    """Names of the classes by code, where the file says so."""
    is_lossy: bool = False
    """Whether the file was saved with losses, so that pixels may not have the codes they had."""


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A class as a file or a user names it."""

    name: str
    """Its name."""
    code: int | None
    """Its code; None where its place in the list is its code."""
    is_colour: bool = False
    """Whether the code is a colour."""


def read_mask(what: str | bytes | np.ndarray | None) -> MaskPixels | str:
    """Return a mask, or why it cannot be read.

    Args:
        what: Path or bytes of a picture file, a drawing (see `mask_drawings.py`), a mask to be
            turned (see `mask_turns.py`), or an array [height, width] or [height, width, 3].
    """
    if what is None:
        return "there is no mask in the cell"
    turn = turn_of(what)
    if turn is not None:
        found = read_mask(turn[0])
        if isinstance(found, str):
            return found
        return replace(found, codes=turned_pixels(found.codes, turn[1]))
    if isinstance(what, np.ndarray):
        return _of_array(what)
    if isinstance(what, str) and is_drawing(what):
        made = drawn(what)
        return made if isinstance(made, str) else MaskPixels(made[0], False, {}, made[1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(what) if isinstance(what, bytes) else what) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    return f"{width} × {height} pixels are more than the {MAX_PIXELS:,} allowed"
                picture.load()
                names = _names_in(picture.info.get(TEXT_KEY))
                is_lossy = picture.format in _LOSSY
                found = _of_picture(ImageOps.exif_transpose(picture), names)
                return found if isinstance(found, str) else replace(found, is_lossy=is_lossy)
    except FileNotFoundError:
        return "there is no such file"
    except UnidentifiedImageError:
        return "the bytes are no picture of a kind that is known"
    except Pillow.DecompressionBombError:
        return f"it claims more than the {MAX_PIXELS:,} pixels allowed"
    except Exception as error:  # decoders raise whatever foreign bytes lead them to
        text = str(error).split("\n")[0][:200]
        return f"cannot be decoded as a mask: {text or type(error).__name__}"


def upright_size(what: str | bytes | np.ndarray | None) -> tuple[int, int] | None:
    """Return width and height of a picture when it stands upright, from its head alone.

    Args:
        what: Path or bytes of a picture file, or an array; None has no size.
    """
    if isinstance(what, np.ndarray):
        return what.shape[1], what.shape[0]
    turn = turn_of(what)
    if turn is not None:
        size = upright_size(turn[0])
        return None if size is None else (size[1], size[0])
    if isinstance(what, str) and is_drawing(what):
        return size_of_drawing(what)
    head = _head(what)
    if head is None:
        return None
    width, height, orientation = head
    return (height, width) if orientation in ON_ITS_SIDE else (width, height)


def orientation_of(what: str | bytes | np.ndarray | None) -> int:
    """Return how a picture is held, from 1 (upright) to 8; 1 where its file does not say.

    Args:
        what: Path or bytes of a picture file; others are upright.
    """
    head = None if isinstance(what, np.ndarray) else _head(what)
    return 1 if head is None else head[2]


def coloured(codes: np.ndarray) -> np.ndarray:
    """Return grey values as codes of colours.

    Args:
        codes: int32, any shape.
    """
    grey = np.clip(codes, 0, 255)
    return np.asarray(grey * 0x010101, dtype=np.int32)


def hex_of(code: int) -> str:
    """Return the code of a colour as text, such as "#ff0000".

    Args:
        code: The code.
    """
    return f"#{code:06x}"


def code_of(text: str) -> tuple[int, bool] | None:
    """Return a code in text and whether it is a colour; None where it is no code.

    Args:
        text: An index, or a colour such as "#ff0000".
    """
    found = _HEX.match(text.strip())
    if found:
        return int(found[1], 16), True
    return (int(text), False) if text.strip().isdigit() else None


def given_names(given: tuple[str, ...]) -> tuple[NamedCode, ...]:
    """Return classes as a user names them.

    Args:
        given: Each "name", "name=3" or "name=#ff0000".
    """
    found = []
    for text in given:
        name, mark, code = text.rpartition("=")
        read = code_of(code) if mark else None
        found.append(NamedCode(name.strip(), *read) if read else NamedCode(text.strip(), None))
    return tuple(found)


def names_beside(mask: Path) -> tuple[tuple[NamedCode, ...], Path | None]:
    """Return what a small file beside masks names, and the file; none where there is none.

    Args:
        mask: A mask; its folder and those above it are looked in.

    Raises:
        DataError: Such a file is there and cannot be read.
    """
    for folder in mask.absolute().parents[: _ABOVE + 1]:
        for name in NAME_FILES:
            path = folder / name
            if path.is_file() and path.stat().st_size <= _MOST_NAME_BYTES:
                found = _read_names(path)
                if found:
                    return found, path
    return (), None


def _head(what: str | bytes | None) -> tuple[int, int, int] | None:
    """Return width, height and orientation that the head of a file says; None where it cannot."""
    if what is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(what) if isinstance(what, bytes) else what) as picture:
                has_exif = "exif" in picture.info or picture.format == "TIFF"
                side = picture.getexif().get(0x0112, 1) if has_exif else 1
                return *picture.size, int(side)
    except Exception:  # whoever decodes it says what is wrong with it
        return None


def _read_names(path: Path) -> tuple[NamedCode, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = _of_json(json.loads(text)) if path.suffix == ".json" else _of_lines(text)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} should name the classes of masks, and cannot be read: {error}. Mend it, or "
            "move it away."
        ) from error
    if len({one.name for one in found}) != len(found):
        raise DataError(f"{path} names a class twice. Give each class a name of its own.")
    return found


def _of_lines(text: str) -> tuple[NamedCode, ...]:
    found = []
    for line in text.splitlines():
        cells = re.sub(r"[,;:\t]", " ", line).split()
        numbers = [int(cell) for cell in cells if cell.isdigit()]
        words = " ".join(cell for cell in cells if not cell.isdigit())
        if not words or words.startswith("#"):
            continue
        if len(numbers) >= 3 and max(numbers[-3:]) < 256:
            red, green, blue = numbers[-3:]
            found.append(NamedCode(words, red << 16 | green << 8 | blue, True))
        elif len(numbers) == 1:
            found.append(NamedCode(words, numbers[0]))
        elif not numbers and not _is_header(cells):
            found.append(NamedCode(words, None))
    return tuple(found)


def _is_header(cells: list[str]) -> bool:
    return {cell.lower() for cell in cells} <= {"name", "class", "label", "r", "g", "b", "id"}


def _of_json(content: Any) -> tuple[NamedCode, ...]:
    if isinstance(content, Mapping) and isinstance(content.get("classes"), (list, Mapping)):
        content = content["classes"]
    pairs: list[tuple[Any, Any]] = []
    if isinstance(content, Mapping):
        pairs = list(content.items())
    elif isinstance(content, list):
        for one in content:
            if isinstance(one, Mapping):
                pairs.append((one.get("name"), one.get("color", one.get("id", one.get("value")))))
            else:
                pairs.append((one, None))
    found = []
    for name, value in pairs:
        if isinstance(name, str) and name.isdigit() and isinstance(value, str):
            name, value = value, int(name)
        if not isinstance(name, str):
            raise ValueError(f"a class must have a name, got {name!r:.60}")
        found.append(NamedCode(name, *_code_in(value)))
    return tuple(found)


def _code_in(value: Any) -> tuple[int | None, bool]:
    if value is None:
        return None, False
    if isinstance(value, list) and len(value) >= 3 and all(type(v) is int for v in value):
        return value[0] << 16 | value[1] << 8 | value[2], True
    read = code_of(str(value))
    if read is None:
        raise ValueError(f"a class must have an index or a colour, got {value!r:.60}")
    return read


def _names_in(text: Any) -> tuple[str, ...]:
    try:
        names = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return ()
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_list else ()


def _of_picture(picture: Any, names: tuple[str, ...]) -> MaskPixels | str:
    mode = picture.mode
    if mode in ("P", "PA"):
        own = picture if mode == "P" else picture.getchannel(0)
        flat = picture.getpalette("RGB") or []
        colours = [flat[i : i + 3] for i in range(0, len(flat), 3)]
        palette = {i: (r << 16) | (g << 8) | b for i, (r, g, b) in enumerate(colours)}
        return MaskPixels(np.asarray(own).astype(np.int32), False, palette, names)
    if mode in ("RGB", "RGBA", "RGBa", "CMYK", "YCbCr"):
        return _of_array(np.asarray(picture.convert("RGB")))
    if mode in ("LA", "La"):
        picture = picture.getchannel(0)
    values = np.asarray(picture)
    if values.dtype.kind == "f" and not np.array_equal(values, np.round(values)):
        return "its pixels are no whole numbers"
    return MaskPixels(values.astype(np.int32), False, {}, names)


def _of_array(values: np.ndarray) -> MaskPixels | str:
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim == 2 and values.dtype.kind in "uib":
        return MaskPixels(values.astype(np.int32), False, {})
    if values.ndim == 3 and values.shape[2] in (3, 4) and values.dtype == np.uint8:
        red, green, blue = (values[..., i].astype(np.int32) for i in range(3))
        if np.array_equal(red, green) and np.array_equal(green, blue):
            return MaskPixels(red, False, {})
        return MaskPixels(red << 16 | green << 8 | blue, True, {})
    return f"an array of {values.dtype} of shape {list(values.shape)} is no mask"
