"""Tokens become texts, and texts end."""

import pytest

from lamina.runtime.errors import DataError
from lamina.runtime.writing import Spelling, Stopping, Writing, WritingConfig

MARK = 0


def writing(*rows, stop=(), taken=None):
    """Texts whose tokens are bytes; a mark ends them."""
    config = WritingConfig(num_texts=len(rows), stop=tuple(stop))

    def steps():
        for step in zip(*rows, strict=True):
            if taken is not None:
                taken.append(step)
            yield list(step)

    return Writing(steps(), config, bytes_of=lambda token: bytes([token]), ends=(MARK,))


def test_characters_of_several_bytes_are_whole() -> None:
    spelling, data = Spelling(), "aé🙂".encode()
    found = [spelling.add(data[i : i + 1]) for i in range(len(data))]
    assert found == ["a", "", "é", "", "", "", "🙂"]
    assert spelling.add(b"\xff\xff\xff\xff") == "\ufffd" * 4
    assert spelling.add(b"\xc3") == ""
    assert spelling.end() == "\ufffd"


def test_texts_end_by_themselves_or_where_they_are_long_enough() -> None:
    made = writing(b"ab\0x", b"cdef")
    assert list(made) == [("a", "c"), ("b", "d"), ("", "e"), ("", "f")]
    assert made.counts == [2, 4]
    assert made.ends == ["end", "length"]


def test_no_step_is_taken_once_all_have_ended() -> None:
    taken: list = []
    made = writing(b"a\0x", b"\0yz", taken=taken)
    assert list(made) == [("a", ""), ("", "")]
    assert len(taken) == 2


def test_what_is_left_of_a_character_comes_at_the_end() -> None:
    made = writing("aé".encode()[:2])
    assert list(made) == [("a",), ("",), ("\ufffd",)]
    assert made.ends == ["length"]


@pytest.mark.parametrize(
    ("pieces", "stops", "found", "has_stopped"),
    [
        (["one", " two", " three"], [" th"], "one two", True),
        (["ab", "ab", "ac"], ["abac"], "ab", True),
        (["a", "a", "a", "b"], ["aab"], "a", True),
        (["xEN", "x"], ["END"], "xENx", False),
        (["xEN"], ["END"], "xEN", False),
        (["a1b2"], ["2", "1"], "a", True),
        (["abc"], [], "abc", False),
    ],
)
def test_what_may_begin_a_stop_is_held_back(pieces, stops, found, has_stopped) -> None:
    stopping = Stopping(stops)
    text = ""
    for piece in pieces:
        text += stopping.add(piece)
        assert found.startswith(text)
        if stopping.has_stopped:
            break
    else:
        text += stopping.rest("")
    assert (text, stopping.has_stopped) == (found, has_stopped)


def test_a_stop_ends_one_text_and_not_the_other() -> None:
    made = writing(b"a.bc", b"defg", stop=["."])
    assert ["".join(one) for one in zip(*made)] == ["a", "defg"]
    assert made.ends == ["stop", "length"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_texts": 0},
        {"num_texts": 1_000},
        {"num_tokens": 0},
        {"num_tokens": 10**9},
        {"prompt": "x" * 10**6},
        {"stop": ("",)},
        {"stop": ("a",) * 99},
    ],
)
def test_wrong_numbers_are_explained(wrong) -> None:
    with pytest.raises(DataError, match=next(iter(wrong))):
        WritingConfig(**wrong)
