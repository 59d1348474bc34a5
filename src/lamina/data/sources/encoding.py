"""Text of any encoding as blocks of UTF-8 that end at a line's end.

A file is read in pieces of fixed size, so the memory needed does not grow with it. The encoding is
told by a byte-order mark, by the zero bytes of UTF-16, or else decided at the first line that is
not plain ASCII: UTF-8 where that fits, and Windows-1252 (or Latin-1) where it clearly does not.
All text before that point is ASCII and so the same in each of them.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from lamina.core.errors import ConfigError, DataError

BLOCK_BYTES = 4 << 20
"""Bytes read at a time."""
LONGEST_LINE_BYTES = 1 << 28
"""A line longer than this is taken as a sign that the file is no text."""

_REPLACEMENT = "\ufffd".encode()
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of text."""

    data: bytes
    """Text as UTF-8, with a line end after each line but perhaps the last one of the file."""
    is_broken: bool
    """Whether some bytes could not be decoded: they are left as they are, or are U+FFFD."""


class TextReader:
    """Reads a byte stream as blocks of UTF-8.

    Attributes:
        encoding: The encoding found so far; "ascii" until something else is met.
        guess: Sentence about a guessed encoding, empty if nothing was guessed.
    """

    def __init__(self, stream: BinaryIO, location: str, encoding: str | None = None) -> None:
        self.encoding = "ascii" if encoding is None else _known(encoding)
        self.guess = ""
        self._stream = stream
        self._location = location
        self._is_given = encoding is not None

    def blocks(self) -> Iterator[Block]:
        """Yield the text from the start to the end.

        Raises:
            DataError: The content is no text.
        """
        for data in self._lines():
            yield self._as_utf8(data)

    def _lines(self) -> Iterator[bytes]:
        """Yield bytes cut at line ends; wide encodings are already UTF-8 here."""
        rest = b""
        old_mac = None
        for piece in self._pieces():
            data = rest + piece
            if old_mac is None:
                old_mac = b"\r" in data[:-1] and b"\n" not in data
            if old_mac:
                data = data.replace(b"\r", b"\n")
            cut = data.rfind(b"\n") + 1
            if cut:
                yield data[:cut]
            rest = data[cut:]
            if len(rest) > LONGEST_LINE_BYTES:
                raise DataError(
                    f"{self._location} has a line of over {LONGEST_LINE_BYTES >> 20} MB. "
                    "Check that it is a text file."
                )
        if rest:
            yield rest

    def _pieces(self) -> Iterator[bytes]:
        first = self._stream.read(BLOCK_BYTES)
        self._recognise(first)
        if first.startswith(codecs.BOM_UTF8) and self.encoding == "utf-8":
            first = first[len(codecs.BOM_UTF8) :]
        if self.encoding in ("ascii", "utf-8"):
            if b"\0" in first:
                raise DataError(
                    f"{self._location} holds zero bytes and is no text file. Check what it is, or "
                    "give its encoding."
                )
            while first:
                yield first
                first = self._stream.read(BLOCK_BYTES)
            return
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
        while first:
            yield decoder.decode(first).removeprefix("\ufeff").encode()
            first = self._stream.read(BLOCK_BYTES)
        yield decoder.decode(b"", final=True).encode()

    def _recognise(self, start: bytes) -> None:
        """Set the encoding from a byte-order mark or the zero bytes of UTF-16."""
        if self._is_given:
            return
        for mark, name in _MARKS:
            if start.startswith(mark):
                self.encoding = name
                return
        head = np.frombuffer(start[:4096], dtype=np.uint8)
        if len(head) < 4 or not (head == 0).any():
            return
        even, odd = float((head[::2] == 0).mean()), float((head[1::2] == 0).mean())
        if max(even, odd) > 0.4 and min(even, odd) < 0.05:
            self.encoding = "utf-16-be" if even > odd else "utf-16-le"
            self.guess = f"{self.encoding} without a byte-order mark, told by its zero bytes"

    def _as_utf8(self, data: bytes) -> Block:
        if self.encoding == "ascii":
            if data.isascii():
                return Block(data, is_broken=False)
            self._decide(data)
        if self.encoding in ("cp1252", "iso8859-1") and not self._is_given:
            text = data.decode(self.encoding, errors="replace")
            return Block(text.encode(), is_broken="\ufffd" in text)
        if self.encoding == "utf-8":
            return Block(data, is_broken=not _is_utf8(data))
        return Block(data, is_broken=_REPLACEMENT in data)

    def _decide(self, data: bytes) -> None:
        """Choose between UTF-8 and an old one-byte encoding at the first line that is not ASCII."""
        text = data.decode("utf-8", errors="replace")
        broken = text.count("\ufffd") - data.count(_REPLACEMENT)
        good = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
        if broken <= good:
            self.encoding = "utf-8"
            return
        undefined = re.search(rb"[\x81\x8d\x8f\x90\x9d]", data)
        self.encoding = "iso8859-1" if undefined else "cp1252"
        first = data[next(broken_positions(Block(data, is_broken=True)))]
        self.guess = (
            f"it is not UTF-8 (byte 0x{first:02x}) and was read as {self.encoding}; give the "
            "encoding if letters look wrong"
        )


def broken_positions(block: Block) -> Iterator[int]:
    """Yield the offset of each place of a block that could not be decoded.

    Args:
        block: The block; one that is not broken yields nothing.
    """
    if not block.is_broken:
        return
    if _is_utf8(block.data):  # broken characters were replaced while decoding
        yield from (found.start() for found in re.finditer(_REPLACEMENT, block.data))
        return
    start = 0
    for line in block.data.splitlines(keepends=True):
        position = 0
        while position < len(line):
            try:
                line[position:].decode()
                break
            except UnicodeDecodeError as error:
                yield start + position + error.start
                position += error.end
        start += len(line)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ConfigError(
            f"unknown encoding {encoding!r}. Usual ones are utf-8, utf-16, cp1252 and latin-1."
        ) from None
    return "utf-8" if name in ("utf-8-sig", "ascii") else name
