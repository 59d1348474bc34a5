"""Compressed files and damage to them."""

import bz2
import gzip
import lzma
import zipfile

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.streams import compression, content_suffix, open_bytes

CONTENT = bytes(range(256)) * 400


def compressed(how: str, tmp_path, content: bytes = CONTENT):
    path = tmp_path / f"data.csv.{how}"
    if how == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/data.csv", content)
            archive.writestr("__MACOSX/._data.csv", b"noise")
    else:
        write = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress}[how]
        path.write_bytes(write(content))
    return path


@pytest.mark.parametrize("how", ["gzip", "xz", "bzip2", "zip"])
def test_content_comes_back_whatever_the_name(how, tmp_path):
    path = compressed(how, tmp_path).rename(tmp_path / "plain.csv")
    assert compression(path) == how
    with open_bytes(path) as stream:
        assert stream.read() == CONTENT


def test_plain_files_are_read_as_they_are(write):
    path = write("a.bin", b"plain")
    assert compression(path) == ""
    with open_bytes(path) as stream:
        assert stream.read() == b"plain"


@pytest.mark.parametrize("how", ["gzip", "xz", "bzip2", "zip"])
def test_truncated_files_say_so(how, tmp_path):
    path = compressed(how, tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    with (
        pytest.raises(DataError, match=rf"(?s)data\.csv.*{how} data.*again"),
        open_bytes(path) as stream,
    ):
        stream.read()


@pytest.mark.parametrize("how", ["gzip", "xz", "bzip2"])
def test_flipped_bytes_say_so(how, tmp_path):
    path = compressed(how, tmp_path)
    data = bytearray(path.read_bytes())
    for place in range(20, min(60, len(data) - 8)):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="again"), open_bytes(path) as stream:
        stream.read()


def test_zip_of_several_files_is_refused(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "y")
    with pytest.raises(DataError, match=r"must hold one file, got 2 \(a\.csv, b\.csv\)"):
        content_suffix(path)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.csv", ".csv"), ("a.TSV.xz", ".tsv"), ("a.b.json.gz", ".json"), ("plain", "")],
)
def test_suffix_of_the_content(name, suffix, tmp_path):
    assert content_suffix(tmp_path / name) == suffix


def test_suffix_of_a_zip_is_that_of_its_member(tmp_path):
    path = compressed("zip", tmp_path)
    assert content_suffix(path) == ".csv"


def test_missing_file_names_the_nearest(write):
    near = write("people.csv", "a\n")
    with pytest.raises(DataError, match=r"no file '.*poeple\.csv'\. Did you mean '.*people\.csv'"):
        compression(near.with_name("poeple.csv"))


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="has no such entry"):
        compression(tmp_path / "nowhere" / "deep" / "a.csv")
