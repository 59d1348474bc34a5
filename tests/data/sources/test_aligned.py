"""Files whose lines belong together."""

import gzip

import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.data.sources.aligned import named_files
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source


def _write(folder, **texts):
    for name, text in texts.items():
        (folder / f"train.{name}").write_bytes(text.encode())
    return str(folder / ("train.{" + ",".join(texts) + "}"))


def test_each_file_is_a_column_and_each_line_a_text(tmp_path) -> None:
    where = _write(tmp_path, en="a  dog\r\n\nhalf\u2028a line", de='ein "Hund"\nzwei\ndrei\n')
    source = open_source(where)
    frame = source.read()
    assert frame.to_dict(as_series=False) == {
        "en": ["a  dog", None, "half\u2028a line"],
        "de": ['ein "Hund"', "zwei", "drei"],
    }
    assert source.target == "de"
    assert source.describe().num_rows == 3
    assert len(source.fingerprint()) == 64


def test_files_may_be_compressed_and_several(tmp_path) -> None:
    for name in ("a", "b", "c"):
        with gzip.open(tmp_path / f"{name}.txt.gz", "wt") as file:
            file.write("".join(f"{name} {row}\n" for row in range(9_000)))
    source = open_source(str(tmp_path / "{a,b,c}.txt.gz"))
    frame = source.read()
    assert frame.columns == ["a", "b", "c"]
    assert frame.row(8_999) == ("a 8999", "b 8999", "c 8999")
    assert source.target is None


def test_what_does_not_belong_together_is_told(tmp_path) -> None:
    short = _write(tmp_path, en="one\ntwo\n", de="eins\n")
    with pytest.raises(DataError, match=r"train.de ends before line 2, the others go on"):
        open_source(short).read()
    with pytest.raises(DataError, match=r"train\.fr"):
        open_source(str(tmp_path / "train.{en,fr}"))
    with pytest.raises(DataError, match="twice"):
        open_source(str(tmp_path / "train.{en,en}"))
    with pytest.raises(ConfigError, match="has no effect"):
        open_source(short, options=SourceOptions(delimiter=";"))


def test_patterns_have_two_words_at_least() -> None:
    found = named_files("x/train.{en, de}.gz")
    assert [(name, str(path)) for name, path in found] == [
        ("en", "x/train.en.gz"),
        ("de", "x/train.de.gz"),
    ]
    assert named_files("x/train.{en}") == named_files("x/train.en") == ()
