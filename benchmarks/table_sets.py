"""The twelve table sets of the benchmark with fixed splits.

Row i (from 0, in file order, after the clean-up below) belongs to fold floor(5 h / 2^64), where h
is the first eight bytes of SHA-256("0:i") as a number. Repetition k tests on fold k; sets with an
official test part keep it in every repetition. What is no test is training; each method takes its
own validation part from that.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from common import data_folder

_ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation"),
    *("relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week"),
    *("native-country", "income"),
]
_ADULT_NUMBERS = (
    "age",
    "fnlwgt",
    "education-num",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
)

FOLDS = 5
"""Folds of a set without an official test part."""

MANY_ROWS = 10_000
"""From so many rows on, a set is measured once."""


@dataclass(frozen=True)
class TableSet:
    """One set."""

    train: pl.DataFrame
    test: pl.DataFrame
    target: str
    metric: str
    """accuracy, roc_auc or rmse."""

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class."""
        return self.metric != "rmse"

    @property
    def categories(self) -> list[str]:
        """Names of the text columns."""
        return [c for c in self._inputs() if self.train[c].dtype == pl.String]

    @property
    def numbers(self) -> list[str]:
        """Names of the number columns."""
        return [c for c in self._inputs() if self.train[c].dtype != pl.String]

    def _inputs(self) -> list[str]:
        return [c for c in self.train.columns if c != self.target]


def fold_of(row: int) -> int:
    """Return the fold, from 0, of a row of a set without an official test part."""
    digest = hashlib.sha256(f"0:{row}".encode()).digest()[:8]
    return FOLDS * int.from_bytes(digest, "big") // 2**64


def num_repetitions(data: TableSet) -> int:
    """Return how often a set is measured: more than once where few rows make one test a draw."""
    return FOLDS if data.train.height + data.test.height < MANY_ROWS else 1


def _split(frame: pl.DataFrame, target: str, metric: str, fold: int) -> TableSet:
    mask = pl.Series([fold_of(i) == fold for i in range(frame.height)])
    return TableSet(frame.filter(~mask), frame.filter(mask), target, metric)


def _adult(_fold: int) -> TableSet:
    parts = []
    for part in ("train", "test"):
        frame = pl.read_csv(
            data_folder("tab_adult") / f"adult-{part}.csv",
            has_header=False,
            new_columns=_ADULT,
            infer_schema=False,
        ).with_columns(pl.all().str.strip_chars().replace("?", None))
        frame = frame.with_columns(pl.col("income").str.strip_chars("."))
        numbers = [pl.col(name).cast(pl.Float64) for name in _ADULT_NUMBERS]
        parts.append(frame.with_columns(numbers).drop_nulls("income"))
    return TableSet(parts[0], parts[1], "income", "accuracy")


def _california(fold: int) -> TableSet:
    frame = pl.read_csv(data_folder("tab_california_housing") / "housing.csv")
    target = "median_house_value"
    return _split(frame.with_columns(pl.col(target) / 1e5), target, "rmse", fold)


def _telco(fold: int) -> TableSet:
    path = data_folder("tab_telco_churn") / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    frame = pl.read_csv(path, null_values=["", " "]).drop("customerID")
    return _split(frame, "Churn", "roc_auc", fold)


def _diamonds(fold: int) -> TableSet:
    frame = pl.read_csv(data_folder("tab_diamonds") / "diamonds.csv")
    return _split(frame.unique(maintain_order=True, keep="first"), "price", "rmse", fold)


def _ames(fold: int) -> TableSet:
    path = data_folder("tab_ames") / "AmesHousing.csv"
    frame = pl.read_csv(path, null_values=["", "NA"], infer_schema_length=None)
    return _split(frame.drop("Id", "PID"), "SalePrice", "rmse", fold)


def _bikeshare(fold: int) -> TableSet:
    frame = pl.read_csv(data_folder("tab_bikeshare") / "bikeshare.csv", try_parse_dates=True)
    time = pl.col("datetime").dt
    parts = {"year": time.year(), "month": time.month(), "day": time.day()}
    parts |= {"weekday": time.weekday(), "hour": time.hour()}
    frame = frame.with_columns(**parts).drop("datetime", "casual", "registered")
    return _split(frame, "count", "rmse", fold)


def _talent(folder: str, metric: str) -> TableSet:
    place = data_folder("tab_talent_examples", folder)
    train, validation, test = (
        pl.read_csv(place / f"{part}.csv", infer_schema_length=None)
        for part in ("train", "val", "test")
    )
    kinds = dict(train.schema)
    return TableSet(pl.concat([train, validation.cast(kinds)]), test.cast(kinds), "target", metric)


def _uci(name: str, metric: str, fold: int, *, drops_duplicates: bool = False) -> TableSet:
    path = data_folder("tab_uci_small") / f"{name}.csv"
    frame = pl.read_csv(path, has_header=False, infer_schema_length=None)
    if drops_duplicates:
        frame = frame.unique(maintain_order=True, keep="first")
    return _split(frame, frame.columns[-1], metric, fold)


SETS: dict[str, Callable[[int], TableSet]] = {
    "adult": _adult,
    "california": _california,
    "telco": _telco,
    "diamonds": _diamonds,
    "ames": _ames,
    "bikeshare": _bikeshare,
    "bank": lambda _fold: _talent("bank", "accuracy"),
    "cpu_act": lambda _fold: _talent("cpu_act", "rmse"),
    "mfeat": lambda _fold: _talent("mfeat-factors", "accuracy"),
    "abalone": lambda fold: _uci("abalone", "rmse", fold),
    "wine": lambda fold: _uci("winequality-white", "rmse", fold, drops_duplicates=True),
    "phoneme": lambda fold: _uci("phoneme", "accuracy", fold),
}
"""Maker of each set, from the number of the repetition."""
