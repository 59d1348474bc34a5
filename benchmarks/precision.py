"""Exported models of less precision: what they lose, and what they gain.

    python benchmarks/precision.py                            all
    python benchmarks/precision.py masks/camvid pretrained/sst2   some

Each set is fitted once, as benchmarks/export.py does, and exported in float32, float16 and int8.
Quality is the task's first metric over the whole test part, with the interval of its difference to
the run's; times are of the graph alone at one row, on one core, beside PyTorch eager in float32 in
the same process. "pretrained/sst2" is the sentence encoder of benchmarks/pretrained.py, fine-tuned
on 500 sentences.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from common import read_results, write_results
from export_sets import SETS
from pretrained import model_folder
from texts import sst2

from export import FEWER, MANY, lamina, on_one_core

PRECISIONS = ("float32", "float16", "int8")
NAMES = (
    "masks/camvid",
    "boxes/bccd",
    "classification/cifar10",
    "classification/adult",
    "classification/trec",
    "pretrained/sst2",
)
FINE_TUNED_ON = 500


def fine_tuned(folder: Path) -> list[str]:
    """Write a few sentences of SST-2 and its test part, and return what `lamina fit` is told."""
    sst2(folder)
    pl.read_parquet(folder / "train.parquet").sample(FINE_TUNED_ON, seed=0).write_parquet(
        folder / "few.parquet"
    )
    named = ["--target", "label", "--as", "text=text", "--test", "test.parquet"]
    return ["few.parquet", *named, "--pretrained", str(model_folder())]


OWN: dict[str, tuple[str, Callable[[Path], list[str]]]] = {"pretrained/sst2": ("240s", fine_tuned)}


def measure(name: str) -> dict[str, Any]:
    """Fit, export three times, and return what each file loses and gains."""
    budget, prepare = {**SETS, **OWN}[name]
    many = str(FEWER.get(name.partition("/")[0], MANY))
    found: dict[str, Any] = {"budget": budget}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        arguments = prepare(folder)
        lamina(folder, "fit", *arguments, "--time", budget, "--out", "run", "--overrule")
        for precision in PRECISIONS:
            file = f"{precision}.onnx"
            told = lamina(folder, "export", "run", file, "--precision", precision)
            proof = told["certificate"]
            times = on_one_core(folder, ["--speed", "run", file, many])
            found["rows"] = proof["rows"]
            found[precision] = {
                "megabytes": round(told["bytes"] / 1e6, 2),
                "flipped_decisions": proof["flipped_decisions"],
                **({"quality": proof["quality"]} if "quality" in proof else {}),
                **{key: value for key, value in times.items() if "graph" in key},
            }
            print(name, precision, json.dumps(found[precision]), flush=True)
    return found


def main() -> None:
    """Measure what is named on the command line and merge it in."""
    results = dict(read_results("precision"))
    for name in sys.argv[1:] or NAMES:
        results[name] = measure(name)
        write_results("precision", results, seed=0, threads=1)


if __name__ == "__main__":
    main()
