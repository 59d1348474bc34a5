"""Filling in before telling classes: SST-2 with few labels, with and without texts read before.

    python benchmarks/masked.py                        all cases
    python benchmarks/masked.py read scratch/100 from/100

"read" learns to fill in hidden pieces of unlabelled IMDb reviews (12,000 training texts, in lower
case as SST-2 is) with `--objective masked --time 10m`. "from/N" is `lamina fit --from` that run
with N labelled training sentences of SST-2 (a permutation of seed 0; "all" are 6,920), "scratch/N"
the same without `--from`. Validation and test are the official parts. Intervals are those of the
1,821 test sentences, of a single fit each. LAMINA_MASKED may name a folder for the run of "read",
so that it is not trained again.
"""

import json
import lzma
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import data_folder, fit, read_results, write_results
from texts import sst2

CASES = (
    "read",
    *(f"{how}/{count}" for count in ("100", "500", "all") for how in ("scratch", "from")),
)
NUM_REVIEWS = 12_000


def reviews(path: Path) -> None:
    """Write training texts of IMDb, one per line, in lower case."""
    with lzma.open(data_folder("imdb") / "train.tsv.xz") as file:
        frame = pl.read_csv(file.read(), separator="\t", quote_char=None, has_header=False)
    texts = frame[:, 3].str.replace_all("<br />", " ").str.to_lowercase()
    order = np.random.default_rng(0).permutation(len(texts))[:NUM_REVIEWS]
    path.write_text("\n".join(texts[order].to_list()), encoding="utf-8")


def read(folder: Path, run: Path) -> dict[str, Any]:
    """Learn to fill in, into a folder that is kept."""
    reviews(folder / "reviews.txt")
    told = fit(
        folder / "reviews.txt", "--objective", "masked", "--time", "10m", "--overrule",
        "--set", "data.split.test=0.02", "--set", "data.split.validation=0.02", keep=run,
    )  # fmt: skip
    return {
        "metrics": told["metrics"],
        "baselines": told["baselines"],
        "parameters": told["parameters"],
        "training": told["training"],
    }


def classify(folder: Path, count: str, start: Path | None) -> dict[str, Any]:
    """Fit on some labelled sentences."""
    source, *rest = sst2(folder)
    if count != "all":
        frame = pl.read_parquet(folder / source)
        order = np.random.default_rng(0).permutation(frame.height)[: int(count)]
        frame[order].write_parquet(folder / source)
    options = [o if o.startswith("--") else str(folder / o) for o in rest]
    begun = [] if start is None else ["--from", str(start)]
    told = fit(
        folder / source, "--target", "label", "--as", "text=text", "--overrule", *options, *begun
    )
    return {
        "accuracy": told["metrics"]["accuracy"],
        "baselines": {n: b["accuracy"]["value"] for n, b in told["baselines"].items()},
        "training_seconds": told["training"]["seconds"],
        "parameters": told["parameters"],
    }


def main() -> None:
    results = dict(read_results("masked"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = Path(os.environ.get("LAMINA_MASKED", folder / "read"))
        for name in sys.argv[1:] or CASES:
            how, _, count = name.partition("/")
            if how == "read":
                results[name] = read(folder, run)
            else:
                results[name] = classify(folder, count, run if how == "from" else None)
            print(name, json.dumps(results[name]), flush=True)
            write_results("masked", results, seed=0)


if __name__ == "__main__":
    main()
