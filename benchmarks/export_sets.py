"""What benchmarks/export.py fits: real sets by task, and what names their rows to `lamina fit`."""

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
from common import data_folder
from faces import orl
from forecasts import SETS as SERIES
from pairs import similarity, trec_kind
from segmentation import NAMES as CAMVID
from sound import table as digits
from table_sets import SETS as TABLES
from tagging import CASES as TAGGED
from texts import imdb, sst2, trec
from transcripts import write_strings
from translation import write_pairs


def table(name: str, *options: str) -> Callable[[Path], list[str]]:
    """Return what writes a table's training and test rows and names the arguments of fit."""

    def write(folder: Path) -> list[str]:
        data = TABLES[name](0)
        data.train.write_csv(folder / "train.csv")
        data.test.write_csv(folder / "test.csv")
        return ["train.csv", "--test", "test.csv", "--target", data.target, *options]

    return write


def labels(name: str, made: dict[str, pl.Expr], drop: list[str]) -> Callable[[Path], list[str]]:
    """Return what turns columns of a table into several yes/no targets."""

    def write(folder: Path) -> list[str]:
        data = TABLES[name](0)
        for part, frame in (("train", data.train), ("test", data.test)):
            whole = frame.with_columns(**made).drop_nulls(list(made)).drop(drop)
            whole.write_csv(folder / f"{part}.csv")
        targets = [word for target in made for word in ("--target", target)]
        booleans = [word for target in made for word in ("--as", f"{target}=boolean")]
        return ["train.csv", "--test", "test.csv", *targets, *booleans, "--set", "task=multi_label"]

    return write


def pictures(name: str) -> Callable[[Path], list[str]]:
    """Return what names a set of pictures."""

    def write(folder: Path) -> list[str]:
        del folder
        source = data_folder(name)
        if name == "mnist":
            return [str(source)]
        return [str(source / "train.parquet"), "--test", str(source / "test.parquet")]

    return write


def forecasts(name: str) -> Callable[[Path], list[str]]:
    """Return what writes the series of a set of forecasts and names the arguments of fit."""

    def write(folder: Path) -> list[str]:
        if name in SERIES:
            return SERIES[name](folder)
        source = data_folder("small_series") / "taxi_new_york_passengers.csv"
        columns = ["--target", "#Passengers", "--time-column", "time"]
        return [str(source), *columns, "--horizon", "48"]

    return write


def tagged(name: str) -> Callable[[Path], list[str]]:
    """Return what names the official parts of a set of tagged words."""

    def write(folder: Path) -> list[str]:
        del folder
        names, parts, target, _, _ = TAGGED[name]
        root = data_folder(*names)
        named = [
            word
            for option, file in parts.items()
            for word in (() if option == "train" else (option, str(root / file)))
        ]
        return [str(root / parts["train"]), *named, "--target", target]

    return write


def translated(read: str, written: str) -> Callable[[Path], list[str]]:
    """Return what writes the pairs of two languages of Multi30k."""

    def write(folder: Path) -> list[str]:
        parts = write_pairs(folder, read, written)
        named = [f"--{part}={parts[part]}" for part in ("validation", "test")]
        return [str(parts["train"]), "--target", written, *named]

    return write


def spoken(held: str) -> Callable[[Path], list[str]]:
    """Return what writes strings of digits, those of one speaker as the test."""

    def write(folder: Path) -> list[str]:
        return [str(write_strings(folder, held, seed=0)), "--target", "text"]

    return write


def compared(write_pairs: Callable[[Path], list[str]]) -> Callable[[Path], list[str]]:
    """Return what writes pairs of texts and names the arguments of fit."""

    def write(folder: Path) -> list[str]:
        options = write_pairs(folder)
        parts = [f"--{part}={folder / part}.parquet" for part in ("validation", "test")]
        return [str(folder / "train.parquet"), *parts, "--target", "answer", *options]

    return write


def heard(folder: Path) -> list[str]:
    """Write the table of spoken digits, the official recordings as the test."""
    return [str(digits(folder, "official")), "--target", "digit"]


def series(name: str) -> Callable[[Path], list[str]]:
    """Return what names a set of series."""

    def write(folder: Path) -> list[str]:
        del folder
        return [str(data_folder("ucr_subset") / name)]

    return write


def faces(folder: Path) -> list[str]:
    """Name the faces of ORL, ten of the forty people as the test."""
    return [str(orl(0, folder)), "--target", "person", "--as", "person=identity"]


def subjects(folder: Path) -> list[str]:
    """Name the faces of CK+, those of every fourth person as the test."""
    root = data_folder("ckplus48")
    with (root / "split.csv").open() as source:
        files = [row["file"] for row in csv.DictReader(source)]
    people = sorted({Path(file).name.split("_")[0] for file in files})
    return _people(folder, {root / f: Path(f).name.split("_")[0] for f in files}, people[::4])


def speakers(folder: Path) -> list[str]:
    """Name the recordings of FSDD, those of two speakers as the test."""
    files = sorted((data_folder("fsdd") / "recordings").glob("*.wav"))
    return _people(folder, {file: file.stem.split("_")[1] for file in files}, ["lucas", "theo"])


def _people(folder: Path, known: dict[Path, str], held: list[str]) -> list[str]:
    with (folder / "people.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["file", "person", "split"])
        for path, person in known.items():
            out.writerow([str(path), person, "test" if person in held else "train"])
    return ["people.csv", "--target", "person", "--as", "person=identity"]


def masks(folder: Path) -> list[str]:
    """Name the pictures and masks of CamVid."""
    del folder
    names = "[" + ", ".join(f'"{name}"' for name in CAMVID) + "]"
    return [str(data_folder("camvid")), "--set", f"data.fitting.class_names={names}"]


def boxes(folder: Path) -> list[str]:
    """Name the pictures and boxes of BCCD."""
    del folder
    return [str(data_folder("bccd"))]


def texts(name: str, *options: str) -> Callable[[Path], list[str]]:
    """Return what writes texts to be learnt without answers."""

    def write(folder: Path) -> list[str]:
        if name == "tinyshakespeare":
            return [str(data_folder(name) / "input.txt"), *options]
        if name == "ptb":
            train, *others = (
                str(data_folder(name) / f"ptb.{part}.txt") for part in ("train", "valid", "test")
            )
            return [train, "--validation", others[0], "--test", others[1], *options]
        if name == "multi30k":
            parts = write_pairs(folder, "en", "de")
            named = [f"--{part}={parts[part]}" for part in ("validation", "test")]
            return [str(parts["train"]), *named, "--ignore", "de", *options]
        return [*{"sst2": sst2, "trec": trec}[name](folder), "--ignore", "label", *options]

    return write


_QUANTILES = ("--set", "task=quantile_regression")
SETS: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "classification/adult": ("30s", table("adult")),
    "classification/cifar10": ("60s", pictures("cifar10")),
    "classification/mnist": ("30s", pictures("mnist")),
    "classification/imdb": ("60s", imdb),
    "classification/trec": ("20s", trec),
    "classification/trec_kind": ("60s", compared(trec_kind)),
    "classification/fsdd": ("60s", heard),
    "classification/osuleaf": ("60s", series("OSULeaf")),
    "classification/japanese_vowels": ("60s", series("JapaneseVowels")),
    "regression/similarity": ("60s", compared(similarity)),
    "regression/california": ("30s", table("california")),
    "regression/abalone": ("20s", table("abalone")),
    "regression/diamonds": ("30s", table("diamonds")),
    "quantiles/california": ("30s", table("california", *_QUANTILES)),
    "quantiles/abalone": ("20s", table("abalone", *_QUANTILES)),
    "quantiles/diamonds": ("30s", table("diamonds", *_QUANTILES)),
    "labels/telco": (
        "20s",
        labels(
            "telco",
            {name: pl.col(name) == "Yes" for name in ("Churn", "Partner", "Dependents")},
            [],
        ),
    ),
    "labels/adult": (
        "30s",
        labels(
            "adult",
            {
                "is_rich": pl.col("income") == ">50K",
                "is_male": pl.col("sex") == "Male",
                "is_married": pl.col("marital-status") == "Married-civ-spouse",
            },
            ["income", "sex", "marital-status", "relationship"],
        ),
    ),
    "labels/diamonds": (
        "30s",
        labels(
            "diamonds",
            {
                "is_ideal": pl.col("cut") == "Ideal",
                "is_dear": pl.col("price") > 2401,
                "is_white": pl.col("color").is_in(["D", "E", "F"]),
            },
            ["cut", "price", "color"],
        ),
    ),
    "forecasts/etth1": ("60s", forecasts("etth1")),
    "forecasts/m4_weekly": ("60s", forecasts("m4_weekly")),
    "forecasts/taxi": ("30s", forecasts("taxi")),
    "tags/conll2003": ("60s", tagged("conll2003")),
    "tags/atis": ("60s", tagged("atis")),
    "tags/snips": ("60s", tagged("snips")),
    "translations/en-de": ("120s", translated("en", "de")),
    "translations/de-en": ("120s", translated("de", "en")),
    "translations/en-fr": ("120s", translated("en", "fr")),
    "transcripts/theo": ("120s", spoken("theo")),
    "transcripts/jackson": ("120s", spoken("jackson")),
    "transcripts/nicolas": ("120s", spoken("nicolas")),
    "identities/orl_faces": ("40s", faces),
    "identities/ckplus48": ("40s", subjects),
    "identities/fsdd": ("40s", speakers),
    "masks/camvid": ("120s", masks),
    "boxes/bccd": ("120s", boxes),
    "texts/tinyshakespeare": ("60s", texts("tinyshakespeare")),
    "texts/ptb": ("60s", texts("ptb")),
    "texts/multi30k": ("60s", texts("multi30k", "--set", "task=language_model")),
    "hidden/sst2": ("60s", texts("sst2", "--objective", "masked")),
    "hidden/trec": ("60s", texts("trec", "--objective", "masked")),
    "hidden/multi30k": ("60s", texts("multi30k", "--objective", "masked")),
}
"""Budget of the fit and what prepares the data, by task and set."""
