"""COCO: one JSON file for many pictures.

    instances_train.json  or  annotations/instances_val2017.json  or  train/_annotations.coco.json

Pictures are looked for beside the file and in the folders around it. Of several files the names
(or those of their folders) give the split. Boxes of crowds are left out: they stand for no one
thing. Where things are outlined, there is a column `mask`, too, drawn from their polygons and runs
of pixels; crowds are void in it, and what nobody outlined is "background".

Format: Lin et al. 2014, "Microsoft COCO", arXiv:1405.0312; https://cocodataset.org/#format-data.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, final

from typing_extensions import override

from lamina.core.errors import DataError
from lamina.data.modalities.mask_drawings import drawing
from lamina.data.sources.boxes import AbstractBoxSource, Annotated, RawBox
from lamina.data.sources.folder import list_files
from lamina.data.sources.names import is_picture, part_of_split

BACKGROUND = "background"
"""Class of pixels that nobody outlined."""

_KEYS = ("images", "annotations", "categories")
_LOOKED_AT = 1 << 20
_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class CocoFile:
    """One file, read."""

    path: Path
    """The file."""
    pictures: tuple[Mapping[str, Any], ...]
    """Its pictures, as they stand."""
    boxes: Mapping[Any, tuple[Mapping[str, Any], ...]]
    """By id of the picture: what was drawn on it."""
    names: Mapping[Any, str]
    """By id: name of the category."""


@final
class CocoSource(AbstractBoxSource):
    """Pictures whose boxes stand in one JSON file, or in one per part of the split.

    Args:
        location: What the user gave.
        files: By file: the part of the split, or None.
    """

    def __init__(self, location: Path, files: Mapping[Path, str | None]) -> None:
        super().__init__("COCO", str(location))
        self._paths = dict(files)
        names = ", ".join(path.name for path in files)
        self.notes.append(f"boxes of pictures in {names}")

    @property
    @override
    def _has_split(self) -> bool:
        return len(self._paths) > 1

    @cached_property
    @override
    def _has_masks(self) -> bool:
        drawn = (one for path in self._paths for one in read_coco(path).boxes.values())
        return any(any(_shapes(single) for single in one) for one in drawn)

    @override
    def _annotation_files(self) -> Sequence[Path]:
        return tuple(self._paths)

    @override
    def _annotated(self) -> Iterator[Annotated]:
        for path, split in self._paths.items():
            read = read_coco(path)
            places = _places(path)
            self._tell_repeated(path, read)
            for picture in read.pictures:
                found = _located(picture.get("file_name"), places)
                if found is None:
                    name = picture.get("file_name")
                    self._put_aside(str(path), f"names the picture {name!r}, which is not there")
                    continue
                drawn = read.boxes.get(_key(picture.get("id")), ())
                yield Annotated(
                    found,
                    tuple(self._boxes(path, drawn, read.names)),
                    f"{path.name}, {found.name}",
                    size=_size(picture),
                    split=split if self._has_split else None,
                    mask=_mask(picture, drawn, read) if self._has_masks else None,
                )

    def _tell_repeated(self, path: Path, read: CocoFile) -> None:
        for name, times in Counter(read.names.values()).items():
            if times > 1:
                self._put_aside(str(path), f"has {times} categories {name!r}, which count as one")

    def _boxes(
        self, path: Path, drawn: Sequence[Mapping[str, Any]], names: Mapping[Any, str]
    ) -> Iterator[RawBox]:
        for one in drawn:
            where = f"{path.name}, annotation {one.get('id')}"
            if one.get("iscrowd"):
                self._put_aside(where, "stands for a crowd and was left out")
                continue
            name = names.get(_key(one.get("category_id")))
            if name is None:
                self._put_aside(where, f"has no known category ({one.get('category_id')!r})")
                continue
            numbers = _four_numbers(one.get("bbox"))
            if numbers is None:
                self._put_aside(where, "has no box of four numbers")
                continue
            x, y, width, height = numbers
            if width < 0 or height < 0:
                self._put_aside(where, "has a box of less than no width or height")
                continue
            yield RawBox(name, (x, y, x + width, y + height))


def find_coco(folder: Path) -> dict[Path, str | None]:
    """Return the COCO files of a folder, each with its part of the split; {} for none.

    Args:
        folder: A folder that holds them, or folders "annotations", "train", "valid" and so on.

    Raises:
        DataError: There are several for one part, or one is damaged or empty.
    """
    folder = folder.absolute()
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    own = [path for path in inner if path.name == "annotations" or part_of_split(path.name)]
    files = [file for path in (folder, *own) for file in sorted(path.glob("*.json"))]
    found = [path for path in files[:_MOST_FILES] if is_coco(path)]
    empty = [path for path in files if not path.stat().st_size]
    if not found and empty and empty[0].parent.name == "annotations":
        raise DataError(f"{empty[0]} is empty. Give a COCO file, or move it away.")
    parts = {path: _part(path) for path in found}
    if len(found) > 1:
        # A second file of another kind, such as one of captions, belongs to no part.
        parts = {path: part for path, part in parts.items() if part}
        if len(set(parts.values())) != len(parts):
            names = ", ".join(path.name for path in parts)
            raise DataError(
                f"{folder} holds several files for one part of the split: {names}. Give the one "
                "wanted instead of the folder."
            )
    order = {"train": 0, "validation": 1, "test": 2, None: 3}
    return dict(sorted(parts.items(), key=lambda pair: order[pair[1]]))


def is_coco(path: Path) -> bool:
    """Return whether a JSON file is one of COCO's with boxes.

    Args:
        path: The file.

    Raises:
        DataError: It begins as one, and cannot be read to its end.
    """
    if path.suffix.lower() != ".json":
        return False
    with path.open("rb") as stream:
        start = stream.read(_LOOKED_AT)
    if not start.lstrip().startswith(b"{") or b'"images"' not in start + _end(path):
        return False
    try:
        read_coco(path)
    except DataError as error:
        # It begins as one, and is damaged further on.
        if isinstance(error.__cause__, ValueError) and b'"file_name"' in start:
            raise
        return False
    return True


def read_coco(path: Path) -> CocoFile:
    """Return the content of a COCO file.

    Args:
        path: The file.

    Raises:
        DataError: It is none.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read as JSON ({error}). Give a COCO file.") from error
    if not isinstance(content, dict) or not all(
        isinstance(content.get(key), list) and all(isinstance(o, dict) for o in content[key])
        for key in _KEYS
    ):
        raise DataError(
            f"{path} is no COCO file: wanted lists of objects named {', '.join(_KEYS)}. "
            "See https://cocodataset.org/#format-data."
        )
    drawn: dict[Any, list[Mapping[str, Any]]] = {}
    for one in content["annotations"]:
        drawn.setdefault(_key(one.get("image_id")), []).append(one)
    return CocoFile(
        path,
        tuple(content["images"]),
        {key: tuple(value) for key, value in drawn.items()},
        {_key(one.get("id")): str(one.get("name")) for one in content["categories"]},
    )


def _mask(
    picture: Mapping[str, Any], annotations: Sequence[Mapping[str, Any]], read: CocoFile
) -> str | None:
    """Return the outlines of a picture as a mask; None where its size is not told."""
    size = _size(picture)
    if size is None:
        return None
    names = list(dict.fromkeys([BACKGROUND, *read.names.values()]))
    classes = {key: names.index(name) for key, name in read.names.items()}
    shapes: list[tuple[int | None, Any]] = []
    for one in annotations:
        number = None if one.get("iscrowd") else classes.get(_key(one.get("category_id")))
        shapes += [(number, shape) for shape in _shapes(one)]
    return drawing(size[::-1], names, shapes)


def _shapes(annotation: Mapping[str, Any]) -> list[Any]:
    """Return the polygons of an annotation, or the runs of its pixels; [] where it has neither."""
    found = annotation.get("segmentation")
    if isinstance(found, Mapping):
        return [found] if found else []
    return [one for one in found if one] if isinstance(found, list) else []


def _key(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else None


def _end(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _LOOKED_AT))
        return stream.read()


def _part(path: Path) -> str | None:
    """Return the part that a file's name, or that of its folder, stands for."""
    for word in (*re.split(r"[^a-z]+", path.stem.lower()), path.parent.name):
        if (part := part_of_split(word)) is not None:
            return part
    return None


def _places(path: Path) -> dict[str, Path]:
    """Return the pictures around a file by name, and by name with the folders above it."""
    around = path.parent if path.parent.name != "annotations" else path.parent.parent
    root = around if any(map(is_picture, list_files(around))) else around.parent
    found: dict[str, Path] = {}
    for file in list_files(root):
        if is_picture(file):
            parts = file.relative_to(root).parts
            for start in range(len(parts)):
                found.setdefault("/".join(parts[start:]), file)
    return found


def _located(name: Any, places: Mapping[str, Path]) -> Path | None:
    if not isinstance(name, str):
        return None
    plain = name.replace("\\", "/").lstrip("./")
    return places.get(plain) or places.get(plain.split("/")[-1])


def _size(picture: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = picture.get("width"), picture.get("height")
    if isinstance(width, (int, float)) and isinstance(height, (int, float)):
        return (round(width), round(height)) if min(width, height) >= 1 else None
    return None


def _four_numbers(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value):
        return None
    return (float(value[0]), float(value[1]), float(value[2]), float(value[3]))
