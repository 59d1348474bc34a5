"""Thumbnails for a report, as data URIs.

Only URIs of the three kinds written here are ever shown by the report, so a data set cannot smuggle
in a link or a script under the name of a picture.
"""

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import DataError

SIDE = 96
"""Greatest side of a thumbnail in pixels; smaller pictures are enlarged without smoothing."""
MOST_BYTES = 24_000
"""Greatest size of a shown picture, so that 64 of them stay below 1.5 MB."""

_ALLOWED = re.compile(r"data:image/(?:png|webp|jpeg);base64,[A-Za-z0-9+/]+={0,2}")


def thumbnail_uri(picture: Any, *, side: int = SIDE) -> str:
    """Return a picture as a data URI of a small PNG or WebP.

    Args:
        picture: A path, encoded bytes, or an array: height × width or height × width × channels
            (1, 3 or 4; channels first is understood), uint8, or float in [0, 1].
        side: Greatest side in pixels.

    Raises:
        DataError: It cannot be read as a picture.
    """
    from PIL import Image

    image = _open(picture)
    largest = max(image.size)
    if largest <= side // 2:
        factor = side // largest
        image = image.resize(
            (image.width * factor, image.height * factor), Image.Resampling.NEAREST
        )
    else:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    # PNG keeps the hard edges of tiny pictures; WebP is five times smaller for photographs.
    for kind, options in (("PNG", {"optimize": True}), ("WEBP", {"quality": 80, "method": 4})):
        buffer = io.BytesIO()
        image.save(buffer, format=kind, **options)
        if kind == "WEBP" or buffer.tell() <= 2500:
            break
    body = base64.b64encode(buffer.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{body}"


def is_safe_uri(uri: str) -> bool:
    """Return whether a URI is an embedded picture that the report may show.

    Args:
        uri: The URI.
    """
    return len(uri) <= MOST_BYTES * 4 // 3 + 64 and _ALLOWED.fullmatch(uri) is not None


def _open(picture: Any) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        if isinstance(picture, (str, Path)):
            with Image.open(picture) as file:
                return _plain(file)
        if isinstance(picture, (bytes, bytearray, memoryview)):
            with Image.open(io.BytesIO(bytes(picture))) as file:
                return _plain(file)
        return _plain(Image.fromarray(_pixels(np.asarray(picture))))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError) as error:
        raise DataError(
            f"this picture cannot be read ({error}). Give a path, encoded bytes or an array."
        ) from error
    except Image.DecompressionBombError as error:
        raise DataError(f"this picture is too large to be shown ({error}).") from error


def _plain(image: Any) -> Any:
    image.load()
    if image.mode in ("L", "RGB"):
        return image.copy()
    if image.mode in ("1", "I;16", "I", "F"):
        return image.convert("L")
    return image.convert("RGB")


def _pixels(array: np.ndarray) -> np.ndarray:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim not in (2, 3) or array.size == 0 or array.shape[2:] not in ((), (1,), (3,), (4,)):
        raise ValueError(f"an array of shape {array.shape}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype != np.uint8:
        array = np.asarray(array, dtype=np.float64)
        scale = 255.0 if array.size and np.nanmax(array) <= 1.0 else 1.0
        array = np.clip(np.nan_to_num(array) * scale, 0, 255).round().astype(np.uint8)
    return np.ascontiguousarray(array)
