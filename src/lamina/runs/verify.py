"""Proof of exact resume: kill a run at random moments and compare the final weights."""

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from lamina.core.bundle import read_tensors
from lamina.core.errors import RunError
from lamina.runs.fit import is_plan
from lamina.runs.folder import RunFolder
from lamina.runs.plan import BudgetConfig, Plan, read_plan, write_plan
from lamina.runs.run import Run


@dataclass(frozen=True, slots=True)
class ResumeProof:
    """What came of it."""

    is_equal: bool
    """The final weights are bit-identical."""
    num_kills: int
    """How often the repetition was killed while it worked."""
    num_tensors: int
    """Tensors compared."""
    differing: tuple[str, ...]
    """Names of tensors that differ."""
    seconds: float
    """How long the proof took."""


def verify_resume(
    path: Path | str, *, num_kills: int = 3, seed: int = 0, folder: Path | None = None
) -> ResumeProof:
    """Train a plan once without and once with kills, and compare the final weights.

    Args:
        path: Folder of a run, or the file of a plan. Of a finished run the plan, the number of
            steps and the machine settings are taken, so that both repetitions compute the same.
        num_kills: How often to kill it.
        seed: Decides the moments.
        folder: Where to work; None takes a temporary folder.

    Raises:
        RunError: The run cannot be repeated.
    """
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) if folder is None else folder
        plan = _repeatable(Path(path))
        whole = _new(work / "whole", plan)
        seconds = _finish(whole)
        plan = replace(_repeatable(whole.path), data=plan.data)
        whole = _new(work / "again", plan)
        seconds = min(seconds, _finish(whole))
        killed = _new(work / "killed", plan)
        kills = _kill_often(killed, num_kills, seconds, random.Random(seed))
        _finish(killed)
        names, differing = _compare(whole, killed)
    return ResumeProof(not differing, kills, names, tuple(differing), time.monotonic() - begin)


def _repeatable(path: Path) -> Plan:
    """Return a plan whose steps and machine settings are fixed."""
    if is_plan(path):
        return read_plan(path)
    run = Run(path)
    plan = run.plan
    if run.status != "done":
        return plan
    training = replace(plan.recipe.training, steps=run.evaluation["training"]["steps"])
    return replace(
        plan,
        budget=BudgetConfig(),
        machine=replace(plan.machine, is_probed=False),
        recipe=replace(plan.recipe, training=training),
    )


def _new(path: Path, plan: Plan) -> RunFolder:
    path.mkdir(parents=True)
    folder = RunFolder(path)
    write_plan(plan, folder.plan)
    return folder


def _start(folder: RunFolder) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "lamina", "resume", str(folder.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(folder: RunFolder) -> float:
    begin = time.monotonic()
    _, errors = (process := _start(folder)).communicate()
    if process.returncode != 0:
        raise RunError(f"the repetition failed: {errors.decode(errors='replace').strip()[-800:]}")
    return time.monotonic() - begin


def _kill_often(folder: RunFolder, num_kills: int, seconds: float, chance: random.Random) -> int:
    """Kill the run at random moments; return how often it was still at work."""
    kills = 0
    for _ in range(num_kills):
        if folder.status() == "done":
            break
        process = _start(folder)
        try:
            process.communicate(timeout=chance.uniform(0.05, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    return kills


def _compare(one: RunFolder, other: RunFolder) -> tuple[int, list[str]]:
    first, _ = read_tensors(one.model / "network.safetensors")
    second, _ = read_tensors(other.model / "network.safetensors")
    if first.keys() != second.keys():
        return len(first), sorted(first.keys() ^ second.keys())
    return len(first), [name for name, value in first.items() if not _is_same(value, second[name])]


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors agree bit by bit (NaN equals NaN here, 0 does not equal -0)."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return not one.numel() or torch.equal(
        one.reshape(-1).view(torch.uint8), other.reshape(-1).view(torch.uint8)
    )
