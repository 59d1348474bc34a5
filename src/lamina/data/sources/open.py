"""`open_source`: anything that holds rows → a source.

"people.csv"  "train.tsv.xz"  "data.parquet"  "rows.jsonl"  "mnist.npz"     a file
"photos/"  "mnist/"  "GunPoint/"  "atis/"                                   a folder
"parts/*.csv"  ["a.csv", "b.csv"]                                           several files
"train.{en,de}"                                                             files line by line
"BCCD/"  "instances_train.json"  "dataset/"  "boxes.csv"                    boxes in pictures
"sqlite:///shop.db?query=SELECT ..."                                        a query
"digits"                                                                    a built-in set
frame, {"x": array, "y": array}, (x, y), [{"a": 1}, ...], dataset           in memory
"""

import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lamina.core.errors import ConfigError, DataError, unknown_name
from lamina.data.sources.aligned import AlignedSource, named_files
from lamina.data.sources.arrays import ArraySource
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.builtin import BUILTIN, BuiltinSource
from lamina.data.sources.coco import CocoSource, find_coco, is_coco
from lamina.data.sources.concatenated import ConcatenatedSource
from lamina.data.sources.folder import FolderSource, PictureSource
from lamina.data.sources.frames import FrameSource, is_frame, lists_to_polars, records_to_polars
from lamina.data.sources.hugging_face import HuggingFaceSource, is_hugging_face
from lamina.data.sources.idx import IdxSource, find_idx, is_idx
from lamina.data.sources.labels import find_label_table, open_label_table
from lamina.data.sources.masks import find_masks
from lamina.data.sources.names import is_picture, is_sound
from lamina.data.sources.prose import SUFFIXES as PROSE
from lamina.data.sources.prose import ProseSource
from lamina.data.sources.series_files import SeriesFileSource, find_series_files, is_series_file
from lamina.data.sources.sql import SqlSource, is_sql
from lamina.data.sources.streams import content_suffix, missing
from lamina.data.sources.table import FILE_KINDS
from lamina.data.sources.voc import find_voc
from lamina.data.sources.word_columns import WordColumnSource, is_word_columns
from lamina.data.sources.word_pairs import WordPairSource, find_word_pairs
from lamina.data.sources.yolo import find_yolo

_NO_OPTIONS = SourceOptions()


def open_source(what: Any, *, options: SourceOptions = _NO_OPTIONS) -> AbstractSource:
    """Return the source that a path, name, query or object in memory stands for.

    Nothing but the start of a file is read yet. A path that exists goes before a built-in name.

    Args:
        what: Path, pattern, list of paths, built-in name, database address, frame, arrays, records
            or a Hugging Face data set.
        options: Settings that overrule what would be detected.

    Raises:
        DataError: There is no such thing, or it is of no kind that can be read.
        ConfigError: A setting has no effect on this kind of source.
    """
    if isinstance(what, AbstractSource):
        _refuse(options, "a source that is already open")
        return what
    if isinstance(what, (str, Path)):
        return _open_text(str(what), options)
    if isinstance(what, (list, tuple)) and what and all(isinstance(p, (str, Path)) for p in what):
        return _open_several([Path(path) for path in what], options)
    _refuse(options, "an object in memory")
    return _open_object(what)


def _open_text(text: str, options: SourceOptions) -> AbstractSource:
    if not text:
        raise DataError("got an empty path. Give a file, a folder or a built-in name.")
    path = Path(os.path.expanduser(text))
    if is_sql(text):
        _refuse(options, "a database", allowed=("query",))
        return SqlSource(text, options)
    if path.is_dir():
        return _open_folder(path, options)
    if path.exists():
        return _open_file(path, options)
    if named_files(text):
        _refuse(options, "files whose lines belong together", allowed=("encoding",))
        return AlignedSource(text, options)
    if glob.has_magic(text):
        paths = sorted(Path(found) for found in glob.glob(str(path), recursive=True))
        if not paths:
            raise DataError(f"no file matches {text!r}. Check the pattern and the folder.")
        return _open_several(paths, options)
    if text in BUILTIN:
        _refuse(options, "a built-in data set")
        return BuiltinSource(text)
    if "://" in text:
        raise DataError(
            f"cannot read from the address {text!r}. Download the file first, or give a database "
            "address such as sqlite:///data.db?table=people."
        )
    hint = missing(path)
    if not path.suffix and len(path.parts) == 1:
        hint += " As a built-in data set: " + unknown_name("name", text, BUILTIN)
    raise DataError(hint)


def _open_file(path: Path, options: SourceOptions) -> AbstractSource:
    if is_picture(path):
        _refuse(options, "a picture")
        return PictureSource([path])
    if is_sound(path):
        _refuse(options, "a recording")
        return PictureSource([path], column="sound")
    if is_idx(path):
        _refuse(options, "an IDX file")
        return IdxSource(path)
    if is_series_file(path):
        _refuse(options, "a file of series")
        return SeriesFileSource([path])
    if not options.prose and is_word_columns(path):
        _refuse(options, "a file of tagged words", allowed=("encoding",))
        return WordColumnSource(path, options)
    if is_coco(path):
        _refuse(options, "a file of boxes")
        return CocoSource(path, {path.absolute(): None})
    suffix = content_suffix(path)
    if options.prose and suffix in PROSE:
        _refuse(options, "a running text", allowed=("prose", "encoding"))
        return ProseSource([path], options)
    for entry in FILE_KINDS.values():
        if suffix in entry.value.suffixes:
            _refuse(options, f"a {suffix} file", allowed=entry.value.options)
            if entry.name == "csv":
                labelled = open_label_table(path, options)
                if labelled is not None:
                    return labelled
            return entry.value.open(path, options)
    known = ", ".join(s for entry in FILE_KINDS.values() for s in entry.value.suffixes)
    raise DataError(
        f"{path} is of no kind that can be read; wanted one of {known}, .ts, a picture or a "
        "folder. Spreadsheets can be saved as CSV."
    )


def _open_folder(folder: Path, options: SourceOptions) -> AbstractSource:
    if find_idx(folder):
        _refuse(options, "a folder of IDX files")
        return IdxSource(folder)
    series = find_series_files(folder)
    if series:
        _refuse(options, "a folder of series")
        return SeriesFileSource(series, is_folder=True)
    pairs = find_word_pairs(folder)
    if pairs:
        _refuse(options, "a folder of tagged sentences")
        return WordPairSource(pairs)
    boxes = _boxes_of(folder)
    if boxes is not None:
        _refuse(options, "a folder of pictures with boxes")
        return boxes
    labelled = find_label_table(folder, options)
    if labelled is not None:
        return labelled
    masks = find_masks(folder)
    if masks is not None:
        _refuse(options, "a folder of pictures and masks")
        return masks
    _refuse(options, "a folder without a table of labels", allowed=("encoding",))
    return FolderSource(folder, options)


def _boxes_of(folder: Path) -> AbstractSource | None:
    """Return the source of a folder of pictures with boxes, or None."""
    files = find_coco(folder)
    return CocoSource(folder, files) if files else find_voc(folder) or find_yolo(folder)


def _open_several(paths: Sequence[Path], options: SourceOptions) -> AbstractSource:
    if all(is_picture(path) for path in paths):
        _refuse(options, "pictures")
        return PictureSource(paths)
    if all(is_sound(path) for path in paths):
        _refuse(options, "recordings")
        return PictureSource(paths, column="sound")
    sources = [_open_text(str(path), options) for path in paths]
    return sources[0] if len(sources) == 1 else ConcatenatedSource(sources)


def _open_object(what: Any) -> AbstractSource:
    if is_hugging_face(what):
        return HuggingFaceSource(what)
    if is_frame(what):
        return FrameSource(what)
    if isinstance(what, Mapping):
        are_lists = bool(what) and all(isinstance(cells, (list, tuple)) for cells in what.values())
        return FrameSource(lists_to_polars(what)) if are_lists else ArraySource(what)
    if isinstance(what, tuple) and len(what) == 2:
        return ArraySource({"x": what[0], "y": what[1]})
    if hasattr(what, "__array__"):
        return ArraySource({"x": what})
    if isinstance(what, list) and what and all(isinstance(record, Mapping) for record in what):
        return FrameSource(records_to_polars(what))
    raise DataError(
        f"cannot read rows from {type(what).__name__} {_shown(what)}; wanted a path, a frame, a "
        "mapping of arrays, a list of records, or a Hugging Face data set."
    )


def _refuse(options: SourceOptions, what: str, *, allowed: tuple[str, ...] = ()) -> None:
    """Refuse settings that would have no effect."""
    idle = [name for name in options.given() if name not in allowed]
    if idle:
        can = f"; what has one: {', '.join(allowed)}" if allowed else ""
        raise ConfigError(f"{idle[0]} has no effect on {what}{can}. Leave it out.")


def _shown(what: Any) -> str:
    text = repr(what)
    return text if len(text) <= 60 else text[:57] + "..."
