"""The same result on a different split of the work: 64 = 16 × 4 accumulated = 2 processes × 32.

    python benchmarks/splits_of_work.py             every task and network family
    python benchmarks/splits_of_work.py --only vit  the cases of that name

Fifty steps in float32 with dropout as planned. Goal: the weights agree within 1e-5 (norm of the
difference over the norm of the weights) for networks without batch statistics; for those with batch
normalisation the difference is stated.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from common import read_results, write_results
from made_data import CASES, WITH_BATCH_STATISTICS, plan_of

from lamina.core.bundle import read_tensors
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan, write_plan

TOLERANCE = 1e-5


def weights(plan: Plan, folder: Path, *, processes: int = 1) -> torch.Tensor:
    """Carry out a plan and return all weights as one vector."""
    folder.mkdir()
    run = RunFolder(folder)
    write_plan(plan, run.plan)
    starter = ["-m", "lamina"]
    if processes > 1:
        starter = ["-m", "torch.distributed.run", f"--nproc_per_node={processes}", *starter]
    subprocess.run(
        [sys.executable, *starter, "resume", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    tensors, _ = read_tensors(run.model / "network.safetensors")
    named = sorted(tensors.items())
    parts = [t.double().reshape(-1) for _, t in named if t.is_floating_point()]
    return torch.cat(parts)


def measure(name: str, folder: Path) -> dict[str, object]:
    """Return the relative differences of a case."""
    settings = ("training.batch_size=64", "training.steps=50", "training.validation.metric=null")
    plan = plan_of(name, folder, *settings)
    training = replace(plan.recipe.training, micro_batch_size=16)
    pieces = replace(plan, recipe=replace(plan.recipe, training=training))
    whole = weights(plan, folder / "whole")
    found = {
        "16 x 4 accumulated": weights(pieces, folder / "pieces"),
        "2 processes x 32": weights(plan, folder / "processes", processes=2),
    }
    differences = {k: float((v - whole).norm() / whole.norm()) for k, v in found.items()}
    has_statistics = name in WITH_BATCH_STATISTICS
    within = all(d <= TOLERANCE for d in differences.values())
    return {"differences": differences, "batch_statistics": has_statistics, "within": within}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    results = dict(read_results("splits_of_work"))
    for name in (case for case in CASES if arguments.only in case):
        with tempfile.TemporaryDirectory() as temporary:
            results[name] = measure(name, Path(temporary))
        print(name, results[name], flush=True)
        write_results("splits_of_work", results, tolerance=TOLERANCE, steps=50, seed=0)


if __name__ == "__main__":
    main()
