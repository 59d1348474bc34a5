"""Whose file it is."""

import pytest

from lamina.data.sources.subjects import subjects_of

PEOPLE = [f"S{person:03}_{take:03}" for person in range(6) for take in range(3)]
MOODS = ["happy", "sad", "happy"] * 6


def test_marks_of_people_with_several_classes_are_found() -> None:
    found = subjects_of(PEOPLE, MOODS)
    assert found is not None
    assert found[:4] == ["S000", "S000", "S000", "S001"]


@pytest.mark.parametrize(
    ("stems", "classes"),
    [
        ([f"{name}1_{n}" for name in "abcdefg" for n in range(3)], list("aaabbbcccdddeeefffggg")),
        ([f"img1_{n:03}" for n in range(18)], MOODS),
        ([f"{n}_{n * 7919:x}" for n in range(100, 118)], MOODS),
        ([f"cat_{n}" for n in range(18)], MOODS),
        ([*PEOPLE[:-1], "portrait"], MOODS),
    ],
    ids=["as classes", "of a camera", "of single files", "without a digit", "of most files only"],
)
def test_other_marks_are_none(stems: list[str], classes: list[str]) -> None:
    assert subjects_of(stems, classes) is None
