"""YOLO: a text file per picture, each line "class x y width height" in shares of the picture.

    images/train/a.jpg  labels/train/a.txt     or     train/images/a.jpg  train/labels/a.txt

x and y are the middle of the box. Names of classes stand in `data.yaml` (or any YAML file with
`names`), `classes.txt` or `obj.names`; without them classes are called by their numbers. Folders
named after a part give the split. A line of more than five numbers is a polygon, whose hull is
taken. A picture without a file, or with an empty one, has no boxes.

Format: Redmon et al. 2016, "You only look once", arXiv:1506.02640 (Darknet's label files).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import final

import yaml
from typing_extensions import override

from lamina.data.sources.boxes import AbstractBoxSource, Annotated, RawBox
from lamina.data.sources.folder import list_files
from lamina.data.sources.names import is_picture, part_of_split

_NAME_FILES = ("classes.txt", "obj.names", "labels.txt", "classes.names")
_LOOKED_AT = 20


@final
class YoloSource(AbstractBoxSource):
    """Pictures with a text file each.

    Args:
        folder: The folder.
        pictures: Its pictures that lie in a folder of pictures, in order.
        names: Names of the classes by number; () where nothing says.
    """

    def __init__(self, folder: Path, pictures: Sequence[Path], names: Sequence[str]) -> None:
        super().__init__("YOLO", str(folder))
        self._folder = folder
        self._pictures = tuple(pictures)
        self._names = tuple(names)
        self._parts = {path: _part(path, folder) for path in pictures}
        known = f"{len(names)} classes are named" if names else "classes are called by numbers"
        self.notes.append(f"{len(pictures):,} pictures with a text file of boxes each; {known}")

    @property
    @override
    def _has_split(self) -> bool:
        return bool(self._parts) and all(self._parts.values())

    @override
    def _annotation_files(self) -> Sequence[Path]:
        files = (label_file(path, self._folder) for path in self._pictures)
        return [path for path in files if path is not None and path.is_file()]

    @override
    def _annotated(self) -> Iterator[Annotated]:
        for path in self._pictures:
            file = label_file(path, self._folder)
            boxes = () if file is None or not file.is_file() else tuple(self._boxes(file))
            where = path.name if file is None else file.name
            split = self._parts[path] if self._has_split else None
            yield Annotated(path, boxes, where, is_relative=True, split=split)

    def _boxes(self, path: Path) -> Iterator[RawBox]:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if not line.strip():
                continue
            found = _read_line(line)
            if found is None:
                self._put_aside(f"{path.name}, line {number}", f"is no box: {line[:60]!r}")
                continue
            code, corners = found
            yield RawBox(self._names[code] if code < len(self._names) else str(code), corners)


def find_yolo(folder: Path) -> YoloSource | None:
    """Return the source of a folder in YOLO's layout, or None.

    Args:
        folder: The folder.
    """
    folder = folder.absolute()
    files = list_files(folder)
    pictures = [path for path in files if is_picture(path)]
    placed = [path for path in pictures if "images" in path.relative_to(folder).parts[:-1]]
    labels = [file for path in placed if (file := label_file(path, folder)) and file.is_file()]
    some = labels[:_LOOKED_AT]
    # A few damaged ones are told line by line.
    if 2 * sum(map(_is_label_file, some)) <= len(some):
        return None
    return YoloSource(folder, placed, class_names(folder, files))


def label_file(picture: Path, folder: Path) -> Path | None:
    """Return the text file that belongs to a picture: "labels" in place of the last "images".

    Args:
        picture: The picture.
        folder: The folder of the whole.
    """
    parts = list(picture.relative_to(folder).parts)
    places = [place for place, part in enumerate(parts[:-1]) if part == "images"]
    if not places:
        return None
    parts[places[-1]] = "labels"
    return Path(folder, *parts).with_suffix(".txt")


def class_names(folder: Path, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the classes by number; () where no file says.

    Args:
        folder: The folder.
        files: All files below it.
    """
    for path in files:
        if path.parent == folder and path.suffix.lower() in (".yaml", ".yml"):
            try:
                content = yaml.safe_load(path.read_text(errors="replace"))
            except yaml.YAMLError:
                continue
            names = content.get("names") if isinstance(content, dict) else None
            if isinstance(names, list):
                return tuple(map(str, names))
            if isinstance(names, dict) and all(isinstance(key, int) for key in names):
                size = 1 + max(names, default=-1)
                return tuple(str(names.get(code, code)) for code in range(min(size, 10_000)))
    for name in _NAME_FILES:
        found = [path for path in files if path.name == name]
        if found:
            lines = found[0].read_text(errors="replace").splitlines()
            return tuple(line.strip() for line in lines if line.strip())
    return ()


def _part(path: Path, folder: Path) -> str | None:
    parts = path.relative_to(folder).parts[:-1]
    return next((part for word in parts if (part := part_of_split(word))), None)


def _is_label_file(path: Path) -> bool:
    lines = path.read_text(errors="replace").splitlines()[:_LOOKED_AT]
    return all(_read_line(line) is not None for line in lines if line.strip())


def _read_line(line: str) -> tuple[int, tuple[float, float, float, float]] | None:
    """Return class and corners in shares of a line, or None where it is no box."""
    try:
        code, *numbers = (float(word) for word in line.split())
    except ValueError:
        return None
    if code != int(code) or code < 0 or len(numbers) < 4 or (len(numbers) > 5 and len(numbers) % 2):
        return None
    if len(numbers) > 5:
        across, down = numbers[0::2], numbers[1::2]
        return int(code), (min(across), min(down), max(across), max(down))
    x, y, width, height = numbers[:4]
    if width < 0 or height < 0:
        return None
    return int(code), (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
