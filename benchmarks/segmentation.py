"""Masks: CamVid at 240 × 180, eleven classes, and how fast the exported network answers.

    python benchmarks/segmentation.py camvid --time 45m                    fit, export, measure
    python benchmarks/segmentation.py camvid --time 45m --keep runs/camvid  and keep the run
    python benchmarks/segmentation.py speed runs/camvid                    the speed of a run alone

`camvid` is `lamina fit` from scratch on the official parts: the mean over eleven classes of
intersection over union on the 233 test pictures, pixels without a class left out. Beside it stand
the simple answers of the same run. The run is exported; `speed` is how many test pictures per
second onnxruntime answers, from the bytes of a file to its mask, one at a time and eight at a time.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from common import data_folder, fit, read_results, write_results

from lamina.runs.run import Run
from lamina.runtime.function import load

NAMES = (
    *("Sky", "Building", "Pole", "Road", "Pavement", "Tree"),
    *("SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist"),
)
GOAL = 0.58
"""Mean IoU on the test part that is wanted."""
FASTEST = 10.0
"""Pictures per second that are wanted."""


def camvid(budget: str, keep: Path | None) -> dict[str, Any]:
    """Fit, export, and measure both."""
    folder = data_folder("camvid")
    names = "[" + ", ".join(f'"{name}"' for name in NAMES) + "]"
    with tempfile.TemporaryDirectory() as place:
        run = keep or Path(place) / "run"
        told = fit(folder, "--time", budget, "--set", f"data.fitting.class_names={names}", keep=run)
        iou = told["metrics"]["mean_iou"]
        print("camvid", f"{iou['value']:.4f}", f"goal {GOAL}", told["training"]["seconds"])
        document = Run(run).evaluation
        result = {
            "budget": budget,
            "goal": GOAL,
            "reached": iou["value"] >= GOAL,
            "metrics": told["metrics"],
            "classes": {one["name"]: one["iou"] for one in document["masks"]["overlaps"]},
            "baselines": {
                name: {metric: value["value"] for metric, value in own.items()}
                for name, own in told["baselines"].items()
            },
            "training_seconds": told["training"]["seconds"],
            "epochs": told["training"]["epochs"],
            "parameters": told["parameters"],
            "rows": told["rows"],
        }
        result["speed"] = speed(run)
    return result


def speed(run: Path) -> dict[str, Any]:
    """Return pictures per second of the exported network, on all cores this process may use."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "model.onnx"
        Run(run).export(path)
        function = load(path, threads=len(os.sched_getaffinity(0)))
    files = sorted((data_folder("camvid") / "test").glob("*.jpg"))[:64]
    rows = [{"image": file.read_bytes()} for file in files]
    found: dict[str, Any] = {"goal": FASTEST, "cores": len(os.sched_getaffinity(0))}
    for size in (1, 8):
        function.predict(rows[:size])
        began = time.perf_counter()
        for start in range(0, len(rows), size):
            function.predict(rows[start : start + size])
        rate = len(rows) / (time.perf_counter() - began)
        found[f"pictures_per_second_{size}"] = round(rate, 2)
        print("speed", size, f"{rate:.1f} pictures per second", f"goal {FASTEST}")
    found["certificate"] = function.check.get("certificate")
    found["reached"] = found["pictures_per_second_8"] >= FASTEST
    return found


def main() -> None:
    """Run what is named."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("case", choices=("camvid", "speed"), nargs="?", default="camvid")
    arguments.add_argument("run", type=Path, nargs="?")
    arguments.add_argument("--time", default="45m")
    arguments.add_argument("--keep", type=Path)
    given = arguments.parse_args()
    results = read_results(Path(__file__).stem)
    if given.case == "speed":
        results.setdefault("camvid", {})["speed"] = speed(given.run)
    else:
        results["camvid"] = camvid(given.time, given.keep)
    write_results(Path(__file__).stem, results, seed=0)


if __name__ == "__main__":
    main()
