"""Texts for the report, and what of them is copied."""

import pytest

from lamina.runs.written import longest_copied, written_in_words
from tests.runs.tiny import finished


@pytest.mark.parametrize(
    ("text", "known", "wanted"),
    [
        ("abcdef", "xxcdexx", "cde"),
        ("abc", "xyz", ""),
        ("abc", "zabcz", "abc"),
        ("", "abc", ""),
        ("aab", "ab aa b", "aa"),
        ("one two three", "two three four", "two three"),
    ],
)
def test_the_longest_run_is_found(text, known, wanted) -> None:
    assert longest_copied(text, known) == wanted


def test_a_run_says_what_it_writes() -> None:
    run = finished("language")
    told = run.evaluation["written"]
    assert len(told["texts"]) == 4
    assert all(one["copied"] in one["text"] for one in told["texts"])
    html = run.folder.report.read_text()
    assert 'id="written"' in html
    assert "nats per token" in html
    assert "written" not in finished("text").evaluation


def test_learning_by_heart_is_told() -> None:
    copied = {"texts": [{"copied": "x" * 90}], "copied_by_test_text": [12]}
    assert "learnt parts by heart" in written_in_words(copied)
    copied["texts"][0]["copied"] = "x" * 15
    assert "nothing speaks" in written_in_words(copied)
