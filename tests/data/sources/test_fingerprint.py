"""Hashes of values and files."""

import hashlib
from datetime import date

import numpy as np
import polars as pl
import pytest

from lamina.data.sources.fingerprint import hash_files, hash_frames, hash_texts

FRAME = pl.DataFrame(
    {
        "i": [1, None, 3],
        "f": [0.5, float("nan"), None],
        "s": ["ab", "c", None],
        "b": [True, None, False],
        "d": [date(2020, 1, 1), None, date(2021, 2, 3)],
        "t": [["x"], [], None],
        "y": [b"1", b"", None],
    }
).with_columns(pl.Series("p", np.arange(12, dtype=np.uint8).reshape(3, 2, 2)))


def test_equal_values_give_equal_hashes():
    assert hash_frames([FRAME]) == hash_frames([FRAME.clone()])


@pytest.mark.parametrize("name", FRAME.columns)
def test_every_column_counts(name):
    changed = FRAME.with_columns(FRAME[[2, 1, 0]][name])
    assert hash_frames([changed]) != hash_frames([FRAME])
    assert hash_frames([FRAME.drop(name)]) != hash_frames([FRAME])
    assert hash_frames([FRAME.rename({name: "other"})]) != hash_frames([FRAME])


def test_cells_cannot_run_into_each_other():
    one, two = pl.DataFrame({"s": ["ab", "c"]}), pl.DataFrame({"s": ["a", "bc"]})
    assert hash_frames([one]) != hash_frames([two])


def test_null_differs_from_empty_and_zero():
    assert hash_frames([pl.DataFrame({"s": [""]})]) != hash_frames(
        [pl.DataFrame({"s": [None]}, schema={"s": pl.String})]
    )
    assert hash_frames([pl.DataFrame({"n": [0]})]) != hash_frames(
        [pl.DataFrame({"n": [None]}, schema={"n": pl.Int64})]
    )


def test_the_hash_is_pinned():
    # A changed hash would make old receipts unverifiable.
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert hash_frames([frame]).startswith("4724af2008655fa7")


def test_one_file_hashes_as_sha256sum_does(write):
    path = write("a.csv", "x\n1\n")
    assert hash_files([path]) == hashlib.sha256(b"x\n1\n").hexdigest()


def test_names_below_the_root_count_and_the_root_does_not(tmp_path, write):
    first = [write("one/a/1.txt", "x"), write("one/b/2.txt", "y")]
    same = [write("two/a/1.txt", "x"), write("two/b/2.txt", "y")]
    moved = [write("three/a/1.txt", "x"), write("three/a/2.txt", "y")]
    hashes = [
        hash_files(paths, root=tmp_path / root)
        for paths, root in ((first, "one"), (same, "two"), (moved, "three"))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_texts_are_hashed_in_order():
    assert hash_texts(["a", "b"]) != hash_texts(["b", "a"])
