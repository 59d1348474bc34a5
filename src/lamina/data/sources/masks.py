"""A folder of pictures and of masks that say what each pixel shows.

    data/images/a.jpg + data/masks/a.png                  (labels/, annotations/ …)
    data/train/a.jpg + data/trainannot/a.png, val/ …      (train_labels/, train_masks/ …)
    data/train/images/a.jpg + data/train/masks/a.png      (images/train/ + masks/train/)

A mask belongs to the picture of the same name, with or without an ending such as "_mask". Folders
that name parts of the data give the split. What has no partner is put aside.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.sources.base import AbstractSource
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.folder import list_files
from lamina.data.sources.names import is_picture, part_of_split

_MASKS = re.compile(
    r"^(?P<part>.*?)[-_ ]?(annot(ation)?s?|masks?|labels?|gt|ground[-_ ]?truth|segmentation(class)?"
    r"|seg(mentation)?s?|trimaps?)$",
    re.IGNORECASE,
)
_PICTURES = re.compile(
    r"^(?P<part>.*?)[-_ ]?(images?|imgs?|pictures?|photos?|jpegimages)$", re.IGNORECASE
)
_ENDING = re.compile(r"[-_ .](masks?|labels?|gt|seg|annot(ation)?|l|labelids|trainids)$", re.I)


@dataclass(frozen=True, slots=True)
class _Pair:
    picture: Path
    mask: Path
    split: str | None


@final
class MaskSource(AbstractSource):
    """Pictures with a mask each.

    Args:
        folder: The folder.
        pairs: Pictures and masks of it.
        alone: Files without a partner.
    """

    def __init__(self, folder: Path, pairs: list[_Pair], alone: list[Path]) -> None:
        super().__init__("folder", str(folder))
        self._folder = folder.absolute()
        self._pairs, self._alone = pairs, alone
        self._num_rows = len(pairs)
        splits = sorted({pair.split for pair in pairs if pair.split})
        given = f"; folders give the split ({', '.join(splits)})" if splits else ""
        self.notes.append(f"{len(pairs):,} pictures with masks{given}")

    @property
    def target(self) -> str | None:
        """The masks."""
        return "mask"

    @property
    def modalities(self) -> dict[str, str]:
        """That the masks are masks."""
        return {"mask": "mask"}

    def _pieces(self) -> Iterator[pl.DataFrame]:
        for path in self._alone:
            self._put_aside(str(path), "has no partner of the same name: a picture needs a mask")
        columns = {
            "image": [str(pair.picture) for pair in self._pairs],
            "mask": [str(pair.mask) for pair in self._pairs],
        }
        if any(pair.split for pair in self._pairs):
            columns["split"] = [pair.split or "" for pair in self._pairs]
        yield pl.DataFrame(columns)

    def _num_bytes(self) -> int:
        return sum(pair.picture.stat().st_size for pair in self._pairs)

    def _compute_fingerprint(self) -> str:
        files = [path for pair in self._pairs for path in (pair.picture, pair.mask)]
        return hash_files(files, root=self._folder)


def find_masks(folder: Path) -> MaskSource | None:
    """Return the source of a folder that holds pictures and masks, or None.

    Args:
        folder: The folder.

    Raises:
        DataError: Its folders are named as those of pictures and of masks, and few files have a
            partner.
    """
    files = [path for path in list_files(folder.absolute()) if is_picture(path)]
    roles = {path: _role(path.relative_to(folder.absolute()).parts[:-1]) for path in files}
    masks = {path: key for path, (is_mask, key) in roles.items() if is_mask}
    if not masks:
        return None
    pictures = {path: key for path, (is_mask, key) in roles.items() if not is_mask}
    by_name = {(key, _plain(path.stem)): path for path, key in masks.items()}
    pairs, alone = [], []
    for path, key in pictures.items():
        mask = by_name.pop((key, path.stem.lower()), None)
        mask = mask or by_name.pop((key, _plain(path.stem)), None)
        if mask is None:
            alone.append(path)
        else:
            split = next((part for part in map(part_of_split, key) if part), None)
            pairs.append(_Pair(path, mask, split))
    if len(pairs) < max(1, len(pictures) // 2):
        _check_not_said(folder.absolute(), pictures, masks, len(pairs))
        return None
    return MaskSource(folder, pairs, sorted([*alone, *by_name.values()]))


def _check_not_said(
    folder: Path,
    pictures: Mapping[Path, tuple[str, ...]],
    masks: Mapping[Path, tuple[str, ...]],
    num_pairs: int,
) -> None:
    """Refuse folders that say that they hold pictures beside masks, of which few are pairs."""
    # What is left of their names must be parts of the split; anything else may be a class.
    said = [
        path
        for path, key in pictures.items()
        if any(map(_PICTURES.match, path.relative_to(folder).parts[:-1]))
        and all(map(part_of_split, key))
    ]
    if said and all(all(map(part_of_split, key)) for key in masks.values()):
        shown = [path.relative_to(folder) for path in (said[0], min(masks))]
        raise DataError(
            f"{folder} holds {len(pictures):,} pictures ({shown[0]}) and {len(masks):,} masks "
            f"({shown[1]}), and {num_pairs:,} of them are pairs. A mask belongs to the picture of "
            "the same name, perhaps with _mask behind it: rename the files, or give a table with "
            "columns of pictures and masks."
        )


def _role(folders: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
    """Return whether folders hold masks, and what is left of their names: the same for pictures."""
    is_mask, key = False, []
    for folder in folders:
        found = _MASKS.match(folder)
        if found:
            is_mask, part = True, found["part"]
        else:
            own = _PICTURES.match(folder)
            part = own["part"] if own else folder
        if part:
            key.append(part.lower())
    return is_mask, tuple(key)


def _plain(stem: str) -> str:
    """Return the name of a mask without what says that it is one."""
    return _ENDING.sub("", stem).lower()
