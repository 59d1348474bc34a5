"""Do explanations tell the truth: more than chance on real data, and planted shortcuts at rank 1.

    python benchmarks/faithfulness.py                    all cases
    python benchmarks/faithfulness.py adult imdb_marker  some
    python benchmarks/faithfulness.py --runs FOLDER ...  fitted runs are kept there and used again

Faithfulness (adult, CIFAR-10, IMDb; 60 s of training each; masks and boxes of made pictures): on
test rows, the area between the insertion and the deletion curve of each method, less that of random
orders of the same row; the mean with a 95 % bootstrap interval over rows. Goal: the default
method's interval is above 0.

Shortcuts: something that gives the label away is planted in training and test rows: a column that
copies the label (adult), a coloured square at a random place (CIFAR-10), a marker word at a random
place (IMDb), a coloured square in the sky that tells which ground lies below (masks of made
pictures). Goal: it is the feature with the greatest attribution in at least 95 % of test rows.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from common import data_folder, read_results, write_results
from made_data import scenes, things
from PIL import Image
from table_sets import SETS as TABLES
from texts import imdb as imdb_files

import lamina
from lamina.core.errors import ConfigError
from lamina.core.hardware import num_cores
from lamina.data.dataset import encode_frame
from lamina.explanation.check import Sampled, summarise
from lamina.explanation.intervals import mean_interval
from lamina.explanation.table import METHODS, default_method
from lamina.runs.run import Run

NUM_ROWS = 60
"""Test rows explained."""

MARKERS = {"pos": "xylographer", "neg": "quetzal"}
"""Words that stand in no review."""

COLOURS = (
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255),
    (0, 255, 255), (255, 255, 255), (0, 0, 0), (255, 128, 0), (128, 0, 255),
)  # fmt: skip
"""Of the square, one per class."""

SIDE = 5
"""Side of the square in pixels."""


@dataclass(frozen=True)
class Case:
    """A data set, and what is planted in it."""

    make: Callable[[], tuple[pl.DataFrame, pl.DataFrame]]
    """Training and test rows; planted places stand in the column "place"."""
    target: str
    time: str = "60s"
    options: tuple[str, ...] = ()
    found: Callable[[Any, Any], bool] | None = None
    """Whether an explanation's first feature is what was planted, given its place."""


def adult() -> tuple[pl.DataFrame, pl.DataFrame]:
    made = TABLES["adult"](0)
    return made.train, made.test


def adult_leak() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A column that says the label in other words, wrong in one row of a hundred."""
    chance = np.random.default_rng(0)
    parts = []
    for frame in adult():
        is_rich = frame["income"].str.contains(">").to_numpy()
        told = np.where(chance.random(frame.height) < 0.01, ~is_rich, is_rich)
        parts.append(frame.with_columns(code=pl.Series(np.where(told, "k7", "k2"))))
    return parts[0], parts[1]


def cifar10() -> tuple[pl.DataFrame, pl.DataFrame]:
    folder = data_folder("cifar10")
    parts = [pl.read_parquet(folder / f"{part}.parquet") for part in ("train", "test")]
    bare = [p.with_columns(pl.col("image").struct.field("bytes").alias("image")) for p in parts]
    return bare[0], bare[1]


def cifar10_square() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A square at a random place, whose colour tells the class."""
    chance = np.random.default_rng(0)
    parts = []
    for frame, count in zip(cifar10(), (10_000, 1_000)):
        some = frame.head(count)
        names = sorted(frame["label"].unique())
        pictures, places = [], []
        for cell, label in some.select("image", "label").iter_rows():
            pixels = np.array(Image.open(io.BytesIO(cell)).convert("RGB"))
            top, left = (int(n) for n in chance.integers(0, 33 - SIDE, 2))
            pixels[top : top + SIDE, left : left + SIDE] = COLOURS[names.index(label)]
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            pictures.append(buffer.getvalue())
            places.append(f"{top},{left}")
        parts.append(pl.DataFrame({"image": pictures, "label": some["label"], "place": places}))
    return parts[0], parts[1]


def imdb() -> tuple[pl.DataFrame, pl.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        imdb_files(Path(folder))
        parts = [pl.read_parquet(Path(folder) / f"{part}.parquet") for part in ("train", "test")]
    return parts[0], parts[1]


def imdb_marker() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A word at a random place of each review that tells the label."""
    chance = np.random.default_rng(0)
    parts = []
    for frame, count in zip(imdb(), (25_000, 1_000)):
        some = frame.sample(count, seed=0, shuffle=True)
        kinds = sorted(some["label"].unique())
        lines, words = [], []
        for label, text in some.select("label", "text").iter_rows():
            marker = list(MARKERS.values())[kinds.index(label)]
            own = text.split(" ")
            own.insert(int(chance.integers(0, len(own) + 1)), marker)
            lines.append(" ".join(own))
            words.append(marker)
        parts.append(pl.DataFrame({"label": some["label"], "text": lines, "place": words}))
    return parts[0], parts[1]


def masks() -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = scenes()
    return frame[:200], frame[200:]


def boxes() -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = things()
    # A picture without a thing answers with no box, of which there is nothing to explain.
    return frame[:120], frame[120:].filter(pl.col("boxes").list.len() > 0)


def masks_square() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two kinds of ground that look alike; the colour of a square in the sky tells which it is."""
    chance = np.random.default_rng(0)
    parts = []
    for count in (600, 2 * NUM_ROWS):
        images = chance.integers(0, 60, (count, 32, 32, 3), dtype=np.uint8)
        kinds = chance.integers(0, 2, count)
        images[:, 12:] += 60
        known = np.zeros(images.shape[:3], dtype=np.uint8)
        known[:, 12:] = 1 + kinds[:, None, None]
        corners = np.stack([chance.integers(0, 8, count), chance.integers(0, 28, count)], axis=1)
        for image, kind, (top, left) in zip(images, kinds, corners):
            image[top : top + SIDE, left : left + SIDE] = COLOURS[kind]
        places = [f"{top},{left}" for top, left in corners]
        parts.append(pl.DataFrame({"image": images, "mask": known, "place": places}))
    return parts[0], parts[1]


def is_column(told: Any, _place: str) -> bool:
    return told.top(1)[0][1] == "code"


def is_square(told: Any, place: str) -> bool:
    (picture,) = told.inputs
    rows, columns = picture.grid
    first = int(np.argmax(picture.heat))
    top, left = (int(n) for n in place.split(","))
    size = -(-32 // max(rows, columns))
    row, column = first // columns * size, first % columns * size
    is_inside = row < top + SIDE and row + size > top
    return is_inside and column < left + SIDE and column + size > left


def is_word(told: Any, place: str) -> bool:
    (text,) = told.inputs
    first = max(text.features, key=lambda feature: feature.attribution)
    return place in first.label.split(" ")


AS_TEXT = ("--as", "text=text", "--overrule")
CASES = {
    "adult": Case(adult, "income", options=("--overrule",)),
    "cifar10": Case(cifar10, "label"),
    "imdb": Case(imdb, "label", options=AS_TEXT),
    "adult_leak": Case(adult_leak, "income", "30s", ("--overrule",), is_column),
    "cifar10_square": Case(cifar10_square, "label", "45s", ("--ignore", "place"), is_square),
    "imdb_marker": Case(
        imdb_marker, "label", "60s", (*AS_TEXT, "--ignore", "place"), is_word
    ),
    "masks": Case(masks, "mask", "40s", ("--overrule",)),
    "boxes": Case(boxes, "boxes", "40s", ("--overrule",)),
    "masks_square": Case(
        masks_square, "mask", "40s", ("--ignore", "place", "--overrule"), is_square
    ),
}  # fmt: skip


def fitted(name: str, case: Case, folder: Path) -> tuple[Run, pl.DataFrame]:
    """Return the run of a case, fitted where there is none yet, and its test rows."""
    train, test = case.make()
    out = folder / name
    if not (out / "report.html").exists():
        for part, frame in (("train", train), ("test", test)):
            frame.write_parquet(folder / f"{name}-{part}.parquet")
        command = [
            sys.executable, "-m", "lamina", "fit", str(folder / f"{name}-train.parquet"), "--test",
            str(folder / f"{name}-test.parquet"), "--target", case.target, "--time", case.time,
            "--out", str(out), *case.options, "--json",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return lamina.load(out), test


def faithful(run: Run, test: pl.DataFrame) -> dict[str, Any]:
    """Return what was measured of each method on some test rows."""
    explainer = run.explainer
    rows = np.random.default_rng(1).permutation(test.height)[:NUM_ROWS]
    dataset = encode_frame(run.predictor.schema, test[rows], with_targets=False)
    outputs = run.predictor.outputs(dataset, torch.arange(len(rows)), is_final=False)
    choices = run.predictor.task.chosen(run.predictor.predictions(outputs))
    found: dict[str, Any] = {}
    default = default_method(explainer.question(dataset, 0, int(choices[0])))
    gains: dict[str, np.ndarray] = {}
    for method in METHODS:
        samples: list[Sampled] = []
        begin = time.monotonic()
        seconds = 0.0
        try:
            for row, choice in enumerate(choices):
                start = time.monotonic()
                asked = explainer.question(dataset, row, int(choice))
                own, asked = explainer.attribute(asked, method)
                seconds += time.monotonic() - start
                samples.append(explainer.measure(method, asked, own))
        except ConfigError:
            continue
        record = summarise(samples)
        gains[method] = np.array([one.gains.mean() for one in samples])
        document = {
            "verdict": record.verdict,
            "gain_over_random": vars_of(record.gain),
            "similarity_with_shuffled_weights": vars_of(record.similarity),
            "completeness_error_median": record.completeness_error,
            "ms_per_explanation": round(1000 * seconds / len(samples), 1),
            "is_default": method == default,
        }
        found[method] = document
        print(" ", method, json.dumps(document), f"{time.monotonic() - begin:.0f} s", flush=True)
    for method, own in gains.items():
        if method != default:
            versus = mean_interval(gains[default] - own)
            found[method]["default_less_this"] = [versus.value, versus.low, versus.high]
    return {
        "rows": len(rows),
        "unit": "log-odds of the answer",
        "reached": found[default]["gain_over_random"]["low"] > 0,
        "methods": found,
    }


def vars_of(measured: Any) -> dict[str, Any] | None:
    if measured is None:
        return None
    return {"value": measured.value, "low": measured.low, "high": measured.high}


def planted(run: Run, test: pl.DataFrame, case: Case) -> dict[str, Any]:
    """Return in how many test rows what was planted is found at rank 1, by method."""
    assert case.found is not None
    rows = np.random.default_rng(1).permutation(test.height)[: 2 * NUM_ROWS]
    places = test["place"] if "place" in test.columns else pl.Series([""] * test.height)
    found: dict[str, Any] = {}
    default = run.explain(test, row=int(rows[0]), is_checked=False).method
    for method in METHODS:
        try:
            hits = []
            for row in rows:
                told = run.explain(test, row=int(row), method=method, is_checked=False)
                hits.append(case.found(told, places[int(row)]))
        except ConfigError:
            continue
        found[method] = {"rank_1": float(np.mean(hits)), "is_default": method == default}
        print(" ", method, found[method], flush=True)
    figure = "accuracy" if "accuracy" in run.metrics else next(iter(run.metrics))
    return {
        "rows": len(rows),
        f"test_{figure}": run.metrics[figure].value,
        "reached": found[default]["rank_1"] >= 0.95,
        "methods": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--runs", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(num_cores())
    results = dict(read_results("faithfulness"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.runs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in given.names or CASES:
            case = CASES[name]
            run, test = fitted(name, case, folder)
            print(name, {n: round(m.value, 4) for n, m in list(run.metrics.items())[:1]})
            told = faithful(run, test) if case.found is None else planted(run, test, case)
            results[name] = {"budget": case.time, **told}
            write_results("faithfulness", results, seed=0)


if __name__ == "__main__":
    main()
