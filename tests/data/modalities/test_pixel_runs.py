"""Runs of pixels: worked out by hand, there and back, and damaged."""

import numpy as np
import pytest

from lamina.data.modalities.pixel_runs import pixels_of_runs


def written(counts: list[int]) -> str:
    """Return counts as a text, number by number and bit by bit."""
    found = ""
    for place, count in enumerate(counts):
        number = count - counts[place - 2] if place > 2 else count
        while True:
            bits, number = number & 31, number >> 5
            # What is left is nothing but copies of the sign that the reader sees already.
            is_last = number == (-1 if bits & 16 else 0)
            found += chr(48 + bits + (0 if is_last else 32))
            if is_last:
                break
    return found


def counts_of(mask: np.ndarray) -> list[int]:
    """Return the runs of a mask, column by column, outside first."""
    flat = np.concatenate([[False], mask.T.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff([0, *changes, flat.size - 1]).tolist()


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        # Numbers up to 15 are one character, "0" and as many on.
        ("231", [2, 3, 1]),
        # 16 has the bit of the sign, so that a second character must say that it is none:
        # 16 + 32 + 48 = 96 is "`", and 0 is "0".
        ("0`0", [0, 16]),
        # 5000 = 8 + 28 * 32 + 4 * 1024: 8 + 32 + 48 = "X", 28 + 32 + 48 = "l", 4 + 48 = "4".
        # 50 = 18 + 1 * 32: 18 + 32 + 48 = "b", "1". The fourth count is 50 more than the second.
        ("Xl4b1b1b1", [5000, 50, 50, 100]),
        # The fourth count is 3 - 5 = -2, 11110 in five bits: 30 + 48 = "N".
        # The fifth is 1 - 40 = -39, ...11110 11001: 25 + 32 + 48 = "i", then 30 + 48 = "N".
        ("45X1NiN", [4, 5, 40, 3, 1]),
    ],
)
def test_texts_worked_out_by_hand(text, counts) -> None:
    assert written(counts) == text
    height = sum(counts)
    found = pixels_of_runs({"counts": text}, height, 1)
    assert isinstance(found, np.ndarray)
    assert counts_of(found) == counts


def test_a_rectangle_lies_where_it_was() -> None:
    mask = np.zeros((100, 100), dtype=bool)
    mask[:50, 50:] = True
    text = "Xl4b1b1" + "0" * 98
    found = pixels_of_runs({"counts": text, "size": [100, 100]}, 100, 100)
    assert np.array_equal(found, mask)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (61, 250)])
def test_what_is_written_is_read(share, size) -> None:
    chance = np.random.default_rng(0)
    for _ in range(5):
        mask = chance.random(size) < share
        mask[: size[0] // 2] &= chance.random() < 0.5
        counts = counts_of(mask)
        for form in (counts, written(counts)):
            found = pixels_of_runs({"counts": form, "size": list(size)}, *size)
            assert np.array_equal(found, mask)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ("23", r"have 5 pixels, the picture has 2 × 3 = 6"),
        ("", r"have 0 pixels"),
        ("23q", r"the character 'q' at place 3; those from '0' to 'o'"),
        ("2é1", r"the character 'é' at place 2"),
        ("23Q", r"break off after 3 characters"),
        ("2O5", r"run 2 of a shape has -1 pixels"),
        ("o" * 30 + "0", r"a number of 31 characters"),
        ([2, 3, -1, 2], r"run 3 of a shape has -1 pixels"),
        ([2, 3.5], r"neither whole numbers nor a text"),
        ([2, True, 3], r"neither whole numbers nor a text"),
        ([1 << 70], r"neither whole numbers nor a text"),
        (None, r"neither whole numbers nor a text"),
    ],
)
def test_damage_is_told(counts, told) -> None:
    found = pixels_of_runs({"counts": counts}, 2, 3)
    assert isinstance(found, str)
    assert told in found


def test_runs_of_another_size_are_told() -> None:
    found = pixels_of_runs({"counts": "231", "size": [3, 2]}, 2, 3)
    assert found == "runs of a shape are for [3, 2] rows and columns, the picture has (2, 3)"
