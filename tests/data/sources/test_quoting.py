"""Records are found whatever stands inside quotes."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lamina.data.sources import quoting
from lamina.data.sources.quoting import collapse_blanks, find_records, split_records


def records(text: str, *, width: int = 2, is_last: bool = True, is_quoted: bool = True):
    return find_records(
        text.encode(),
        delimiter=",",
        is_quoted=is_quoted,
        width=width,
        first_line=1,
        is_last=is_last,
    )


def test_line_numbers_widths_and_blanks():
    found = records('a,b\n\n"x\ny",1\r\n\r\nlast,"q,r",3')
    assert found.lines.tolist() == [1, 2, 3, 5, 6]
    assert found.widths.tolist() == [2, 1, 2, 1, 3]
    assert found.is_blank.tolist() == [False, True, False, True, False]
    assert (found.rest, found.next_line) == (b"", 7)


def test_an_unfinished_record_is_left_for_later():
    found = records('a,b\n1,"open\nstill', is_last=False)
    assert (found.rest, found.next_line) == (b'1,"open\nstill', 2)
    assert len(found.ends) == 1


def test_quotes_may_have_no_meaning():
    found = records('a,"b\nc",d\n', is_quoted=False)
    assert found.widths.tolist() == [2, 2]


def test_a_stray_quote_is_taken_literally():
    found = records('size,"5 inch\nbig,5" wide\nok,"x, y"\n')
    assert found.lines.tolist() == [1, 2, 3]
    assert found.widths.tolist() == [2, 2, 2]
    assert [line for line, _ in found.notes] == [1]
    assert list(csv.reader(io.StringIO(found.data.decode()))) == [
        ["size", '"5 inch'],
        ["big", '5" wide'],
        ["ok", "x, y"],
    ]


def test_a_quote_that_never_closes_does_not_swallow_the_file(monkeypatch):
    monkeypatch.setattr(quoting, "LONGEST_QUOTED_LINES", 50)
    text = 'a,"open\n' + "x,y\n" * 200
    found = records(text)
    assert len(found.ends) == 201
    assert found.notes == ((1, "has a stray quote, taken literally"),)


def test_select_keeps_whole_records():
    found = records("a,1\nb,2\nc,3\nd,4\n")
    assert found.select(np.array([True, False, False, True])) == b"a,1\nd,4\n"
    assert found.select(np.zeros(4, bool)) == b""


def test_runs_of_blanks():
    assert collapse_blanks(b"  1   2\t3 \r\n 4 5  6") == b"1\t2\t3\n4\t5\t6"


CELLS = st.text(alphabet='ab",\n\r ;\té', max_size=6)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    )
)
@example([["a", '"'], ["\n", ""]])
def test_records_agree_with_the_csv_module(rows):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    text = stream.getvalue().encode()
    found = find_records(
        text, delimiter=",", is_quoted=True, width=len(rows[0]), first_line=1, is_last=True
    )
    assert found.widths.tolist() == [len(row) for row in rows]
    assert found.data == text
    assert not found.notes
    again, num_stray, is_open = split_records(text, delimiter=",", most=1000)
    assert (again, num_stray, is_open) == (rows, 0, False)


@given(st.text(alphabet='ab",\n', max_size=40), st.integers(1, 40))
def test_any_text_is_taken_apart_the_same_way_in_two_pieces(text, cut):
    data = text.encode() + b"\n"
    whole = records(data.decode(), is_last=True)
    assert whole.data.count(b"\n") >= len(whole.ends)
    assert whole.rest == b""
    assert (np.diff(whole.lines) > 0).all()
    assert set(whole.lines.tolist()) <= set(range(1, data.count(b"\n") + 1))


@pytest.mark.parametrize("text", ['"a" b,c\n', 'a,b"\n', '"a\n', '""",x\n', 'a""b,"c\n'])
def test_malformed_lines_keep_all_their_text(text):
    found = records(text)
    assert len(found.ends) == 1
    cells = next(csv.reader(io.StringIO(found.data.decode())))
    assert ",".join(cells) == text.rstrip("\n")
