"""Names that say something: suffixes of pictures and texts, and names of the parts of a split."""

import re
from pathlib import Path

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico", ".jp2", ".avif"}
)
"""Suffixes of files that are taken to be pictures."""

SOUND_SUFFIXES = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff"})
"""Suffixes of files that are taken to be recordings."""

_PARTS = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "test": "test",
    "testing": "test",
    "testset": "test",
    "t10k": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "eval": "validation",
}


def is_picture(path: Path | str) -> bool:
    """Return whether a file name ends as those of pictures do.

    Args:
        path: Path or name.
    """
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def is_sound(path: Path | str) -> bool:
    """Return whether a file name ends as those of recordings do.

    Args:
        path: Path or name.
    """
    return Path(path).suffix.lower() in SOUND_SUFFIXES


def part_of_split(name: str) -> str | None:
    """Return "train", "validation" or "test" if a name stands for that part, else None.

    Args:
        name: Name of a folder, or a word of a file name.
    """
    return _PARTS.get(name.lower())


def split_from_name(name: str) -> tuple[str, str] | None:
    """Return what is left of a name, and the part of a split that its first or last word names.

    Args:
        name: A name such as "x_train" or "t10k-images"; words are parted by `_`, `-` or `.`.

    Returns:
        The pair ("x", "train"), or None if neither word names a part.
    """
    words = re.split(r"[_\-.]", name)
    for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        part = part_of_split(word)
        if part:
            return "_".join(rest), part
    return None
