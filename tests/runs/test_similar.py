"""Rows of a collection that are most like others."""

import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from tests.runs.tiny import EXAMPLES, faces, finished


def test_a_row_is_most_like_itself_and_then_like_its_kind() -> None:
    run, data = finished("identity"), faces()
    some = {name: values[:6] for name, values in data.items()}
    found = run.similar(data, some, count=3)
    assert found.columns == ["query", "row", "similarity", "who"]
    assert found.height == 18
    first = found.filter(pl.col("query") == pl.col("row"))
    assert first["similarity"].to_list() == pytest.approx([1.0] * 6, abs=1e-5)
    for query in range(6):
        own = found.filter(pl.col("query") == query)
        assert own["similarity"].is_sorted(descending=True)
        assert own["row"][0] == query


def test_a_collection_is_compared_with_itself_but_for_the_same_row() -> None:
    run, data = finished("identity"), faces()
    found = run.similar(data, count=2)
    assert found.height == 2 * len(data["who"])
    assert (found["query"] != found["row"]).all()
    assert found["similarity"].max() < 1


def test_any_run_says_what_is_alike_to_it() -> None:
    found = finished("text").similar(EXAMPLES["text"].make(), count=1)
    reviews = EXAMPLES["text"].make()
    assert found.height == reviews.height
    assert found["review"].to_list() == reviews["review"][found["row"].to_numpy()].to_list()


def test_no_more_rows_are_found_than_there_are() -> None:
    data = {name: values[:3] for name, values in faces().items()}
    assert finished("identity").similar(data, count=9).height == 3 * 2
    assert finished("identity").similar(data, data, count=9).height == 3 * 3


def test_what_cannot_be_compared_says_why() -> None:
    run = finished("identity")
    with pytest.raises(ConfigError, match="at least 1"):
        run.similar(faces(), count=0)
    with pytest.raises(DataError, match="nothing to compare"):
        run.similar(faces(), {"photo": [b"no picture"], "who": ["p1"]})
