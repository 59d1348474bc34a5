"""The same result on a different split of the work: 64 = 16 × 4 accumulated = 2 processes × 32.

    python benchmarks/splits_of_work.py             every task and network family
    python benchmarks/splits_of_work.py --only vit  the cases of that name

Fifty steps in float32 with dropout as planned. Goal: the weights agree within 1e-5 (norm of the
difference over the norm of the weights). Batch normalisation takes other statistics where a batch
is cut: for networks that have it the difference is stated, and the goal is held with fixed ones, so
that changes of samples, masks of dropout, losses and steps are compared all the same. That takes
five steps, since rounding grows without bounds in a deep network that nothing normalises.
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
FIXED_STEPS = 5
FIXED = Path(__file__).parent / "fixed_statistics.py"


def weights(plan: Plan, folder: Path, *, processes: int = 1, is_fixed: bool) -> torch.Tensor:
    """Carry out a plan and return all weights as one vector."""
    folder.mkdir()
    run = RunFolder(folder)
    write_plan(plan, run.plan)
    starter = [str(FIXED)] if is_fixed else ["-m", "lamina"]
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
    found = torch.cat(parts)
    assert found.isfinite().all(), "a training that ended well"
    return found


def differences(plan: Plan, folder: Path, *, is_fixed: bool) -> dict[str, float]:
    """Return how far the weights of other splits are from those of whole batches, relatively."""
    training = replace(plan.recipe.training, micro_batch_size=16)
    pieces = replace(plan, recipe=replace(plan.recipe, training=training))
    folder.mkdir()
    whole = weights(plan, folder / "whole", is_fixed=is_fixed)
    found = {
        "16 x 4 accumulated": weights(pieces, folder / "pieces", is_fixed=is_fixed),
        "2 processes x 32": weights(plan, folder / "processes", processes=2, is_fixed=is_fixed),
    }
    return {k: float((v - whole).norm() / whole.norm()) for k, v in found.items()}


def measure(name: str, folder: Path) -> dict[str, object]:
    """Return the relative differences of a case."""
    settings = ("training.batch_size=64", "training.steps=50", "training.validation.metric=null")
    plan = plan_of(name, folder, *settings)
    has_statistics = name in WITH_BATCH_STATISTICS
    own = differences(plan, folder / "own", is_fixed=False)
    brief = plan_of(name, folder, *settings, f"training.steps={FIXED_STEPS}")
    fixed = differences(brief, folder / "fixed", is_fixed=True) if has_statistics else {}
    return {
        "differences": own,
        **({"differences with fixed statistics": fixed} if has_statistics else {}),
        "batch_statistics": has_statistics,
        "within": all(d <= TOLERANCE for d in (fixed or own).values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    results = dict(read_results("splits_of_work"))
    for name in (case for case in CASES if arguments.only in case):
        with tempfile.TemporaryDirectory() as temporary:
            results[name] = measure(name, Path(temporary))
        print(name, results[name], flush=True)
        write_results(
            "splits_of_work",
            results,
            tolerance=TOLERANCE,
            steps=50,
            fixed_steps=FIXED_STEPS,
            seed=0,
        )


if __name__ == "__main__":
    main()
