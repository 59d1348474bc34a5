"""Series: test error on sets of the UCR and UEA archives, official split, plain `lamina fit`.

    python benchmarks/series.py                 all sets
    python benchmarks/series.py OSULeaf Adiac   some
    SEEDS=1 python benchmarks/series.py         seed 0 alone; else 0, 1 and 2

Beside it stand the errors of the fully convolutional network of Wang et al. 2017 (arXiv:1611.06455)
where the data's README names them. The goal is their mean over Adiac, ArrowHead, GunPoint,
ItalyPowerDemand and OSULeaf. The kernels are random, so the number of seeds stands with each set.
"""

import os
import sys

from common import data_folder, fit, read_results, write_results

FCN = {
    "Adiac": 0.143,
    "ArrowHead": 0.120,
    "GunPoint": 0.0,
    "ItalyPowerDemand": 0.030,
    "OSULeaf": 0.012,
}
"""Test errors to compare with."""

OTHERS = ("BasicMotions", "JapaneseVowels", "ACSF1", "PLAID")
SEEDS = tuple(range(int(os.environ.get("SEEDS", "3"))))


def main() -> None:
    """Fit the sets named on the command line and merge their results in."""
    names = sys.argv[1:] or [*FCN, *OTHERS]
    root, results = data_folder("ucr_subset"), read_results("series")
    results = {name: one for name, one in results.items() if name != "mean"}
    for name in names:
        if not (root / name).exists():
            print(f"skipped: {root / name} is absent")
            continue
        told = [fit(root / name, "--seed", str(seed), "--overrule") for seed in SEEDS]
        errors = [1 - one["metrics"]["accuracy"]["value"] for one in told]
        baselines = told[0]["baselines"]
        results[name] = {
            "error": round(sum(errors) / len(errors), 4),
            "errors": [round(error, 4) for error in errors],
            "fcn": FCN.get(name),
            "baselines": {n: round(1 - b["accuracy"]["value"], 4) for n, b in baselines.items()},
            "rows": told[0]["rows"],
        }
        print(name, results[name], flush=True)
    if all(name in results for name in FCN):
        own = sum(results[name]["error"] for name in FCN) / len(FCN)
        goal = sum(FCN.values()) / len(FCN)
        results["mean"] = {"error": round(own, 4), "fcn": round(goal, 4), "reached": own <= goal}
        print("mean", results["mean"])
    write_results("series", results, split="official")


if __name__ == "__main__":
    main()
