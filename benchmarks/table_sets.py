"""The twelve table sets of the benchmark with fixed splits.

Row i (from 0, in file order, after the clean-up below) is a test row when the first eight bytes
of SHA-256("0:i"), as a number, are below a fifth of 2^64; sets with an official test part keep
it. What is no test is training; each method takes its own validation part from that.
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


def is_test(row: int) -> bool:
    """Return whether a row of a set without an official test part is tested on."""
    digest = hashlib.sha256(f"0:{row}".encode()).digest()[:8]
    return int.from_bytes(digest, "big") < 2**64 // 5


def _split(frame: pl.DataFrame, target: str, metric: str) -> TableSet:
    mask = pl.Series([is_test(i) for i in range(frame.height)])
    return TableSet(frame.filter(~mask), frame.filter(mask), target, metric)


def _adult() -> TableSet:
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


def _california() -> TableSet:
    frame = pl.read_csv(data_folder("tab_california_housing") / "housing.csv")
    target = "median_house_value"
    return _split(frame.with_columns(pl.col(target) / 1e5), target, "rmse")


def _telco() -> TableSet:
    path = data_folder("tab_telco_churn") / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    frame = pl.read_csv(path, null_values=["", " "]).drop("customerID")
    return _split(frame, "Churn", "roc_auc")


def _diamonds() -> TableSet:
    frame = pl.read_csv(data_folder("tab_diamonds") / "diamonds.csv")
    return _split(frame.unique(maintain_order=True, keep="first"), "price", "rmse")


def _ames() -> TableSet:
    path = data_folder("tab_ames") / "AmesHousing.csv"
    frame = pl.read_csv(path, null_values=["", "NA"], infer_schema_length=None)
    return _split(frame.drop("Id", "PID"), "SalePrice", "rmse")


def _bikeshare() -> TableSet:
    frame = pl.read_csv(data_folder("tab_bikeshare") / "bikeshare.csv", try_parse_dates=True)
    time = pl.col("datetime").dt
    parts = {"year": time.year(), "month": time.month(), "day": time.day()}
    parts |= {"weekday": time.weekday(), "hour": time.hour()}
    frame = frame.with_columns(**parts).drop("datetime", "casual", "registered")
    return _split(frame, "count", "rmse")


def _talent(folder: str, metric: str) -> TableSet:
    place = data_folder("tab_talent_examples", folder)
    train, validation, test = (
        pl.read_csv(place / f"{part}.csv", infer_schema_length=None)
        for part in ("train", "val", "test")
    )
    kinds = dict(train.schema)
    return TableSet(pl.concat([train, validation.cast(kinds)]), test.cast(kinds), "target", metric)


def _uci(name: str, metric: str, *, drops_duplicates: bool = False) -> TableSet:
    path = data_folder("tab_uci_small") / f"{name}.csv"
    frame = pl.read_csv(path, has_header=False, infer_schema_length=None)
    if drops_duplicates:
        frame = frame.unique(maintain_order=True, keep="first")
    return _split(frame, frame.columns[-1], metric)


SETS: dict[str, Callable[[], TableSet]] = {
    "adult": _adult,
    "california": _california,
    "telco": _telco,
    "diamonds": _diamonds,
    "ames": _ames,
    "bikeshare": _bikeshare,
    "bank": lambda: _talent("bank", "accuracy"),
    "cpu_act": lambda: _talent("cpu_act", "rmse"),
    "mfeat": lambda: _talent("mfeat-factors", "accuracy"),
    "abalone": lambda: _uci("abalone", "rmse"),
    "wine": lambda: _uci("winequality-white", "rmse", drops_duplicates=True),
    "phoneme": lambda: _uci("phoneme", "accuracy"),
}
