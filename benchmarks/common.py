"""What the benchmarks share: where the data is, one measured `lamina fit`, one file of results.

Data is found through the environment variable LAMINA_DATA (default ../shared/data from the project
root); a benchmark whose data is absent says so in one line and ends.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lamina.core.hardware import describe_hardware, versions

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def data_folder(*names: str) -> Path:
    """Return a folder of the development data, or end with a clear line."""
    root = Path(os.environ.get("LAMINA_DATA", ROOT.parent / "shared" / "data"))
    path = root.joinpath(*names)
    if not path.exists():
        print(f"skipped: {path} is absent. Set LAMINA_DATA to the folder of the data sets.")
        sys.exit(0)
    return path


def fit(source: Path | str, *options: str, keep: Path | None = None) -> dict[str, Any]:
    """Run `lamina fit` as a user would, in a process of its own, and return its JSON.

    The run is gone afterwards, unless `keep` names a folder for it.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = keep or Path(folder) / "run"
        command = [sys.executable, "-m", "lamina", "fit", str(source), "--out", str(out), "--json"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join([*command, *options])}\n{done.stdout}\n{done.stderr}")
        told = json.loads(done.stdout.strip().splitlines()[-1])
        told["parameters"] = _count_parameters(out)
        return told


def outcome(told: dict[str, Any], *, time: str, goal: float) -> dict[str, Any]:
    """Return what is kept of a classification within a time budget, and print its accuracy."""
    accuracy, training = told["metrics"]["accuracy"], told["training"]
    print(f"{accuracy['value']:.4f}", f"goal {goal}", training["seconds"])
    return {
        "budget": time,
        "goal": goal,
        "reached": accuracy["value"] >= goal,
        "accuracy": accuracy,
        "training_seconds": training["seconds"],
        "epochs": training["epochs"],
        "parameters": told["parameters"],
        "baselines": {n: b["accuracy"]["value"] for n, b in told["baselines"].items()},
        "rows": told["rows"],
    }


def write_results(name: str, results: Any, **conditions: Any) -> Path:
    """Write results with everything that decides them; results of single sets are merged in.

    What is as it was is marked with where and when it was measured.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    if path.exists():
        results = with_origins(results, json.loads(path.read_text()))
    hardware = describe_hardware()
    body = {
        "benchmark": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "hardware": {
            "processor": hardware.processor,
            "cores": hardware.num_cores,
            "memory_gib": round(hardware.memory_bytes / 2**30, 1),
            "accelerator": hardware.accelerator,
        },
        "versions": versions(),
        "conditions": conditions,
        "results": results,
    }
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n")
    print(f"written: {path.relative_to(ROOT)}")
    return path


def with_origins(results: Any, earlier: dict[str, Any]) -> Any:
    """Return results of which those that an earlier file has, too, bear its date and hardware."""
    if not isinstance(results, dict):
        return results
    origin = {name: earlier[name] for name in ("date", "commit", "hardware")}
    return {
        name: {"measured": origin, **one}
        if isinstance(one, dict) and one == earlier["results"].get(name)
        else one
        for name, one in results.items()
    }


def read_results(name: str) -> Any:
    """Return earlier results of a benchmark, or an empty mapping."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text())["results"] if path.exists() else {}


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _count_parameters(run: Path) -> int:
    from lamina.core.bundle import read_tensors

    tensors, _ = read_tensors(run / "model" / "network.safetensors")
    return sum(tensor.numel() for tensor in tensors.values())
