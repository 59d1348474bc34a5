"""Byte streams from plain and compressed files, decompressed in pieces.

The compression is told by the first bytes, not by the name. A zip archive must hold one file.
Damage met while reading becomes a `DataError` that says what to do.
"""

import bz2
import difflib
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from lamina.core.errors import DataError

COMPRESSED_SUFFIXES = (".gz", ".xz", ".bz2", ".zip")

_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\xfd7zXZ\x00", "xz"), (b"BZh", "bzip2"), (b"PK\x03\x04", "zip"))
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, decompressing it on the way if it is compressed.

    Args:
        path: A plain file, or one compressed with gzip, xz, bzip2 or zip.

    Raises:
        DataError: The file is missing, cannot be opened, or its compressed data is damaged.
    """
    how = compression(path)
    try:
        if how == "gzip":
            with gzip.open(path, "rb") as stream:
                yield cast(BinaryIO, stream)
        elif how == "xz":
            with lzma.open(path, "rb") as stream:
                yield cast(BinaryIO, stream)
        elif how == "bzip2":
            with bz2.open(path, "rb") as stream:
                yield cast(BinaryIO, stream)
        elif how == "zip":
            with zipfile.ZipFile(path) as archive, archive.open(zip_member(path)) as stream:
                yield cast(BinaryIO, stream)
        else:
            with path.open("rb") as stream:
                yield stream
    except _DAMAGED as error:
        raise _damaged(path, how, error) from error
    except OSError as error:
        if how == "bzip2" and error.errno is None:  # bz2 reports damage as a bare OSError
            raise _damaged(path, how, error) from error
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from error


def compression(path: Path) -> str:
    """Return "gzip", "xz", "bzip2", "zip" or "" for a file, by its first bytes.

    Args:
        path: The file.

    Raises:
        DataError: The file is missing or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise DataError(missing(path)) from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from error
    return next((how for magic, how in _MAGIC if start.startswith(magic)), "")


def zip_member(path: Path) -> str:
    """Return the name of the one file in a zip archive.

    Args:
        path: The archive.

    Raises:
        DataError: The archive is damaged, empty, encrypted, or holds several files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if _is_content(m.filename)]
    except zipfile.BadZipFile as error:
        raise _damaged(path, "zip", error) from error
    if len(members) != 1:
        names = ", ".join(m.filename for m in members[:5]) or "nothing"
        raise DataError(
            f"{path} must hold one file, got {len(members)} ({names}). Unpack it and give the "
            "file or folder wanted."
        )
    if members[0].flag_bits & 1:
        raise DataError(f"{path} is encrypted. Unpack it first and give the file itself.")
    return members[0].filename


def content_suffix(path: Path) -> str:
    """Return the suffix that tells the kind of content: ".tsv" for "train.tsv.xz".

    Args:
        path: A file; a zip archive is looked into.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip" and path.is_file():
        return Path(zip_member(path)).suffix.lower()
    if suffix in COMPRESSED_SUFFIXES:
        return Path(path.stem).suffix.lower()
    return suffix


def missing(path: Path) -> str:
    """Return the message for a file that is not there, with the nearest name that is.

    Args:
        path: The path given.
    """
    folder = path.parent
    if not folder.is_dir():
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return f"there is no file {str(path)!r}: the folder {str(folder)!r} has no such entry."
    names = sorted(entry.name for entry in folder.iterdir())
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    hint = f" Did you mean {str(folder / near[0])!r}?" if near else " Check the path."
    return f"there is no file {str(path)!r}.{hint}"


def _is_content(name: str) -> bool:
    return not name.endswith("/") and not name.startswith("__MACOSX/")


def _damaged(path: Path, how: str, error: Exception) -> DataError:
    cut = isinstance(error, EOFError)
    what = "ends in the middle of" if cut else "is damaged in"
    return DataError(
        f"{path} {what} its {how} data ({error}). Copy or download it again, or compress it again."
    )
