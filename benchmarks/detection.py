"""Boxes: BCCD on its official parts, a start from a classifier, and the speed of the exported file.

    python benchmarks/detection.py bccd --time 45m                      fit, export, measure
    python benchmarks/detection.py bccd --time 45m --keep runs/bccd     and keep the run
    python benchmarks/detection.py speed runs/bccd                      the speed of a run alone
    python benchmarks/detection.py start --time 4m --seeds 2            from flowers against scratch

`bccd` is `lamina fit` from scratch: mean average precision by the protocol of COCO on the 72 test
pictures. `speed` is how many test pictures per second onnxruntime answers, from the bytes of a file
to its boxes, one at a time and eight at a time. `start` teaches a small residual network flowers
first, then fits BCCD twice with the same time: starting from that run, and from scratch.
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

GOAL = 0.82
"""Mean average precision at an overlap of .5 that is wanted."""
FASTEST = 10.0
"""Pictures per second that are wanted."""
ENCODER = "{name: resnet, depths: [1, 2, 2, 2], width: 32, activation: silu, stem: large}"
"""Of flowers: the encoder that a detector has by itself."""


def bccd(budget: str, keep: Path | None) -> dict[str, Any]:
    """Fit, export, and measure both."""
    with tempfile.TemporaryDirectory() as place:
        run = keep or Path(place) / "run"
        result = _fitted(budget, run)
        result["speed"] = speed(run)
    return {"goal": GOAL, "reached": result["metrics"]["map50"]["value"] >= GOAL, **result}


def start(budget: str, seeds: int) -> dict[str, Any]:
    """Fit from a classifier of flowers and from scratch, with the same time."""
    found: dict[str, Any] = {"budget": budget, "from_flowers": [], "from_scratch": []}
    with tempfile.TemporaryDirectory() as place:
        flowers = Path(place) / "flowers"
        told = fit(
            data_folder("flowers5"),
            *("--time", budget, "--set", f"network.encoders.image={ENCODER}"),
            *("--set", "network.head=linear"),
            keep=flowers,
        )
        found["flowers_accuracy"] = told["metrics"]["accuracy"]
        for seed in range(seeds):
            own = ("--seed", str(seed))
            for name, options in (("from_flowers", ("--from", str(flowers))), ("from_scratch", ())):
                run = Path(place) / f"{name}-{seed}"
                found[name].append(_fitted(budget, run, *own, *options))
    return found


def speed(run: Path) -> dict[str, Any]:
    """Return pictures per second of the exported network, on all cores this process may use."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "model.onnx"
        Run(run).export(path)
        function = load(path, threads=len(os.sched_getaffinity(0)))
    files = sorted((data_folder("bccd") / "BCCD" / "JPEGImages").glob("*.jpg"))[:64]
    rows = [{"image": file.read_bytes()} for file in files]
    found: dict[str, Any] = {"goal": FASTEST, "cores": len(os.sched_getaffinity(0))}
    for size in (1, 8):
        function.predict(rows[:size])
        began = time.perf_counter()
        for begin in range(0, len(rows), size):
            function.predict(rows[begin : begin + size])
        rate = len(rows) / (time.perf_counter() - began)
        found[f"pictures_per_second_{size}"] = round(rate, 2)
        print("speed", size, f"{rate:.1f} pictures per second", f"goal {FASTEST}")
    found["certificate"] = function.check.get("certificate")
    found["reached"] = found["pictures_per_second_1"] >= FASTEST
    return found


def _fitted(budget: str, run: Path, *options: str) -> dict[str, Any]:
    told = fit(data_folder("bccd") / "BCCD", "--time", budget, *options, keep=run)
    metrics, training = told["metrics"], told["training"]
    print(
        "bccd", *options, f"map50 {metrics['map50']['value']:.4f}", f"goal {GOAL}",
        f"map50_95 {metrics['map50_95']['value']:.4f}", training["seconds"],
    )  # fmt: skip
    document = Run(run).evaluation
    return {
        "budget": budget,
        "metrics": metrics,
        "classes": document.get("boxes", {}).get("classes"),
        "baselines": {
            name: {metric: value["value"] for metric, value in own.items()}
            for name, own in told["baselines"].items()
        },
        "training_seconds": training["seconds"],
        "epochs": training["epochs"],
        "parameters": told["parameters"],
        "rows": told["rows"],
    }


def main() -> None:
    """Run what is named."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("case", choices=("bccd", "speed", "start"), nargs="?", default="bccd")
    arguments.add_argument("run", type=Path, nargs="?")
    arguments.add_argument("--time", default="45m")
    arguments.add_argument("--seeds", type=int, default=1)
    arguments.add_argument("--keep", type=Path)
    given = arguments.parse_args()
    results = read_results(Path(__file__).stem)
    if given.case == "speed":
        results.setdefault("bccd", {})["speed"] = speed(given.run)
    elif given.case == "start":
        results["start"] = start(given.time, given.seeds)
    else:
        results["bccd"] = bccd(given.time, given.keep)
    write_results(Path(__file__).stem, results, seed=0)


if __name__ == "__main__":
    main()
