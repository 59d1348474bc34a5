"""Text of any encoding comes out as UTF-8, cut at line ends."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import ConfigError, DataError
from lamina.data.sources import encoding
from lamina.data.sources.encoding import Block, TextReader, broken_positions

TEXT = "name;städte\nJosé;Köln\nZoë;Århus\n"


def decode(data: bytes, name: str | None = None) -> tuple[str, TextReader]:
    reader = TextReader(io.BytesIO(data), "file", name)
    blocks = list(reader.blocks())
    assert not any(block.is_broken for block in blocks)
    return b"".join(block.data for block in blocks).decode(), reader


@pytest.mark.parametrize(
    "name",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
def test_encodings_are_recognised(name):
    text, reader = decode(TEXT.encode(name))
    assert text == TEXT
    told = name in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
    assert bool(reader.guess) is not told


def test_given_encoding_is_used():
    text, reader = decode("Привет\n".encode("koi8-r"), "koi8-r")
    assert (text, reader.guess) == ("Привет\n", "")


def test_ascii_stays_ascii():
    assert decode(b"a,b\n1,2")[1].encoding == "ascii"


def test_a_byte_without_meaning_in_cp1252_means_latin_1():
    assert decode("é\x81\n".encode("latin-1"))[1].encoding == "iso8859-1"


def test_the_choice_waits_for_the_first_line_that_is_not_ascii(monkeypatch):
    monkeypatch.setattr(encoding, "BLOCK_BYTES", 16)
    data = b"plain line\n" * 20 + "José\n".encode("cp1252") + b"plain line\n" * 3
    text, reader = decode(data)
    assert "José" in text
    assert reader.encoding == "cp1252"
    assert "byte 0xe9" in reader.guess


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("name", ["utf-8", "utf-16", "cp1252"])
def test_block_size_does_not_matter(size, name, monkeypatch):
    monkeypatch.setattr(encoding, "BLOCK_BYTES", max(size, 4))
    assert decode(TEXT.encode(name), name)[0] == TEXT


def test_broken_utf8_is_marked_where_it_stands():
    data = "Köln\nb\xe4d\nÅrhus ö ü\n".encode().replace("\xe4".encode(), b"\xff")
    reader = TextReader(io.BytesIO(data), "file")
    (block,) = reader.blocks()
    assert block.is_broken
    assert reader.encoding == "utf-8"
    assert list(broken_positions(block)) == [data.index(b"\xff")]


def test_broken_characters_of_other_encodings_are_marked():
    reader = TextReader(io.BytesIO(b"ok\n\x81\n"), "file", "cp1252")
    (block,) = reader.blocks()
    assert block.is_broken
    assert list(broken_positions(block)) == [3]


@given(st.lists(st.binary(max_size=6), max_size=6))
def test_every_broken_place_is_found(pieces):
    data = b"\n".join(piece.replace(b"\n", b"") for piece in pieces)
    try:
        data.decode()
        expected = False
    except UnicodeDecodeError:
        expected = True
    lines = {data[:place].count(b"\n") for place in broken_positions(Block(data, expected))}
    broken = set()
    for number, line in enumerate(data.split(b"\n")):
        try:
            line.decode()
        except UnicodeDecodeError:
            broken.add(number)
    assert lines == broken


def test_line_ends_of_old_macs():
    assert decode(b"a,b\r1,2\r")[0] == "a,b\n1,2\n"


def test_binary_content_is_refused():
    with pytest.raises(DataError, match="zero bytes and is no text file"):
        decode(b"\x89PNG\0\0\0\rIHDR with more text after it")


def test_endless_line_is_refused(monkeypatch):
    monkeypatch.setattr(encoding, "LONGEST_LINE_BYTES", 100)
    monkeypatch.setattr(encoding, "BLOCK_BYTES", 64)
    with pytest.raises(DataError, match="has a line of over"):
        decode(b"x" * 1000)


def test_unknown_encoding_is_refused():
    with pytest.raises(ConfigError, match="unknown encoding 'klingon'"):
        decode(b"a", "klingon")
