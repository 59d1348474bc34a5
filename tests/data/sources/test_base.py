"""Reading, batching and limits, which all sources share."""

import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.data.sources.base import MOST_PROBLEMS, AbstractSource, SourceOptions


class Pieces(AbstractSource):
    """Numbers in pieces of given sizes."""

    def __init__(self, *sizes: int, num_problems: int = 0) -> None:
        super().__init__("pieces", "here")
        self.sizes, self.num_problems = sizes, num_problems
        self.num_given = 0

    def _pieces(self):
        for number in range(self.num_problems):
            self._put_aside(f"line {number}", "is bad")
        start = 0
        for size in self.sizes:
            self.num_given += 1
            yield pl.DataFrame({"n": range(start, start + size)}, schema={"n": pl.Int64})
            start += size


@pytest.mark.parametrize("sizes", [(5,), (1, 1, 1, 1, 1), (0, 4, 0, 0, 9), (3, 7, 2)])
def test_contract(sizes, check_source):
    check_source(Pieces(*sizes))


def test_limit_stops_early():
    source = Pieces(10, 10, 10)
    assert source.read(5)["n"].to_list() == [0, 1, 2, 3, 4]
    assert source.num_given == 1
    assert source.num_rows is None  # not everything was read


def test_limit_of_zero_keeps_the_columns():
    assert Pieces(3).read(0).schema == {"n": pl.Int64}


def test_negative_limit_is_refused():
    with pytest.raises(ConfigError, match="limit must be 0 or more, got -1"):
        Pieces(3).read(-1)


def test_no_rows_is_an_error_that_shows_the_first_problem():
    with pytest.raises(DataError, match=r"here holds no rows.*line 0: is bad"):
        Pieces(0, num_problems=2).read()


def test_problems_are_bounded_and_counted():
    source = Pieces(1, num_problems=MOST_PROBLEMS + 7)
    source.read()
    assert len(source.problems) == MOST_PROBLEMS + 1
    assert source.problems[-1].what == "7 further problems are not listed"
    source.read()
    assert len(source.problems) == MOST_PROBLEMS + 1


def test_options_name_what_is_given():
    assert SourceOptions().given() == ()
    assert SourceOptions(has_header=False, delimiter=";").given() == ("delimiter", "has_header")


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "§"])
def test_impossible_delimiters_are_refused(delimiter):
    with pytest.raises(ConfigError, match="delimiter must be one ASCII character"):
        SourceOptions(delimiter=delimiter)
