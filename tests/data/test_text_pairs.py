"""Which two texts are a pair."""

import polars as pl
import pytest

from lamina.data.schema import Column, Schema
from lamina.data.text_pairs import pair_evidence

LINES = ["a dog sleeps in the sun", "the cat sees a dog", "now the sun is here"]


def evidence(**columns: list[str]) -> str:
    found = [Column(name, "input", "text", "") for name in columns]
    return pair_evidence(
        Schema((*found, Column("y", "target", "category", ""))), pl.DataFrame(columns)
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("premise", "hypothesis"),
        ("Hypothesis", "Premise"),
        ("sentence1", "sentence2"),
        ("question_a", "question_b"),
        ("text 2", "text 1"),
        ("left_title", "right_title"),
    ],
)
def test_names_that_go_together(first, second) -> None:
    assert first in evidence(**{first: LINES, second: ["Ganz anders."] * 3})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("title", "body"),
        ("sentence1", "question2"),
        ("text1", "text3"),
        ("a", "b"),
        ("part1", "part"),
    ],
)
def test_other_names_say_nothing(first, second) -> None:
    assert evidence(**{first: LINES, second: ["Ganz anders."] * 3}) == ""


def test_texts_of_one_length_that_share_their_words() -> None:
    assert "share" in evidence(one=LINES, other=LINES[::-1])
    assert evidence(one=LINES, other=[line * 3 for line in LINES]) == ""
    assert evidence(one=LINES, other=["ein Hund schläft in der Sonne"] * 3) == ""
    assert evidence(one=LINES, other=["", "!?", ""]) == ""


def test_only_two_texts_are_a_pair() -> None:
    assert evidence(sentence1=LINES) == ""
    assert evidence(sentence1=LINES, sentence2=LINES, sentence3=LINES) == ""
