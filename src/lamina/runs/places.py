"""Where the rows of a run lie: places that can be read again, and how large they are."""

import glob
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from lamina.core.errors import ConfigError
from lamina.data.sources.aligned import named_files
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source
from lamina.data.sources.streams import COMPRESSED_SUFFIXES
from lamina.training.processes import current_processes

COMPRESSION = 5
"""How much larger a compressed file is taken to be once it is read."""

_SQLITE = "sqlite:///"


def readable_again(what: Any, *, options: SourceOptions, folder: Path, stem: str) -> str:
    """Return a path, name or query under which a source can be read again, from any folder.

    What lives in memory only (frames, arrays, data sets) is written into the run folder.

    Args:
        what: What the user gave.
        options: Options of the source.
        folder: Where to write it.
        stem: Name of the file to write.

    Raises:
        ConfigError: It is a list of files, which is no one place.
    """
    if isinstance(what, (str, Path)):
        return _absolute(str(what))
    if isinstance(what, (list, tuple)) and all(isinstance(item, (str, Path)) for item in what):
        raise ConfigError("several files are named by a pattern, such as 'data/*.csv', not a list.")
    path = folder / f"{stem}.parquet"

    def write() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        open_source(what, options=options).read().write_parquet(path)

    current_processes().by_first(write, lambda: None)
    return str(path.resolve())


def place_bytes(place: str) -> int:
    """Return the bytes that a place on disk holds once it is read; 0 for what is none.

    Args:
        place: Path, pattern, name or query.
    """
    if place.startswith(_SQLITE):
        return _file_bytes(_sqlite_path(place))
    path = Path(os.path.expanduser(place))
    if path.is_dir():
        return sum(_file_bytes(file) for file in path.rglob("*"))
    if not path.exists() and named_files(place):
        return sum(_file_bytes(file) for _, file in named_files(place))
    if not path.exists() and glob.has_magic(place):
        return sum(_file_bytes(Path(found)) for found in glob.glob(str(path), recursive=True))
    return _file_bytes(path)


def _absolute(text: str) -> str:
    """Return a text that names the same rows from any working folder."""
    if text.startswith(_SQLITE):
        path, mark, rest = _sqlite_path(text), *text.partition("?")[1:]
        return f"{_SQLITE}{quote(str(path.resolve()))}{mark}{rest}" if path.exists() else text
    path = Path(os.path.expanduser(text))
    if path.exists():
        return str(path.resolve())
    if (glob.has_magic(text) or named_files(text)) and "://" not in text:
        return str(Path.cwd() / path)
    return text


def _sqlite_path(text: str) -> Path:
    return Path(unquote(text.partition("?")[0].removeprefix(_SQLITE)))


def _file_bytes(path: Path) -> int:
    if not path.is_file():
        return 0
    factor = COMPRESSION if path.suffix.lower() in COMPRESSED_SUFFIXES else 1
    return factor * path.stat().st_size
