"""Memory: peak resident memory of a whole fit whose data does not fit.

    python benchmarks/memory.py                      4 GB of table rows, then 4 GB of pictures
    python benchmarks/memory.py --gigabytes 0.5 table

Goal: under 1.5 GB resident from the first row read to the report written (training, evaluation and
simple models included). The table is counted as its Parquet file; its numbers are random, so the
file is about as large as the rows are in memory. The pictures are counted decoded (height × width
× 3 bytes); their JPEG files are smaller. What is measured is the peak of the process that runs
`lamina fit`, as the system counts it; files in the system's cache are not part of it.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import read_results, write_results

GOAL_BYTES = 1.5e9
SIDE = 64
ROW_GROUP = 100_000
NUM_NUMBERS = 28
CATEGORIES = {"colour": 4, "shop": 30, "town": 400, "article": 5000}


def make_table(path: Path, gigabytes: float) -> None:
    """Write a Parquet file of numbers, categories and a class that depends on both."""
    import numpy as np
    import polars as pl

    parts = []
    random = np.random.default_rng(0)
    while sum(part.stat().st_size for part in parts) < gigabytes * 1e9:
        numbers = random.normal(size=(ROW_GROUP * 5, NUM_NUMBERS))
        codes = {name: random.integers(0, size, len(numbers)) for name, size in CATEGORIES.items()}
        signal = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] + 0.8 * np.sin(3 * numbers[:, 3])
        signal += (
            0.5 * (codes["colour"] - 1.5) + np.sin(codes["shop"]) + random.normal(size=len(numbers))
        )
        numbers[random.random(numbers.shape) < 0.01] = np.nan
        columns = {f"x{i}": numbers[:, i] for i in range(NUM_NUMBERS)}
        frame = pl.DataFrame(columns, nan_to_null=True).with_columns(
            *[pl.Series(n, c).cast(pl.String).alias(n) for n, c in codes.items()],
            pl.Series("bought", np.where(signal > 0.3, "yes", "no")),
        )
        parts.append(path.with_suffix(f".{len(parts)}.part"))
        frame.write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(path, row_group_size=ROW_GROUP)
    for part in parts:
        part.unlink()


def make_pictures(folder: Path, gigabytes: float) -> None:
    """Write JPEG pictures of a coloured disc, square or stripes, one folder per shape and place."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    down, right = np.mgrid[0:SIDE, 0:SIDE]
    count = int(gigabytes * 1e9 / (SIDE * SIDE * 3))
    for number in range(count):
        label = number % 6
        top, left = random.integers(20, SIDE - 20, 2)
        size = random.integers(7, 16)
        y, x = down - top, right - left
        if label % 3 == 0:
            is_inside = x * x + y * y < size * size
        elif label % 3 == 1:
            is_inside = (abs(x) < size) & (abs(y) < size)
        else:
            is_inside = (abs(x) < size) & (abs(y) < size) & ((x // 3) % 2 == 0)
        colours = random.integers(0, 256, (2, 3))
        if label >= 3:  # the other three classes are the same shapes on stripes
            ground = np.where(((down // 6) % 2 == 0)[..., None], colours[0], 255 - colours[0])
        else:
            ground = np.broadcast_to(colours[0], (SIDE, SIDE, 3))
        picture = np.where(is_inside[..., None], colours[1], ground).astype(np.uint8)
        place = folder / f"class{label}" / f"{number // 6000:03d}"
        if number % 6000 < 6:
            place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(place / f"{number}.jpg", quality=80)


def measure(source: Path, out: Path, *options: str) -> dict[str, object]:
    """Run `lamina fit` in a process of its own and return its peak memory and what it told."""
    command = [sys.executable, "-m", "lamina", "fit", str(source), "--out", str(out), "--json"]
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as errors:
        begin = time.monotonic()
        process = subprocess.Popen([*command, *options], stdout=told, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        told.seek(0)
        errors.seek(0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"{' '.join(command)}\n{told.read()}\n{errors.read()}")
        run = json.loads(told.read().strip().splitlines()[-1])
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    metric = run["metric"]
    return {
        "peak_bytes": peak,
        "is_kept": peak < GOAL_BYTES,
        "seconds": seconds,
        "training_seconds": run["training"]["seconds"],
        "rows": run["rows"],
        "metric": metric,
        "value": run["metrics"][metric]["value"],
        "baselines": {n: b[metric]["value"] for n, b in run["baselines"].items()},
    }


def main() -> None:
    """Make the data, fit, measure, delete the data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], "table", "pictures"], default=[])
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--time", default="60s")
    parser.add_argument("--keep", type=Path, help="folder for the data, kept and used again")
    choices = parser.parse_args()
    results = dict(read_results("memory"))
    for kind in choices.kinds or ("table", "pictures"):
        with tempfile.TemporaryDirectory() as scratch:
            folder = choices.keep or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{kind}-{choices.gigabytes:g}"
            source = folder / (f"{name}.parquet" if kind == "table" else name)
            if not source.exists():
                # In a process of its own: a child's peak begins with its parent's.
                work = make_table if kind == "table" else make_pictures
                maker = multiprocessing.get_context("spawn").Process(
                    target=work, args=(source, choices.gigabytes)
                )
                maker.start()
                maker.join()
            # Pictures of three shapes resemble one another, which the checks find severe.
            target = ("--target", "bought") if kind == "table" else ("--overrule",)
            options = ("--time", choices.time, "--set", "data.storage=disk", *target)
            found = measure(source, Path(scratch) / "run", *options)
        found |= {"gigabytes": choices.gigabytes, "goal_bytes": GOAL_BYTES}
        results[kind] = found
        print(kind, json.dumps(found))
    write_results("memory", results, seed=0, time=choices.time, side=SIDE)


if __name__ == "__main__":
    main()
