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
from lamina.core.errors import ConfigError, RunError
from lamina.runs.fit import is_plan
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan, read_plan, write_plan
from lamina.runs.reproduce import repeatable
from lamina.runs.run import Run

_ATTEMPTS = 10  # repetitions begun per kill wanted, at most
_PAUSE_S = 0.01


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

    A repetition that is finished before all kills are used up is compared, and another begun.

    Args:
        path: Folder of a run, or the file of a plan. Of a finished run the plan, the number of
            steps and the machine settings are taken, so that both repetitions compute the same.
        num_kills: How often to kill it, each time after training has begun.
        seed: Decides the moments.
        folder: Where to work; None takes a temporary folder.

    Raises:
        ConfigError: The number of kills is below 1: that would prove nothing.
        RunError: The run cannot be repeated, or is over too soon to be killed.
    """
    if num_kills < 1:
        raise ConfigError(f"kills must be at least 1, got {num_kills!r}: none would prove nothing.")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) if folder is None else folder
        plan = _repeatable(Path(path))
        whole = _new(work / "whole", plan)
        _finish(whole)
        plan = replace(_repeatable(whole.path), data=plan.data)
        whole = _new(work / "again", plan)
        _finish(whole)
        killed = _kill_often(work, plan, num_kills, _training_seconds(whole), random.Random(seed))
        found = [_compare(whole, one) for one in killed]
    differing = dict.fromkeys(name for _, names in found for name in names)
    seconds = time.monotonic() - begin
    return ResumeProof(not differing, num_kills, found[0][0], tuple(differing), seconds)


def _repeatable(path: Path) -> Plan:
    """Return a plan whose steps and machine settings are fixed, where its run is finished."""
    if is_plan(path):
        return read_plan(path)
    run = Run(path)
    return repeatable(run.plan, run.evaluation) if run.status == "done" else run.plan


def _training_seconds(folder: RunFolder) -> float:
    return float(folder.read_json(folder.evaluation)["training"]["seconds"])


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


def _finish(folder: RunFolder) -> None:
    _end(_start(folder))


def _end(process: subprocess.Popen[bytes], *, timeout: float | None = None) -> None:
    """Wait for the end of a repetition, which must be a good one."""
    _, errors = process.communicate(timeout=timeout)
    if process.returncode != 0:
        raise RunError(f"the repetition failed: {errors.decode(errors='replace').strip()[-800:]}")


def _kill_often(
    work: Path, plan: Plan, num_kills: int, seconds: float, chance: random.Random
) -> list[RunFolder]:
    """Kill repetitions at random moments of their training, and let the last one finish."""
    folders, kills = [_new(work / "killed", plan)], 0
    for _ in range(_ATTEMPTS * num_kills):
        if folders[-1].status() == "done":
            folders.append(_new(work / f"killed-{len(folders) + 1}", plan))
        kills += _is_killed(folders[-1], chance.uniform(0.0, 1.0) * seconds)
        if kills == num_kills:
            _finish(folders[-1])
            return folders
    raise RunError(
        f"the training takes {seconds:.2g} s, too little to be killed {num_kills} times "
        f"({kills} succeeded). Give more epochs, or ask for fewer kills."
    )


def _is_killed(folder: RunFolder, delay: float) -> bool:
    """Kill a repetition some time after it began to train; return False where it ended before."""
    before, process = _num_starts(folder), _start(folder)
    # Before training there is nothing to lose, so a kill there would prove nothing.
    while process.poll() is None and _num_starts(folder) == before:
        time.sleep(_PAUSE_S)
    try:
        _end(process, timeout=delay)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return process.returncode != 0  # it may have ended in the meantime
    return False


def _num_starts(folder: RunFolder) -> int:
    """Return how often training began or went on, by the log."""
    if not folder.log.exists():
        return 0
    return folder.log.read_bytes().count(b'"kind": "start"')


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
