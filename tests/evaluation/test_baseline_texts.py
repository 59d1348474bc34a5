"""Simple answers to texts."""

from lamina.evaluation.baseline_texts import BASELINES, copied, nearest


def test_the_most_like_text_answers() -> None:
    texts, answers = ["a red dog", "the blue sea", "two men"], ["rot", "blau", "zwei"]
    assert nearest(texts, answers, ["sea so blue", "men and men"]) == ["blau", "zwei"]


def test_texts_without_words_are_answered_too() -> None:
    assert nearest(["", " "], ["x", "y"], [""]) == ["x"]
    assert copied([], [], ["as it is"]) == ["as it is"]


def test_every_row_answers_each_text() -> None:
    for entry in BASELINES.values():
        assert len(entry.value(["one", "two"], ["eins", "zwei"], ["three"] * 5)) == 5
