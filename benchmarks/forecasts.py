"""Forecasts: the planned network beside naive, seasonal naive, ETS and Theta, on the same origins.

    python benchmarks/forecasts.py                  all sets
    python benchmarks/forecasts.py etth1 m4_hourly  some
    python benchmarks/forecasts.py etth1 --backbones    every backbone of the table in turn

Goals: ETTh1, horizon 96: squared error of standardised series ≤ 0.375; ETTh2 ≤ 0.285; M4 hourly
sMAPE ≤ 11, weekly ≤ 8.5, better than seasonal naive and Theta; 90 % intervals hold 87 to 93 %; each
in minutes on one core. ETT: 12, 4 and 4 months of 30 days, every origin of the test part, scaled by
the training part. M4: the official test part, one origin per series; the last horizon before it is
for validation.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import data_folder, fit, read_results, write_results

BACKBONES = ("linear", "mixer", "patch_transformer", "recurrent", "tcn")
GOALS = {
    "etth1": ("scaled_mse", 0.375),
    "etth2": ("scaled_mse", 0.285),
    "m4_hourly": ("smape", 11.0),
    "m4_weekly": ("smape", 8.5),
}


def etth(number: int, folder: Path) -> list[str]:
    """Write seven series side by side, with their parts, and return the arguments of fit."""
    frame = pl.read_csv(data_folder("ett") / f"ETTh{number}.csv")
    month = 30 * 24
    marks = np.repeat(["train", "validation", "test"], [12 * month, 4 * month, 4 * month])
    frame = frame[: len(marks)].with_columns(split=pl.Series(marks))
    frame.write_parquet(folder / "rows.parquet")
    targets = [f"--target={name}" for name in frame.columns[1:-1]]
    return ["rows.parquet", *targets, "--time-column", "date", "--horizon", "96"]


def m4(kind: str, horizon: int, folder: Path) -> list[str]:
    """Write all series as one long table, with their parts, and return the arguments of fit."""
    rows: dict[str, list[Any]] = {"id": [], "step": [], "value": [], "split": []}
    parts = [_lines(kind, part) for part in ("train", "test")]
    for (name, past), (_, future) in zip(*parts, strict=True):
        cut = len(past) - horizon
        rows["id"] += [name] * (len(past) + len(future))
        rows["step"] += range(len(past) + len(future))
        rows["value"] += past + future
        rows["split"] += ["train"] * cut + ["validation"] * horizon + ["test"] * len(future)
    pl.DataFrame(rows).write_parquet(folder / "rows.parquet")
    columns = ["--target", "value", "--time-column", "step", "--series", "id"]
    return ["rows.parquet", *columns, "--horizon", str(horizon)]


SETS = {
    "etth1": lambda folder: etth(1, folder),
    "etth2": lambda folder: etth(2, folder),
    "m4_hourly": lambda folder: m4("Hourly", 48, folder),
    "m4_weekly": lambda folder: m4("Weekly", 13, folder),
}


def _lines(kind: str, part: str) -> list[tuple[str, list[float]]]:
    path = data_folder("m4_hourly_weekly") / part.title() / f"{kind}-{part}.csv"
    cells = [line.replace('"', "").strip().split(",") for line in path.open()][1:]
    return [(row[0], [float(c) for c in row[1:] if c not in ("", "NA")]) for row in cells]


def measure(name: str, *options: str) -> dict[str, Any]:
    """Return what one run gave."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source, *arguments = SETS[name](folder)
        told = fit(folder / source, *arguments, *options)
    figure, goal = GOALS[name]
    value, coverage = told["metrics"][figure], told["metrics"]["interval_coverage"]
    others = {key: one[figure]["value"] for key, one in told["baselines"].items()}
    print(name, *options, figure, round(value["value"], 4), "goal", goal, others)
    print("  covered", round(coverage["value"], 4), told["training"]["seconds"], "s", flush=True)
    return {
        "metrics": told["metrics"],
        "baselines": {
            key: {metric: one["value"] for metric, one in figures.items()}
            for key, figures in told["baselines"].items()
        },
        "training_seconds": told["training"]["seconds"],
        "steps": told["training"]["steps"],
        "parameters": told["parameters"],
        "goal": {figure: goal},
        "reached": value["value"] <= goal
        and 0.87 <= coverage["value"] <= 0.93
        and value["value"] < min(others.values()),
    }


if __name__ == "__main__":
    wanted = [a for a in sys.argv[1:] if a in SETS] or list(SETS)
    results = read_results("forecasts")
    for name in wanted:
        own = results.setdefault(name, {})
        if "--backbones" in sys.argv:
            for backbone in BACKBONES:
                told = measure(name, "--set", f"network.backbone={backbone}")
                own.setdefault("backbones", {})[backbone] = told
        else:
            own["planned"] = measure(name)
    write_results("forecasts", results, threads=1)
