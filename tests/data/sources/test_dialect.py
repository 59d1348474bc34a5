"""Delimiter, quotes, padding and header, told from the start of a file."""

import pytest

from lamina.data.sources.base import SourceOptions
from lamina.data.sources.dialect import is_number, sniff, unique_names

AUTO = SourceOptions()


def told(text: str, suffix: str = ".csv", options: SourceOptions = AUTO):
    return sniff(text.encode(), options, suffix=suffix)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ""])
def test_delimiters(delimiter, suffix):
    text = "\n".join(delimiter.join(row) for row in (["id", "name"], ["1", "Ann"], ["2", "Bo"]))
    found = told(text, suffix)
    assert found.delimiter == delimiter
    assert found.columns == ("id", "name")


def test_decimal_commas_do_not_make_the_comma_a_delimiter():
    assert told("x;y\n1,5;2,25\n3,5;4,75\n").delimiter == ";"


def test_commas_in_sentences_do_not_split_a_tab_file():
    text = "Well, this, is it\t1\nNo commas\t0\nOne, only\t1\n"
    found = told(text, ".csv")
    assert (found.delimiter, found.columns) == ("\t", ("column_1", "column_2"))


def test_runs_of_blanks_split_numbers_but_not_sentences():
    assert told("  1.5   2 3\n 4    5 6\n7 8 9\n", ".data").delimiter == " "
    assert told("all of these\nhave three words\nin every line\n", ".txt").columns == ("text",)


def test_quotes_with_delimiters_and_line_ends_inside():
    found = told('a,b\n"x, y","1\n2"\n"z","3"\n')
    assert (found.is_quoted, found.delimiter, found.columns) == (True, ",", ("a", "b"))


def test_quotes_inside_sentences_are_no_quoting():
    found = told('"hi" she said\tpos\nno "way" out\tneg\n"so\tpos\n', ".tsv")
    assert not found.is_quoted
    assert len(found.columns) == 2


def test_padding():
    assert told("39, Private, x\n50, Public, y\n").is_padded
    assert not told("39,Private,x\n50, Public,y\n").is_padded


def test_given_delimiter_and_header_overrule():
    options = SourceOptions(delimiter=";", has_header=True)
    found = told("1,2;3\n4,5;6\n", options=options)
    assert (found.delimiter, found.columns, found.header_record) == (";", ("1,2", "3"), 0)
    assert told("a,b\n1,2\n", options=SourceOptions(has_header=False)).header_record == -1


@pytest.mark.parametrize(
    ("text", "has_header"),
    [
        ("age,city\n30,Rome\n41,Oslo\n", True),
        ("30,Rome\n41,Oslo\n", False),
        ("Month,Sales\n1949-01,112\n1949-02,118\n", True),
        ("1949-01,112\n1949-02,118\n", False),
        ("text,label\nwhat a fine film it was,pos\nrather dull I thought,neg\n" * 1, True),
        ("ham\tHello there\nspam\tBuy this now\nham\tSee you\nham\tOk\n", False),
        ("0,1,2\n5.5,3,1\n2.5,1,7\n", True),  # column numbers, as pandas writes them
        (",a,b\n0,x,y\n1,z,w\n", True),  # an index without a name, as pandas writes it
        ("?,a,1\n2,b,2\n3,a,5\n", False),
        ("5,5\n5,5\n", False),
        ("name,place\n", True),
        ("id,code\n1,AB-12\n2,CD-34\n3,EF-56\n", True),
    ],
)
def test_header(text, has_header):
    found = told(text, ".tsv" if "\t" in text else ".csv")
    assert (found.header_record >= 0) is has_header, found.evidence
    assert found.evidence[-1].startswith("header" if has_header else "no header")


def test_lines_before_the_header_are_passed_over():
    found = told("Report of May\na,b,c\n1,2,x\n3,4,y\n")
    assert (found.header_record, found.columns) == (1, ("a", "b", "c"))


def test_a_header_one_cell_short_names_rows_or_ends_in_a_delimiter():
    assert told("a,b\nr1,1,2\nr2,3,4\n").columns == ("row", "a", "b")
    assert told("a,b\n1,2,\n3,4,\n").columns == ("a", "b", "column_3")


def test_names_become_different():
    assert unique_names(["a", "", "a", "a_2", "a"], 6) == (
        "a",
        "column_2",
        "a_3",
        "a_2",
        "a_4",
        "column_6",
    )


def test_thousands_of_equal_names_are_told_apart_at_once():
    names = unique_names(["a"] * 50_000, 50_000)
    assert len(set(names)) == 50_000
    assert names[-1] == "a_50000"


@pytest.mark.parametrize("cell", ["1", "-2.5", ".5", "3.", "1e-4", "1,5", "12%"])
def test_numbers(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "x", "1a", "2020-01-01", "."])
def test_no_numbers(cell):
    assert not is_number(cell)
