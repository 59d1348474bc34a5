"""Tests of splitting rows."""

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from lamina.core.errors import ConfigError, DataError
from lamina.data import splits
from lamina.data.schema import infer_schema
from lamina.data.splits import SplitConfig, split_by_keys, split_keys, split_rows


def table(num_rows=500, seed=0):
    source = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "x": source.normal(size=num_rows),
            "z": source.normal(size=num_rows),
            "who": [f"p{i % 40}" for i in range(num_rows)],
            "when": [f"20{10 + i % 12}-0{1 + i % 9}-11" for i in range(num_rows)],
            "y": source.choice(["a", "b", "c"], size=num_rows, p=[0.7, 0.28, 0.02]).tolist(),
        }
    )


def parts(split):
    return [split.train, split.validation, split.test]


def check_partition(split, num_rows):
    together = torch.cat(parts(split))
    assert torch.equal(together.sort().values, torch.arange(num_rows))
    for part in parts(split):
        assert torch.equal(part, part.sort().values)


def test_each_series_is_split_by_its_own_steps():
    data = pl.DataFrame(
        {
            "who": ["a"] * 20 + ["b"] * 10,
            "step": [*range(20), *range(10)],
            "x": [n * 0.37 for n in range(30)],
            "y": [n % 7 * 1.5 + n for n in range(30)],
        }
    )
    order = np.random.default_rng(1).permutation(30)
    data = data[order]
    schema = infer_schema(data, targets=["y"], roles={"time": "step", "series": "who"})
    split = split_rows(data, schema, SplitConfig(test=0.2, validation=0.25), seed=0)
    assert "last of each series" in split.reason
    for part, wanted in (
        (split.test, {"a": [16, 17, 18, 19], "b": [8, 9]}),
        (split.validation, {"a": [12, 13, 14, 15], "b": [6, 7]}),
    ):
        own = data[part.numpy()].sort("step")
        assert {who: own.filter(who=who)["step"].to_list() for who in ("a", "b")} == wanted


def test_classes_keep_their_shares_and_all_rows_are_used_once():
    data = table()
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    check_partition(split, 500)
    assert len(split.test) == pytest.approx(100, abs=2)
    assert len(split.validation) == pytest.approx(80, abs=2)
    for part in parts(split):
        share = (data["y"].gather(part.numpy()) == "b").mean()
        assert share == pytest.approx((data["y"] == "b").mean(), abs=0.03)
        assert (data["y"].gather(part.numpy()) == "c").any()
    assert "share of each class" in split.reason
    assert "split by time if the future" in split.reason


def test_the_split_is_a_function_of_the_seed():
    data = table()
    schema = infer_schema(data, targets=["y"])
    one, two, other = (split_rows(data, schema, SplitConfig(), seed=s) for s in (1, 1, 2))
    assert torch.equal(one.test, two.test)
    assert not torch.equal(one.test, other.test)


@given(st.lists(st.integers(1, 12), min_size=2, max_size=8), st.floats(0.05, 0.6))
def test_classes_of_any_size_are_split_without_losing_rows(sizes, share):
    assume(max(sizes) >= 3)
    assume(sum(sizes) * share >= 1)
    cells = [f"k{number}" for number, size in enumerate(sizes) for _ in range(size)]
    data = pl.DataFrame({"x": np.arange(len(cells)) * 1.37 + 0.1, "y": cells})
    split = split_rows(
        data,
        infer_schema(data, targets=["y"], overrides={"y": "category"}),
        SplitConfig(test=share, validation=0),
        seed=0,
    )
    check_partition(split, len(cells))
    seen = set(data["y"].gather(split.train.numpy()).to_list())
    assert seen == set(cells), "every class is learnt from"
    tested = set(data["y"].gather(split.test.numpy()).to_list())
    assert {f"k{i}" for i, size in enumerate(sizes) if size >= 3} <= tested


def test_duplicates_stay_on_one_side():
    data = table(300)
    data = pl.concat([data, data[:120]])
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    check_partition(split, 420)
    side = torch.empty(420, dtype=torch.int64)
    for number, part in enumerate(parts(split)):
        side[part] = number
    assert torch.equal(side[:120], side[300:])
    assert "duplicates" in split.reason


def test_coarse_inputs_that_repeat_by_nature_are_not_held_together():
    data = pl.DataFrame({"x": ["u", "v"] * 100, "y": [0.5, 1.5, 2.5, 3.5] * 50})
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    assert len(split.test) == 40
    assert "only 2 distinct rows" in split.reason


def test_a_row_copied_thousands_of_times_does_not_fill_a_part():
    data = table(600)
    data = pl.concat([data, *[data[:1]] * 400])
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    check_partition(split, 1000)
    assert len(split.test) == pytest.approx(200, abs=5)
    assert len(split.validation) == pytest.approx(160, abs=5)


def test_a_few_large_groups_are_split_all_the_same():
    data = table(300).with_columns(who=pl.Series(["a", "b", "c"] * 100))
    schema = infer_schema(data, targets=["y"], roles={"group": "who"})
    split = split_rows(data, schema, SplitConfig(), seed=0)
    assert [len(part) for part in parts(split)] == [100, 100, 100]


def test_groups_stay_on_one_side():
    data = table()
    schema = infer_schema(data, targets=["y"], roles={"group": "who"})
    split = split_rows(data, schema, SplitConfig(), seed=0)
    check_partition(split, 500)
    groups = [set(data["who"].gather(part.numpy()).to_list()) for part in parts(split)]
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    assert len(split.test) == pytest.approx(100, abs=15)


@pytest.mark.parametrize("as_date", [True, False])
def test_the_last_rows_in_time_are_tested(as_date):
    data = table()
    if as_date:
        data = data.with_columns(pl.col("when").str.to_date())
    for schema, config in (
        (infer_schema(data, targets=["y"], roles={"time": "when"}), SplitConfig()),
        (infer_schema(data, targets=["y"]), SplitConfig(by="time")),
    ):
        split = split_rows(data, schema, config, seed=0)
        check_partition(split, 500)
        when = [data["when"].gather(part.numpy()) for part in parts(split)]
        assert when[0].max() < when[1].min()
        assert when[1].max() < when[2].min()


@pytest.mark.parametrize("by", ["auto", "random", "stratified", "time"])
def test_groups_stay_whole_whatever_the_way(by):
    data = table()
    time = "when" if by in ("auto", "time") else None
    schema = infer_schema(data, targets=["y"], roles={"group": "who", "time": time})
    split = split_rows(data, schema, SplitConfig(by=by), seed=0)
    check_partition(split, 500)
    groups = [set(data["who"].gather(part.numpy()).to_list()) for part in parts(split)]
    assert all(groups)
    assert sum(map(len, groups)) == 40
    assert "whole groups of 'who'" in split.reason


def test_groups_are_ordered_by_their_latest_moment():
    data = pl.DataFrame(
        {
            "x": np.arange(40) * 1.5,
            "who": [f"p{i // 4}" for i in range(40)],
            # Nine groups end in turn; the first one of all goes on until after the others.
            "when": [99 if i == 3 else i for i in range(40)],
            "y": np.arange(40) * 0.5,
        }
    )
    schema = infer_schema(data, targets=["y"], roles={"group": "who", "time": "when"})
    split = split_rows(data, schema, SplitConfig(test=0.2, validation=0), seed=0)
    assert split.test.tolist() == [0, 1, 2, 3, 36, 37, 38, 39]


def test_times_that_are_few_do_not_swallow_a_part():
    def split_of(years, **shares):
        data = pl.DataFrame({"x": np.arange(len(years)) * 1.5, "year": years})
        data = data.with_columns(y=pl.col("x") * 2)
        schema = infer_schema(data, targets=["y"], roles={"time": "year"})
        return data["year"], split_rows(data, schema, SplitConfig(**shares), seed=0)

    year, split = split_of([2020] * 50 + [2021] * 50)
    check_partition(split, 100)
    assert [len(part) for part in parts(split)] == [64, 16, 20]
    assert year.gather(split.test.numpy()).unique().to_list() == [2021]
    assert "20 drawn out of one moment" in split.reason
    # Where the next later moment is nearly enough, the parts stay apart in time.
    year, split = split_of([2019] * 40 + [2020] * 45 + [2021] * 15, test=0.2, validation=0)
    assert year.gather(split.test.numpy()).to_list() == [2021] * 15
    # A single last row does not stand for a fifth.
    year, split = split_of([2019] * 40 + [2020] * 59 + [2021], test=0.2, validation=0)
    assert len(split.test) == 20
    assert 99 in split.test
    with pytest.raises(DataError, match="needs two different times at least, and 'year' has 1"):
        split_of([2020] * 30 + [None] * 10)


def test_a_column_that_looks_like_marks_and_has_gaps_is_left_out():
    data = table(300).with_columns(split=pl.Series(["train", "test", None] * 100))
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    check_partition(split, 300)
    assert len(split.test) == pytest.approx(60, abs=2)
    assert "'split' is left out: it marks no part in 100 of its cells" in split.reason
    with pytest.raises(DataError, match="must mark each row"):
        split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(by="split"), seed=0)


def test_marks_are_followed_and_missing_parts_are_drawn():
    marks = ["train", "Test", "dev", "train", "train"] * 60
    data = table(300).with_columns(split=pl.Series(marks))
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    assert split.test.tolist() == list(range(1, 300, 5))
    assert split.validation.tolist() == list(range(2, 300, 5))
    two = data.with_columns(split=pl.col("split").replace("dev", "train"))
    split = split_rows(two, infer_schema(two, targets=["y"]), SplitConfig(), seed=0)
    assert split.test.tolist() == list(range(1, 300, 5))
    assert len(split.validation) == 48
    named = two.rename({"split": "part"})
    schema = infer_schema(named, targets=["y"])
    again = split_rows(named, schema, SplitConfig(by="part"), seed=0)
    assert torch.equal(again.test, split.test)
    with pytest.raises(DataError, match="must mark each row"):
        split_rows(named, schema, SplitConfig(by="who"), seed=0)


def test_rows_of_a_test_source_are_the_test():
    data = table()
    rows = torch.arange(400, 500)
    split = split_rows(
        data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0, test_rows=rows
    )
    assert torch.equal(split.test, rows)
    check_partition(split, 500)
    assert len(split.validation) == 80


def test_keys_gathered_in_pieces_give_the_same_split():
    data = table()
    schema, config = infer_schema(data, targets=["y"]), SplitConfig()
    keys = split_keys((data[i : i + 70] for i in range(0, 500, 70)), schema, config)
    pieces, whole = split_by_keys(keys, config, seed=0), split_rows(data, schema, config, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(parts(pieces), parts(whole)))


def test_pictures_and_lists_can_be_compared_for_duplicates():
    pictures = np.random.default_rng(0).integers(0, 255, (40, 3, 3), dtype=np.uint8)
    data = pl.DataFrame(
        {"p": pictures, "t": [["a"], ["b", "c"]] * 20, "y": [0.5, 1.5, 2.5, 3.5] * 10}
    )
    data = pl.concat([data, data[:10]])
    schema = infer_schema(data, targets=["y"])
    split = split_rows(data, schema, SplitConfig(), seed=0)
    check_partition(split, 50)
    assert "duplicates" in split.reason


def test_no_test_and_no_validation_on_request():
    data = table()
    schema = infer_schema(data, targets=["y"])
    split = split_rows(data, schema, SplitConfig(validation=0, test=0), seed=0)
    assert len(split.train) == 500
    assert not len(split.test)


def test_large_tables_validate_on_ten_thousand_rows():
    data = pl.DataFrame({"x": np.arange(200_000) * 0.5, "y": np.arange(200_000) * 0.25})
    split = split_rows(data, infer_schema(data, targets=["y"]), SplitConfig(), seed=0)
    assert len(split.test) == 40_000
    assert len(split.validation) == 10_000


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (lambda: SplitConfig(test=1.0), ConfigError, "test must be a share"),
        (lambda: SplitConfig(validation=-0.1), ConfigError, "validation must be a share"),
        (lambda: SplitConfig(by="tiem"), ConfigError, "Did you mean 'time'"),
        (lambda: SplitConfig(by="group"), DataError, "group column"),
        (lambda: SplitConfig(by="time"), DataError, "column of times"),
    ],
)
def test_wishes_that_cannot_be_met(config, error, message):
    data = table().drop("when")
    schema = infer_schema(data, targets=["y"])
    with pytest.raises(error, match=message):
        split_rows(data, schema, config(), seed=0)


def test_too_few_rows_are_refused():
    data = pl.DataFrame({"x": [1.5], "y": ["a"]})
    schema = infer_schema(pl.DataFrame({"x": [1.5, 2.5], "y": ["a", "b"]}), targets=["y"])
    with pytest.raises(DataError, match="no row at all"):
        split_rows(data, schema, SplitConfig(test=0.2), seed=0)
    with pytest.raises(DataError, match="no row is left"):
        split_rows(data, schema, SplitConfig(), seed=0, test_rows=torch.tensor([0]))


def test_rows_of_a_validation_source_stay_out_of_the_other_parts():
    frame = pl.DataFrame({"a": np.arange(200) ** 0.5, "y": ["p", "q"] * 100})
    schema = infer_schema(frame, targets=["y"])
    keys = split_keys([frame], schema, SplitConfig())
    own = torch.arange(150, 200)
    split = split_by_keys(keys, SplitConfig(), seed=0, validation_rows=own)
    assert torch.equal(split.validation, own)
    assert torch.equal(torch.cat([split.train, split.test]).sort().values, torch.arange(150))
    assert "validation: the 50 rows of the validation source" in split.reason
    both = split_by_keys(
        keys, SplitConfig(), seed=0, validation_rows=own, test_rows=torch.arange(10)
    )
    assert both.test.tolist() == list(range(10))
    assert both.train.tolist() == list(range(10, 150))


def test_no_more_rows_are_tested_than_measure_well(monkeypatch):
    monkeypatch.setattr(splits, "MAX_TEST_ROWS", 30)
    data = table()
    schema = infer_schema(data, targets=["y"])
    assert len(split_rows(data, schema, SplitConfig(), seed=0).test) == 30
    assert len(split_rows(data, schema, SplitConfig(test=0.5), seed=0).test) == 250


def test_classes_are_numbered_in_the_order_of_their_names_whatever_piece_they_come_in():
    data = pl.DataFrame({"x": np.arange(7) ** 0.5, "y": ["c", "a", None, "b", "a", None, "c"]})
    schema = infer_schema(data, targets=["y"], overrides={"y": "category"})
    pieces = [data[:2], data[2:3], data[3:]]
    assert split_keys(pieces, schema, SplitConfig()).target.tolist() == [3, 1, 0, 2, 1, 0, 3]
