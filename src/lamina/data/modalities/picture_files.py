"""Size and scale of the pictures that a published model was trained on, from its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import BundleError
from lamina.core.hub import read_json

_LARGEST = 1 << 12


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """What a published model wants of pictures."""

    height: int
    """Pixels from top to bottom."""
    width: int
    """Pixels from left to right."""
    mean: tuple[float, ...]
    """Mean of each channel, in [0, 1]."""
    deviation: tuple[float, ...]
    """Standard deviation of each channel, in units of [0, 1]."""


def read_picture_settings(folder: Path) -> PictureSettings:
    """Return what a published model wants of pictures, from its preprocessor_config.json.

    Args:
        folder: Its folder.

    Raises:
        BundleError: The file is missing or damaged, or prepares pictures otherwise than we can.
    """
    path = folder / "preprocessor_config.json"
    if not path.is_file():
        raise BundleError(
            f"{path} is missing: it says at which size and scale the model wants pictures."
        )
    document = read_json(path)
    size = _size(document.get("crop_size") if _is_cropped(document) else document.get("size"))
    if size is None:
        raise BundleError(f"{path} names no size of pictures, such as {{'height': 224, ...}}.")
    factor = document.get("rescale_factor", 1 / 255)
    if document.get("do_rescale", True) is not True or abs(factor - 1 / 255) > 1e-6:
        raise BundleError(f"{path} wants brightness on another scale than 0 to 1: not known here.")
    if document.get("do_normalize", True) is not True:
        return PictureSettings(*size, (0.0,) * 3, (1.0,) * 3)
    return PictureSettings(
        *size, _channels(document, "image_mean", path), _channels(document, "image_std", path)
    )


def _is_cropped(document: Mapping[str, Any]) -> bool:
    return document.get("do_center_crop") is True and document.get("crop_size") is not None


def _size(value: Any) -> tuple[int, int] | None:
    """Return height and width of a size in any of its forms."""
    if isinstance(value, Mapping):
        side = value.get("shortest_edge")
        value = [value.get("height", side), value.get("width", side)]
    pair = (value, value) if type(value) is int else value
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        return None
    if any(type(side) is not int or not 1 <= side <= _LARGEST for side in pair):
        return None
    return pair[0], pair[1]


def _channels(document: Mapping[str, Any], name: str, path: Path) -> tuple[float, ...]:
    values = document.get(name)
    least = 0.0 if name == "image_mean" else 1e-3
    if not isinstance(values, list) or any(
        type(v) not in (int, float) or not least <= v <= 1 for v in values
    ):
        values = None
    if values is None or len(values) != 3:
        raise BundleError(
            f"{name!r} in {path} must be three numbers up to 1, got {document.get(name)!r:.80}."
        )
    return tuple(map(float, values))
