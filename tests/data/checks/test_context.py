import numpy as np
import polars as pl
import pytest

from lamina.data.checks import thumbnails
from lamina.data.checks.context import build_context, class_codes, sample_rows
from lamina.data.schema import infer_schema
from tests.data.checks.conftest import clean_table, picture_frame, picture_values, split_at


def make(frame, **options):
    schema = infer_schema(frame, targets=["y"])
    return build_context(frame, schema, split_at(frame.height), seed=0, max_rows=100, **options)


def test_views_of_columns_and_target():
    frame = clean_table(100).with_columns(n0=pl.when(pl.col("n1") > 11).then("n0"))
    context = make(frame)
    views = {view.name: view for view in context.columns}
    assert views["colour"].is_category
    np.testing.assert_allclose(views["n0"].values, frame["n0"].to_numpy())
    assert context.target.classes == ("no", "yes")
    assert (context.target.values == (frame["y"] == "yes").to_numpy()).all()
    assert context.target.is_known.all()
    numbers = make(clean_table(100, kind="number")).target
    assert not numbers.is_class


def test_class_codes_by_hand():
    codes, names = class_codes(pl.Series(["b", None, "a", "b"]))
    assert codes.tolist() == [1, -1, 0, 1]
    assert names == ("a", "b")


def test_samples_are_bounded_sorted_and_repeat():
    rows = np.arange(1000) * 2
    some = sample_rows(rows, 50, 0, "x")
    assert len(some) == 50
    assert (np.diff(some) > 0).all()
    np.testing.assert_array_equal(some, sample_rows(rows, 50, 0, "x"))
    assert (some != sample_rows(rows, 50, 1, "x")).any()
    assert sample_rows(rows, 5000, 0, "x") is rows
    assert len(make(clean_table(300)).sample(rows, 10**6, "x")) == 100  # max_rows bounds it


def test_validation_stands_in_for_an_absent_test_part():
    frame = clean_table(40)
    split = split_at(40)
    split = type(split)(split.train, split.test, split.validation, "no test part")
    schema = infer_schema(frame, targets=["y"])
    context = build_context(frame, schema, split, seed=0, max_rows=100)
    assert len(context.held) == 10


def test_large_pictures_of_one_part_leave_the_other_its_share(monkeypatch):
    frame = picture_frame(*picture_values(80))
    monkeypatch.setattr(thumbnails, "_MAX_BYTES", sum(map(len, frame["image"][:10])))
    (pictures,) = make(frame).pictures
    assert ((pictures.rows < 60).sum(), (pictures.rows >= 60).sum()) == pytest.approx(
        (10, 10), abs=2
    )
