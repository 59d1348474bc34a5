"""Pascal VOC: an XML file per picture.

    Annotations/a.xml   JPEGImages/a.jpg   ImageSets/Main/train.txt      the classic layout
    train/a.xml         train/a.jpg                                       beside the pictures

Files of `ImageSets/Main` that are named after a part (`train`, `val`, `test`) give the split, as do
folders with such names; `trainval` stands for training where there is no `train`. Objects marked
as difficult count like the others.

Format: Everingham et al. 2010, "The Pascal visual object classes (VOC) challenge".
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import final
from xml.etree import ElementTree

from typing_extensions import override

from lamina.core.errors import DataError
from lamina.data.sources.boxes import AbstractBoxSource, Annotated, RawBox
from lamina.data.sources.folder import list_files
from lamina.data.sources.names import is_picture, part_of_split

_MOST_BYTES = 64 << 20
_LOOKED_AT = 20
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


@final
class VocSource(AbstractBoxSource):
    """Pictures with an XML file each.

    Args:
        folder: The folder.
        files: The XML files in order.
        splits: By XML file: the part of the split; empty where nothing says.
    """

    def __init__(
        self, folder: Path, files: Sequence[Path], splits: Mapping[Path, str] | None = None
    ) -> None:
        super().__init__("Pascal VOC", str(folder))
        self._folder = folder
        self._files_of_boxes = tuple(files)
        self._splits = dict(splits or {})
        self._pictures: dict[str, list[Path]] = {}
        for path in list_files(folder):
            if is_picture(path):
                self._pictures.setdefault(path.stem, []).append(path)
        note = f"{len(files):,} files of boxes"
        if self._splits:
            parts = sorted(set(self._splits.values()))
            note += f"; lists or folders give the split ({', '.join(parts)})"
        self.notes.append(note)

    @property
    @override
    def _has_split(self) -> bool:
        return bool(self._splits)

    @override
    def _annotation_files(self) -> Sequence[Path]:
        return self._files_of_boxes

    @override
    def _annotated(self) -> Iterator[Annotated]:
        for path in self._files_of_boxes:
            if self._splits and path not in self._splits:
                self._put_aside(str(path), "belongs to no part of the split")
                continue
            root = self._root(path)
            if root is None:
                continue
            picture = self._picture(path, root)
            if picture is None:
                self._put_aside(str(path), "names a picture that is not there")
                continue
            yield Annotated(
                picture,
                tuple(self._boxes(path, root)),
                path.name,
                size=_size(root),
                split=self._splits.get(path),
            )

    def _root(self, path: Path) -> ElementTree.Element | None:
        root, why = read_xml(path)
        if root is None:
            self._put_aside(str(path), why)
        return root

    def _picture(self, path: Path, root: ElementTree.Element) -> Path | None:
        """Return the picture of a file: of its name, or named in it; the nearest of several."""
        named = (root.findtext("filename") or "").strip()
        for stem in dict.fromkeys((path.stem, Path(named.replace("\\", "/")).stem)):
            found = self._pictures.get(stem, [])
            if found:
                return min(found, key=lambda one: (one.parent != path.parent, str(one)))
        return None

    def _boxes(self, path: Path, root: ElementTree.Element) -> Iterator[RawBox]:
        for found in root.iter("object"):
            label = (found.findtext("name") or "").strip()
            corners = [_number(found.findtext(f"bndbox/{name}")) for name in _CORNERS]
            if not label:
                self._put_aside(path.name, "has an object without a name, which was left out")
                continue
            yield RawBox(label, (corners[0], corners[1], corners[2], corners[3]))


def find_voc(folder: Path) -> VocSource | None:
    """Return the source of a folder in one of the layouts of Pascal VOC, or None.

    Args:
        folder: The folder.

    Raises:
        DataError: It has files in a folder "Annotations", and none of them can be read.
    """
    folder = folder.absolute()
    root = _wrapped(folder)
    if (root / "Annotations").is_dir():
        files = sorted((root / "Annotations").rglob("*.xml"))
        if files:
            _check_annotations(root / "Annotations", files)
            return VocSource(root, files, _listed(root, files))
    parts = {path: part_of_split(path.name) for path in sorted(folder.iterdir()) if path.is_dir()}
    named = {path: part for path, part in parts.items() if part}
    if named:
        splits = {
            file: part for path, part in named.items() for file in sorted(path.rglob("*.xml"))
        }
        if any(map(_is_annotation, list(splits)[:_LOOKED_AT])):
            return VocSource(folder, tuple(splits), splits)
    files = sorted(folder.glob("*.xml"))
    if any(map(_is_annotation, files[:_LOOKED_AT])):
        return VocSource(folder, files)
    return None


def read_xml(path: Path) -> tuple[ElementTree.Element | None, str]:
    """Return the root of an XML file, or None and why it cannot be read.

    Args:
        path: The file. Entities, which can blow up memory, are refused.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None, f"is larger than {_MOST_BYTES >> 20} MiB"
        content = path.read_bytes()
        if b"<!ENTITY" in content:
            return None, "defines entities, which are not read"
        return ElementTree.fromstring(content), ""
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        return None, f"cannot be read as XML ({error})"


def _wrapped(folder: Path) -> Path:
    """Return the folder, or the only one in it that holds annotations."""
    if (folder / "Annotations").is_dir():
        return folder
    inner = [path for path in folder.iterdir() if (path / "Annotations").is_dir()]
    return inner[0] if len(inner) == 1 else folder


def _listed(root: Path, files: Sequence[Path]) -> dict[Path, str]:
    """Return the part of each file that the lists of `ImageSets/Main` name."""
    folder = root / "ImageSets" / "Main"
    lists = {path.stem: path for path in sorted(folder.glob("*.txt"))} if folder.is_dir() else {}
    if "train" not in lists and "trainval" in lists:
        lists["train"] = lists["trainval"]
    by_stem: dict[str, str] = {}
    for name, path in lists.items():
        part = part_of_split(name)
        if part:
            for line in path.read_text(errors="replace").splitlines():
                words = line.split()
                if words:
                    by_stem.setdefault(Path(words[0]).stem if "." in words[0] else words[0], part)
    return {path: by_stem[path.stem] for path in files if path.stem in by_stem}


def _check_annotations(folder: Path, files: Sequence[Path]) -> None:
    some = files[:_LOOKED_AT]
    if not any(map(_is_annotation, some)):
        root, why = read_xml(some[0])
        told = why if root is None else f"begins with <{root.tag}>"
        raise DataError(
            f"{folder} holds {len(files):,} XML files, and none of the first {len(some)} holds "
            f"boxes as Pascal VOC has them (<annotation> with <object>s): {some[0].name} {told}. "
            "Check the files."
        )


def _is_annotation(path: Path) -> bool:
    root, _ = read_xml(path)
    return root is not None and root.tag == "annotation"


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    width, height = (_number(root.findtext(f"size/{name}")) for name in ("width", "height"))
    return (round(width), round(height)) if width >= 1 and height >= 1 else None


def _number(text: str | None) -> float:
    try:
        return float((text or "").strip())
    except ValueError:
        return float("nan")
