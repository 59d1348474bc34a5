"""Rows that are made when they are asked for."""

import pytest

from lamina.core.made_rows import AbstractMadeRows


class Squares(AbstractMadeRows):
    def __init__(self) -> None:
        self.made: list[int] = []

    def __len__(self) -> int:
        return 4

    def _made(self, number: int) -> dict[str, int]:
        self.made.append(number)
        return {"square": number**2}


def test_rows_are_made_one_by_one_and_only_when_asked_for() -> None:
    rows = Squares()
    assert rows[2] == {"square": 4}
    assert rows[-1] == {"square": 9}
    assert rows[1:3] == [{"square": 1}, {"square": 4}]
    assert rows.made == [2, 3, 1, 2]
    assert [row["square"] for row in rows] == [0, 1, 4, 9]


def test_there_is_nothing_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        Squares()[4]
