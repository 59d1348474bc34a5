import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.core.random import sample_uniform
from lamina.data.chosen_rows import detached, fit_rows, gather_rows


def test_rows_to_fit_on_are_a_function_of_seed_and_numbers():
    train = torch.randperm(1000)
    rows = fit_rows(train, seed=3, max_rows=100)
    assert torch.equal(rows, fit_rows(train.flip(0), seed=3, max_rows=100))
    assert len(rows.unique()) == 100
    assert torch.equal(rows, rows.sort().values)
    assert not torch.equal(rows, fit_rows(train, seed=4, max_rows=100))
    assert torch.equal(fit_rows(train, seed=3), torch.arange(1000))


def test_rows_gathered_from_pieces_are_those_of_the_whole():
    data = pl.DataFrame({"x": range(60), "y": [str(n) for n in range(60)]})
    rows = torch.tensor([0, 1, 7, 19, 20, 41, 59])
    pieces = (data[start : start + 20] for start in range(0, 60, 20))
    assert gather_rows(pieces, rows).equals(data[rows.numpy()])
    with pytest.raises(DataError, match="no rows"):
        gather_rows([], rows)


def test_rows_to_fit_on_are_those_with_the_smallest_numbers():
    rows = torch.arange(0, 3000, 3)
    keys = sample_uniform(4, "fit rows", 0, rows, 2).double()
    order = (keys[:, 0] + keys[:, 1] / 2**24).argsort()
    for most in (1, 10, 999):
        assert torch.equal(fit_rows(rows, seed=4, max_rows=most), rows[order[:most]].sort().values)


def test_detached_cells_are_the_same():
    whole = pl.DataFrame(
        {
            "t": ["a long text with many words " * 50] * 3000 + [None],
            "n": list(range(3001)),
            "b": [b"bytes that are not inline" * 20] * 3001,
            "l": [["some tag that is long", None]] * 3000 + [None],
        }
    )
    some = whole[[0, 3000]]
    own = detached(some)
    assert own.equals(some)
    assert own.schema == some.schema
    numbers = pl.DataFrame({"n": [1, 2]})
    assert detached(numbers) is numbers
