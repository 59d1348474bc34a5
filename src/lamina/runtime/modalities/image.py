"""Image: encoded pictures or arrays (see `lamina.data.modalities.image`).

Arrays of the right size need NumPy alone; encoded bytes and other sizes need Pillow, which is
imported when the first of them comes. A path is no picture: whoever may read files reads them.
"""

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.errors import MissingExtraError
from lamina.runtime.framing import FRAMINGS, frame_of, framed
from lamina.runtime.modalities.base import AbstractReader, Read

MAX_PIXELS = 64_000_000
"""Most pixels of a picture that is decoded; a larger one may be a decompression bomb."""

LUMA = (19595, 38470, 7471)
"""Brightness of red, green and blue in 65,536ths (ITU-R 601-2), as Pillow takes them."""

_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)
_COUNTS = (1, 3, 4)


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class ImageReader(AbstractReader):
    """Reads pictures."""

    name: ClassVar[str] = "image"
    kind: ClassVar[str] = "image"

    channels: int
    """1 for grey, 3 for red, green and blue."""
    height: int
    """Pixels from top to bottom."""
    width: int
    """Pixels from left to right."""
    framing: str = "crop"
    """How pictures are brought to this size, one of `FRAMINGS`."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of an image column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an image")
        return cls(
            channels=1 if fields.integer("channels", least=1, most=3) == 1 else 3,
            height=fields.integer("height", least=1, most=1 << 14),
            width=fields.integer("width", least=1, most=1 << 14),
            framing=framing_in(fields),
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return uint8 [rows, channels, height, width]; a row without a picture is an error.

        Where pictures are seen in windows, an object array of them as they are.

        Args:
            cells: Raw cells: bytes of encoded pictures, or arrays.
        """
        if self.framing == "windows":
            return self._read_as_they_are(cells)
        values = np.zeros((len(cells), self.channels, self.height, self.width), dtype=np.uint8)
        errors = {}
        for row, cell in enumerate(cells):
            picture = self._picture(cell)
            if isinstance(picture, str):
                errors[row] = picture
            else:
                values[row] = self._fitted_in(*picture)
        return Read(values, errors)

    def _read_as_they_are(self, cells: Sequence[Any]) -> Read:
        """Return an object array of uint8 [height, width, channels]."""
        values = np.empty(len(cells), dtype=object)
        errors = {}
        for row, cell in enumerate(cells):
            picture = self._picture(cell)
            if isinstance(picture, str):
                errors[row] = picture
            else:
                values[row] = in_channels(picture[0], self.channels)
        return Read(values, errors)

    def _picture(self, cell: Any) -> tuple[np.ndarray, tuple[int, int]] | str:
        """Return uint8 [rows, columns] or [rows, columns, 3] and its size, or why there is none."""
        if isinstance(cell, np.ndarray):
            pixels = plain_pixels(cell)
            return pixels if isinstance(pixels, str) else (pixels, pixels.shape[1::-1])
        if isinstance(cell, (bytes, bytearray, memoryview)):
            near = None if self.framing == "windows" else (self.height, self.width)
            return decoded(bytes(cell), near=near)
        if cell is None:
            return "there is no picture in the cell"
        if isinstance(cell, str):
            return "a text is no picture; give the bytes of the file"
        return f"a cell of the type {type(cell).__name__} is no picture; give bytes or an array"

    def _fitted_in(self, picture: np.ndarray, raw_size: tuple[int, int]) -> np.ndarray:
        """Return uint8 [channels, height, width] of a picture [height, width] or [..., 3]."""
        if self.framing == "pad":
            into = {"width": self.width, "height": self.height}
            picture = framed(picture, frame_of(*raw_size, **into), **into)
        elif picture.shape[:2] != (self.height, self.width):
            pillow = _pillow("Bringing a picture to another size")
            whole = pillow.fromarray(picture)
            size = (self.width, self.height)
            from PIL import ImageOps

            fitted = ImageOps.fit(whole, size, method=pillow.Resampling.BILINEAR)
            picture = np.asarray(fitted)
        return in_channels(picture, self.channels).transpose(2, 0, 1)


def in_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    """Return a picture in grey or in colours, uint8 [height, width, channels].

    Args:
        picture: uint8 [height, width] or [height, width, 3].
        channels: 1 or 3.
    """
    if picture.ndim == 2:
        return np.broadcast_to(picture[..., None], (*picture.shape, channels))
    if channels == 1:
        sums = sum(picture[..., i].astype(np.uint32) * weight for i, weight in enumerate(LUMA))
        return ((np.asarray(sums) + 0x8000) >> 16).astype(np.uint8)[..., None]
    return picture


def plain_pixels(array: np.ndarray) -> np.ndarray | str:
    """Return an array as uint8, grey or RGB, channels last, or why it is no picture.

    Args:
        array: Any array.

    Returns:
        [height, width] or [height, width, 3].
    """
    if array.dtype.kind not in "uifb" or array.ndim not in (2, 3) or not array.size:
        return f"an array of {array.dtype} of shape {list(array.shape)} is no picture"
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        return f"{array.shape[1]} × {array.shape[0]} pixels are more than {MAX_PIXELS:,}"
    if array.ndim == 3:
        if array.shape[2] not in _COUNTS and array.shape[0] in _COUNTS:
            array = array.transpose(1, 2, 0)
        if array.shape[2] not in _COUNTS:
            return f"a picture has 1, 3 or 4 channels, got an array of shape {list(array.shape)}"
        array = array[..., 0] if array.shape[2] == 1 else array[..., :3]
    return np.ascontiguousarray(to_uint8(array))


def framing_in(fields: Fields) -> str:
    """Return how a document says that pictures are brought to one size; older ones say nothing.

    Args:
        fields: The document of an image column.

    Raises:
        BundleError: It is no known way.
    """
    return fields.text("framing", FRAMINGS) if "framing" in fields.names() else "crop"


def size_of(cell: Any) -> tuple[int, int] | None:
    """Return width and height of a picture when it stands upright; None where it is none.

    Args:
        cell: A raw cell: bytes of an encoded picture, or an array.
    """
    if isinstance(cell, np.ndarray):
        pixels = plain_pixels(cell)
        return None if isinstance(pixels, str) else (pixels.shape[1], pixels.shape[0])
    if not isinstance(cell, (bytes, bytearray, memoryview)):
        return None
    found = decoded(bytes(cell), near=(1, 1))
    return None if isinstance(found, str) else found[1]


def decoded(data: bytes, near: tuple[int, int] | None) -> tuple[np.ndarray, tuple[int, int]] | str:
    """Return the pixels of encoded bytes with the size of the picture, or why there are none.

    Args:
        data: A picture in any format that Pillow knows.
        near: Height and width that are needed; what is much larger may be decoded smaller. None
            for every pixel.

    Returns:
        uint8 [height, width] or [height, width, 3], and the upright picture's width and height.
    """
    pillow = _pillow("Reading an encoded picture")
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Too many pixels are refused before decoding; damaged metadata harms no pixel.
            warnings.simplefilter("ignore")
            with pillow.open(io.BytesIO(data)) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    return f"{width} × {height} pixels are more than the {MAX_PIXELS:,} allowed"
                if near is not None and picture.format == "JPEG":
                    # Decodes at a half, a quarter or an eighth, never below what is needed.
                    picture.draft(None, (2 * near[1], 2 * near[0]))
                pixels = plain_array(picture)
                return pixels, upright(width, height, picture)
    except UnidentifiedImageError:
        return "the bytes are no picture of a kind that is known"
    except pillow.DecompressionBombError:
        return f"it claims more than the {MAX_PIXELS:,} pixels allowed"
    except Exception as error:  # decoders raise whatever foreign bytes lead them to
        text = str(error).split("\n")[0][:200]
        return f"cannot be decoded as a picture: {text or type(error).__name__}"


def plain_array(picture: Any) -> np.ndarray:
    """Return a picture as uint8, grey or RGB, upright and without transparency.

    Args:
        picture: A picture of Pillow's, opened.

    Returns:
        [height, width] or [height, width, 3].
    """
    from PIL import Image, ImageOps

    picture.load()
    if _orientation(picture) != 1:
        picture = ImageOps.exif_transpose(picture)
    mode = picture.mode
    if mode in ("1", "L"):
        return np.asarray(picture.convert("L"))
    if mode == "F" or mode.startswith("I"):
        return to_uint8(np.asarray(picture))
    if mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        white = Image.new("RGBA", over.size, (255, 255, 255, 255))
        flat = Image.alpha_composite(white, over)
        return np.asarray(flat.convert("L" if mode in ("LA", "La") else "RGB"))
    return np.asarray(picture.convert("RGB"))


def upright(width: int, height: int, picture: Any) -> tuple[int, int]:
    """Return width and height of a picture when it stands upright.

    Args:
        width: Its width as the file says.
        height: Its height as the file says.
        picture: The picture, loaded.
    """
    return (height, width) if _orientation(picture) in _ON_ITS_SIDE else (width, height)


def to_uint8(values: np.ndarray) -> np.ndarray:
    """Return brightness of any type as uint8: 0 to 1, 0 to 255 and 16 bits are told apart.

    Args:
        values: Any shape.
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return (values >> 8).astype(np.uint8)
    numbers: np.ndarray = np.nan_to_num(values.astype(np.float32))
    top = float(numbers.max()) if numbers.size else 0.0
    if np.issubdtype(values.dtype, np.floating) and top <= 1:
        numbers = numbers * 255
    elif top > 255:
        numbers = numbers / 257
    return np.clip(np.round(numbers), 0, 255).astype(np.uint8)


def _orientation(picture: Any) -> int:
    """Return how a loaded picture was held, from 1 (upright) to 8."""
    has_exif = "exif" in picture.info or picture.format == "TIFF"
    return int(picture.getexif().get(_ORIENTATION, 1)) if has_exif else 1


def _pillow(purpose: str) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError("Pillow", extra="", purpose=purpose) from error
    return Image
