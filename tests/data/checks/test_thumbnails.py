import numpy as np
import polars as pl
import pytest

from lamina.data.checks import thumbnails
from lamina.data.checks.thumbnails import content_keys, joined, thumbnails_of
from tests.data.checks.conftest import picture_values, png


def test_bytes_paths_and_arrays_agree(tmp_path):
    values, _ = picture_values(4, size=48)
    rows = np.arange(4)
    for number, value in enumerate(values):
        (tmp_path / f"{number}.png").write_bytes(png(value))
    as_bytes = thumbnails_of(pl.Series("x", [png(v) for v in values]), rows)
    paths = pl.Series("x", [str(tmp_path / f"{n}.png") for n in range(4)])
    as_arrays = thumbnails_of(pl.Series("x", values, dtype=pl.Array(pl.UInt8, (48, 48))), rows)
    np.testing.assert_array_equal(as_bytes.values, thumbnails_of(paths, rows).values)
    np.testing.assert_allclose(as_bytes.values, as_arrays.values, atol=1)
    assert as_bytes.values.shape == (4, 256)


def test_small_and_coloured_arrays():
    values, _ = picture_values(3, size=6)
    small = thumbnails_of(pl.Series("x", values, dtype=pl.Array(pl.UInt8, (6, 6))), np.arange(3))
    np.testing.assert_array_equal(small.values, values.reshape(3, -1))
    coloured = np.repeat(values[..., None], 3, axis=3)
    same = thumbnails_of(
        pl.Series("x", coloured, dtype=pl.Array(pl.UInt8, (6, 6, 3))), np.arange(3)
    )
    np.testing.assert_allclose(same.values, small.values, rtol=1e-6)


def test_broken_and_missing_pictures_are_set_aside():
    values, _ = picture_values(2)
    cells = pl.Series("x", [png(values[0]), b"no picture", None, png(values[1])[:60]])
    found = thumbnails_of(cells, np.arange(4))
    assert found.rows.tolist() == [0]
    assert [row for row, _ in found.broken] == [1, 3]
    assert found.num_tried == 3


def test_keys_tell_contents_apart(tmp_path):
    values, _ = picture_values(2)
    path = tmp_path / "one.png"
    path.write_bytes(png(values[0]))
    first, second, third = content_keys(
        pl.Series("x", [str(path), str(path), str(tmp_path / "none.png")]), np.arange(3)
    )
    assert first == second
    assert third is None
    (in_bytes,) = content_keys(pl.Series("x", [png(values[0])]), np.arange(1))
    assert in_bytes == first


def test_pictures_of_many_bytes_are_drawn_from_all_rows(monkeypatch):
    values, _ = picture_values(200)
    cells = pl.Series("x", [png(value) for value in values])
    monkeypatch.setattr(thumbnails, "_MAX_BYTES", sum(map(len, cells[:50])))
    some = thumbnails_of(cells, np.arange(200))
    assert some.num_tried == len(some.rows) == 200 - some.num_left_out
    assert some.num_tried == pytest.approx(50, abs=5)
    assert (np.diff(some.rows) > 0).all()
    assert (some.rows >= 100).sum() > 10
    np.testing.assert_array_equal(some.rows, thumbnails_of(cells, np.arange(200)).rows)
    assert (some.rows.tolist()) != thumbnails_of(cells, np.arange(200), seed=1).rows.tolist()


def test_parts_are_joined_even_where_one_is_empty():
    values, _ = picture_values(3)
    in_arrays = pl.Series("x", values, dtype=pl.Array(pl.UInt8, (24, 24)))
    for cells in (in_arrays, pl.Series("x", [png(value) for value in values])):
        none = thumbnails_of(cells, np.arange(0))
        whole = joined([thumbnails_of(cells, np.arange(3)), none])
        assert whole.rows.tolist() == [0, 1, 2]
        assert whole.values.shape == (3, 256)
