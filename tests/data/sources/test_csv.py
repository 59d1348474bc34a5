"""Delimited text: every delimiter, encoding and compression, and every way to be broken."""

import bz2
import csv
import gzip
import io
import lzma
import tracemalloc
import zipfile

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.errors import DataError
from lamina.data.sources import encoding
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.csv import CsvSource

ADULT = (
    "39, State-gov, 77516, Bachelors, <=50K\n"
    "50, ?, 83311, Bachelors, >50K\n"
    "38, Private, 215646, HS-grad, <=50K\n"
    "53, Private, 234721, 11th, <=50K\n"
)
PEOPLE = 'name,age,note\nAnn,30,"likes ""tea"", milk"\nBo,,"two\nlines"\nCy,7,\n'
PEOPLE_ROWS = [("Ann", "30", 'likes "tea", milk'), ("Bo", None, "two\nlines"), ("Cy", "7", None)]


def where(source):
    return [problem.where.rpartition(", line ")[2] for problem in source.problems]


def test_contract(write, check_source):
    check_source(CsvSource(write("people.csv", PEOPLE)))


def test_cells_are_strings_and_empty_ones_null(write):
    frame = CsvSource(write("people.csv", PEOPLE)).read()
    assert frame.columns == ["name", "age", "note"]
    assert set(frame.dtypes) == {pl.String}
    assert frame.rows() == PEOPLE_ROWS


def test_padded_cells_without_header(write, check_source):
    source = CsvSource(write("adult.csv", ADULT))
    check_source(source)
    frame = source.read()
    assert frame.columns == [f"column_{i}" for i in range(1, 6)]
    assert frame.row(1) == ("50", "?", "83311", "Bachelors", ">50K")  # "?" is for the modalities
    assert any("no header" in note for note in source.notes)


@pytest.mark.parametrize("how", ["", "gz", "xz", "bz2", "zip"])
def test_compressions(how, write, check_source):
    data = PEOPLE.encode()
    if how == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("people.csv", data)
        data = buffer.getvalue()
    elif how:
        data = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}[how](data)
    source = CsvSource(write(f"people.csv.{how}".rstrip("."), data))
    check_source(source)
    assert source.read().rows() == PEOPLE_ROWS


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(name, line_end, write):
    text = line_end.join(["città;età", "Forlì;3", "Nürnberg;5", ""])
    source = CsvSource(write("a.csv", text.encode(name)))
    frame = source.read()
    assert frame.columns == ["città", "età"]
    assert frame.rows() == [("Forlì", "3"), ("Nürnberg", "5")]
    assert len(source.problems) == (name in ("utf-16-le", "cp1252", "latin-1"))


def test_guessed_encoding_is_told(write):
    source = CsvSource(write("a.csv", "name,n\nJosé,1\n".encode("cp1252")))
    source.read(1)
    assert "was read as cp1252" in source.problems[0].what


def test_given_options_are_used(write):
    path = write("a.csv", "1;2\n3;4\n".encode("utf-16-le"))
    options = SourceOptions(delimiter=";", encoding="utf-16-le", has_header=True)
    assert CsvSource(path, options).read().rows(named=True) == [{"1": "3", "2": "4"}]


def test_runs_of_blanks(write, check_source):
    source = CsvSource(write("a.data", "  1.0   2\n 3    4.5\n10 20\n"))
    check_source(source)
    assert source.read().rows() == [("1.0", "2"), ("3", "4.5"), ("10", "20")]


def test_lines_of_text(write, check_source):
    source = CsvSource(write("a.txt", 'A line, with a comma\n"Quoted"\n\nLast, one, here'))
    check_source(source)
    frame = source.read()
    assert frame["text"].to_list() == ["A line, with a comma", '"Quoted"', "Last, one, here"]


def test_ragged_lines_are_put_aside_with_their_numbers(write, check_source):
    rows = [f"{i},{i * 2},x" for i in range(20)]
    rows[4], rows[11] = "4,8", "11,22,x,y"
    source = CsvSource(write("a.csv", "\n".join(["a,b,c", *rows])))
    check_source(source)
    assert source.read()["a"].to_list() == [str(i) for i in range(20) if i not in (4, 11)]
    assert where(source) == ["6", "13"]
    assert "has 2 cells, wanted 3" in source.problems[0].what


def test_line_numbers_count_lines_inside_quotes_and_blank_ones(write):
    text = 'a,b\n1,"x\ny\nz"\n\n2\n3,q\n4,r\n5,s\n6,t\n'
    source = CsvSource(write("a.csv", text))
    assert source.read().height == 5
    assert where(source) == ["6"]


def test_broken_utf8_is_put_aside_with_its_line(write, check_source):
    lines = [f"Größe {i},Köln,{i}".encode() for i in range(10)]
    lines[3] = b"Gr\xff\xfe,K,3"
    source = CsvSource(write("a.csv", b"x,y,z\n" + b"\n".join(lines)))
    check_source(source)
    assert source.read()["z"].to_list() == [str(i) for i in range(10) if i != 3]
    assert where(source) == ["5"]
    assert "no valid text" in source.problems[0].what


def test_one_bad_quote_costs_no_other_line(write, check_source):
    rows = [f'{i},"text, {i}"' for i in range(30)]
    rows[5] = '5,"never closed'
    rows[9] = '9,17" screen'
    source = CsvSource(write("a.csv", "n,t\n" + "\n".join(rows) + "\n"))
    check_source(source)
    frame = source.read()
    assert frame["n"].to_list() == [str(i) for i in range(30)]
    assert frame["t"][5] == '"never closed'
    assert frame["t"][9] == '17" screen'
    assert where(source) == ["7"]


def test_title_lines_before_the_header(write):
    source = CsvSource(write("a.csv", "Report of May\na,b,c\n1,2,x\n3,4,y\n"))
    assert source.read().rows(named=True)[0] == {"a": "1", "b": "2", "c": "x"}
    assert source.problems[0].what == "stands before the header"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n \n", "is empty"),
        ("a,b\n", "holds no rows"),
        (b"PK\x03\x04 no zip", "damaged in its zip data"),
        (b"\x00\x00\x02\x03" * 9, "zero bytes"),
        (gzip.compress(PEOPLE.encode() * 50, mtime=0)[:-20], "ends in the middle of its gzip data"),
    ],
)
def test_unreadable_files(content, message, write):
    with pytest.raises(DataError, match=message):
        CsvSource(write("a.csv", content)).read()


def test_missing_file(tmp_path, write):
    write("train.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"Did you mean '.*train\.csv'"):
        CsvSource(tmp_path / "trian.csv").read()


@pytest.mark.parametrize("block", [100, 333, 1000])
def test_block_size_does_not_matter(block, write, monkeypatch):
    text = "a,b,c\n" + "".join(
        f'{i},"é{i}\n""q""",{"" if i % 3 else "x"}\n' + ("bad\n" if i == 20 else "")
        for i in range(40)
    )
    path = write("a.csv", text)
    whole = CsvSource(path)
    expected = whole.read()
    problems = list(whole.problems)
    # The dialect is told from the first block, so it must hold enough to tell it.
    options = SourceOptions(delimiter=",", has_header=True)
    monkeypatch.setattr(encoding, "BLOCK_BYTES", block)
    source = CsvSource(path, options)
    assert source.read().equals(expected)
    assert source.problems == problems


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffd"), max_size=8)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    width=st.integers(2, 4),
    delimiter=st.sampled_from([",", ";", "\t", "|", ":"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_frame_comes_back(data, width, delimiter, quoting, line_end, tmp_path):
    row = st.lists(CELLS, min_size=width, max_size=width)
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    # Cells that all begin with a blank are taken for padding, and lone \r for line ends.
    rows = [[cell.strip().replace("\r", "") for cell in row] for row in rows]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    names = [f"name{i}" for i in range(width)]
    writer.writerow(names)
    writer.writerows(rows)
    path = tmp_path / "a.csv"
    path.write_bytes(stream.getvalue().encode())
    source = CsvSource(path, SourceOptions(delimiter=delimiter, has_header=True, encoding="utf-8"))
    frame = source.read()
    assert source.problems == []
    assert frame.columns == names
    assert frame.rows() == [tuple(cell or None for cell in row) for row in rows]


SENTENCE = st.lists(
    st.sampled_from(["tea,", "milk;", '"good"', "it's", "a\nline", "Köln", "5|6", "no\t", "9"]),
    min_size=1,
    max_size=5,
).map(" ".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.integers(-99, 99).map(str), SENTENCE, st.sampled_from(["yes", "no", "?"])),
        min_size=8,
        max_size=20,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding_name=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    compress=st.sampled_from([bytes, gzip.compress, bz2.compress, lzma.compress]),
    has_header=st.booleans(),
)
def test_usual_files_need_no_options(
    rows, delimiter, encoding_name, compress, has_header, tmp_path
):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    names = ["amount", "remark", "answer"]
    writer.writerows([names] * has_header + rows)
    path = tmp_path / "a.csv"
    path.write_bytes(compress(stream.getvalue().encode(encoding_name)))
    frame = CsvSource(path).read()
    assert frame.rows() == rows
    assert frame.columns == (names if has_header else ["column_1", "column_2", "column_3"])


def test_batches_need_constant_memory(tmp_path):
    path = tmp_path / "big.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"a,b,c\n")
        for _ in range(30):
            file.write(b"12345,some words that repeat,0.25\n" * 40_000)  # 40 MB in all
    source = CsvSource(path)
    tracemalloc.start()
    rows = sum(frame.height for frame in source.batches(10_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 1_200_000
    # A few copies of one block of 4 MB; NumPy and bytes are traced, polars is freed piece by piece.
    assert peak < 48e6


def test_one_column_of_quoted_cells_that_run_over_lines(tmp_path):
    cells = ["one, two\nthree", "four", 'say "five"\n', "six, seven, eight"] * 5
    pl.DataFrame({"text": cells}).write_csv(tmp_path / "a.csv")
    assert CsvSource(tmp_path / "a.csv").read()["text"].to_list() == cells
