"""The probe: about two seconds that find out how this machine computes this model fastest.

Candidates differ in threads, arithmetic and memory layout. They are timed in turns on the actual
model and batch, the best of several rounds counts, and a candidate replaces the default only if it
computes the same loss (within the tolerance of its arithmetic) and is clearly faster. So the choice
is never slower than the default but for the noise of the clock. Weights, statistics and the state
of the random generator are left as they were.
"""

import copy
import dataclasses
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from lamina.core.errors import TrainingError
from lamina.core.hardware import describe_hardware, num_cores
from lamina.core.random import draws
from lamina.core.records import Batch
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution, free_memory, half_as_many
from lamina.training.groups import parameter_groups
from lamina.training.optimizers import set_rate
from lamina.training.rules.base import BatchObjective

TOLERANCE = 0.02
"""Largest relative difference of the loss between bfloat16 and float32."""

CLEARLY = 0.95
"""A candidate must take at most this share of the default's time."""


_FEWEST_ROWS = 16
_STEPS_EACH = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One way to compute, and what it did."""

    execution: Execution
    """The way."""
    seconds_per_step: float
    """Best of all rounds; infinite where it failed."""
    loss: float
    """Mean loss of the first step."""
    is_same: bool
    """It computes the same numbers as the default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeResult:
    """What the probe found."""

    execution: Execution
    """The fastest way that computes the same numbers."""
    seconds_per_step: float
    """Mean time of a full step with it, the change of the weights included."""
    matmul_flops: float
    """Multiplications and additions per second of a large matrix product with it."""
    model_flops: float
    """Multiplications and additions of one step, forward and backward."""
    candidates: tuple[Candidate, ...] = field(default=())
    """All that was tried, the default first."""
    seconds: float = 0.0
    """What the probe itself took."""

    @property
    def achieved_share(self) -> float:
        """Share of the matrix-product rate that a step achieves."""
        chosen = [one for one in self.candidates if one.execution == self.execution]
        best = min((one.seconds_per_step for one in chosen), default=self.seconds_per_step)
        return self.model_flops / max(best * self.matmul_flops, 1e-30)

    def to_document(self) -> dict[str, Any]:
        """Return a table for the log, one row per candidate."""
        rows = [
            {
                "threads": one.execution.threads,
                "dtype": one.execution.dtype,
                "channels_last": one.execution.channels_last,
                "seconds_per_step": one.seconds_per_step,
                "loss": one.loss,
                "is_same": one.is_same,
                "is_chosen": one.execution == self.execution,
            }
            for one in self.candidates
        ]
        return {
            "candidates": rows,
            "seconds_per_step": self.seconds_per_step,
            "matmul_gflops": self.matmul_flops / 1e9,
            "achieved_share": self.achieved_share,
            "seconds": self.seconds,
        }


def probe(
    model: nn.Module,
    batch: Batch,
    objective: BatchObjective,
    config: TrainingConfig,
    *,
    seconds: float = 2.0,
) -> ProbeResult:
    """Measure the candidates on this machine and return the fastest that computes the same.

    Args:
        model: The model; it is not changed.
        batch: A full batch of training samples.
        objective: Outputs and batch to one loss per sample.
        config: Its `execution` is the default; its optimizer takes the steps.
        seconds: Time for all, roughly.
    """
    begin = time.perf_counter()
    device = next(model.parameters()).device
    batch = batch.to(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        ways = _arithmetics(model, batch, config.execution)
        whole, batch = batch, _affordable(model, batch, objective, config, seconds / len(ways))
        factor = len(whole) / len(batch)
        trials = [_Trial(model, batch, objective, config, one) for one in ways]
        _run_rounds(trials, seconds=0.5 * seconds)
        leader = min(trials, key=lambda trial: trial.best).execution
        others = [
            _Trial(model, batch, objective, config, dataclasses.replace(leader, threads=count))
            for count in _thread_counts(leader, device)
        ]
        rivals = [trial for trial in trials if trial.execution == leader or trial is trials[0]]
        _run_rounds([*rivals, *others], seconds=0.3 * seconds)
        trials += others
        rows = trials[0].rows
        parts = factor * len(batch) / rows
        model_flops = parts * step_flops(model, batch.rows(0, rows), objective)
    measured = tuple(
        Candidate(
            execution=trial.execution,
            seconds_per_step=factor * trial.best,
            loss=trial.loss,
            is_same=_is_same(trial, trials[0]),
        )
        for trial in trials
    )
    trial = trials[_choose(measured)]
    typical = trial.typical
    if factor > 1.0:
        best = dataclasses.replace(config, execution=trial.execution)
        typical = time_steps(model, whole, objective, best, seconds=0.2 * seconds)
    return ProbeResult(
        execution=trial.execution,
        seconds_per_step=typical,
        matmul_flops=matmul_rate(device, trial.execution, seconds=0.1 * seconds),
        model_flops=model_flops,
        candidates=measured,
        seconds=time.perf_counter() - begin,
    )


def time_steps(
    model: nn.Module,
    batch: Batch,
    objective: BatchObjective,
    config: TrainingConfig,
    *,
    seconds: float = 0.5,
) -> float:
    """Return the mean time of a full step as the config stands.

    Args:
        model: The model; it is not changed.
        batch: A full batch of training samples.
        objective: Outputs and batch to one loss per sample.
        config: Execution and optimizer.
        seconds: Time to measure.
    """
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        trial = _Trial(model, batch.to(device), objective, config, config.execution)
        _run_rounds([trial], seconds=seconds)
    return trial.typical


def matmul_rate(device: torch.device, execution: Execution, *, seconds: float = 0.2) -> float:
    """Return the multiplications and additions per second of a large matrix product.

    Args:
        device: Where.
        execution: Threads and arithmetic.
        seconds: Time to measure.
    """
    size = 4096 if device.type == "cuda" else 512
    kind = torch.bfloat16 if execution.dtype == "bfloat16" else torch.float32
    left = torch.ones(size, size, device=device, dtype=kind)
    right = left.clone()
    best, end = math.inf, time.perf_counter() + seconds
    with execution.active(nn.Identity()):
        left @ right
        while time.perf_counter() < end:
            _wait(device)
            start = time.perf_counter()
            left @ right
            _wait(device)
            best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def step_flops(model: nn.Module, batch: Batch, objective: BatchObjective) -> float:
    """Return the multiplications and additions of a forward and backward pass.

    Args:
        model: The model; it is not changed.
        batch: The samples.
        objective: Outputs and batch to one loss per sample.
    """
    from torch.utils.flop_counter import FlopCounterMode

    replica = copy.deepcopy(model).train()
    with FlopCounterMode(display=False) as counter:
        objective(replica(batch.inputs), batch).mean().backward()
    return float(counter.get_total_flops())


def _affordable(
    model: nn.Module,
    batch: Batch,
    objective: BatchObjective,
    config: TrainingConfig,
    seconds: float,
) -> Batch:
    """Return as much of a batch as lets every candidate take a few steps in its time."""
    rows = min(len(batch), _FEWEST_ROWS)
    trial = _Trial(model, batch.rows(0, rows), objective, config, config.execution)
    trial.step(is_counted=False)
    trial.step(is_counted=True)
    fitting = int(rows * seconds / (_STEPS_EACH * max(trial.best, 1e-9)))
    return batch if fitting >= len(batch) else batch.rows(0, max(rows, fitting))


class _Trial:
    """One candidate with its own copy of the model."""

    def __init__(
        self,
        model: nn.Module,
        batch: Batch,
        objective: BatchObjective,
        config: TrainingConfig,
        execution: Execution,
    ) -> None:
        self.execution = execution
        self.rows = min(config.micro_batch_size or len(batch), len(batch))
        """Samples at once; fewer once memory ran out."""
        self.loss = math.nan
        self.times: list[float] = []
        self._model = copy.deepcopy(model).train()
        self._batch = batch
        self._device = next(model.parameters()).device
        self._rule = config.rule.build(self._model, objective, execution=execution)
        self._optimizers = config.optimizer.build(parameter_groups(self._model))
        # A rate of nothing: all the work of a step, and every round sees the same weights.
        set_rate(self._optimizers, rate=0.0)

    @property
    def best(self) -> float:
        return min(self.times, default=math.inf)

    @property
    def typical(self) -> float:
        # The mean: on a busy machine the median leaves out the very waits that a budget must pay.
        return statistics.fmean(self.times) if self.times else math.inf

    def step(self, *, is_counted: bool) -> None:
        while True:
            try:
                total, spent = self._step()
                break
            except RuntimeError as error:
                self.rows = half_as_many(self.rows, error)
                # A step in more pieces takes another time.
                self.times.clear()
            # Outside the handler, so that the failed attempt's tensors are free by now.
            free_memory(self._device)
        if is_counted:
            self.times.append(spent)
        elif math.isnan(self.loss):
            self.loss = total / len(self._batch)

    def _step(self) -> tuple[float, float]:
        """Take a step as the loop does; return the sum of the losses and the time."""
        full = len(self._batch)
        with self.execution.active(self._model):
            _wait(self._device)
            start = time.perf_counter()
            for parameter in self._model.parameters():
                parameter.grad = None
            losses = []
            for first in range(0, full, self.rows):
                piece = self._batch
                if self.rows < full:
                    piece = piece.rows(first, min(first + self.rows, full))
                with draws(0, 0, start=first, batch_size=full):
                    losses.append(self._rule.accumulate(piece, scale=1.0 / full))
            for optimizer in self._optimizers:
                optimizer.step()
            _wait(self._device)
            spent = time.perf_counter() - start
        return sum(float(loss) for loss in losses), spent


def _run_rounds(trials: Sequence[_Trial], *, seconds: float) -> None:
    """Warm all up, then time them in turns; those far behind drop out."""
    end = time.perf_counter() + seconds
    racing = list(trials)
    for trial in trials:
        try:
            trial.step(is_counted=False)
            trial.step(is_counted=True)
        except (RuntimeError, TrainingError):
            # An operation without this arithmetic or layout, or more memory than there is: the
            # candidate is out, not the run.
            if trial is trials[0]:
                raise
            trial.times.clear()
            racing.remove(trial)
    while time.perf_counter() < end and any(len(trial.times) < 200 for trial in racing):
        for trial in racing:
            trial.step(is_counted=True)
        leader = min(trial.best for trial in racing)
        if len(trials[0].times) >= 3:
            racing = [t for t in racing if t is trials[0] or t.best < 1.5 * leader]


def _arithmetics(model: nn.Module, batch: Batch, default: Execution) -> list[Execution]:
    """Return the default and the other layouts and types worth a trial."""
    has_pictures = any(value.dim() == 4 for value in batch.inputs.values())
    has_filters = any(isinstance(module, nn.Conv2d) for module in model.modules())
    layouts = [False, True] if has_pictures and has_filters else [False]
    dtypes = ["float32", "bfloat16"] if describe_hardware().has_fast_bfloat16 else ["float32"]
    found = [
        dataclasses.replace(default, dtype=kind, channels_last=layout)  # type: ignore[arg-type]
        for layout in layouts
        for kind in dtypes
    ]
    return [default, *[one for one in found if one != default]]


def _thread_counts(leader: Execution, device: torch.device) -> list[int]:
    """Return the numbers of threads worth a trial beside the leader's own."""
    if device.type != "cpu":
        return []
    usual = leader.threads or torch.get_num_threads()
    return [count for count in sorted({1, num_cores()}) if count != usual]


def _is_same(trial: _Trial, reference: _Trial) -> bool:
    tolerance = TOLERANCE if trial.execution.dtype == "bfloat16" else 1e-3
    return abs(trial.loss - reference.loss) <= tolerance * max(abs(reference.loss), 1e-3)


def _choose(measured: Sequence[Candidate]) -> int:
    fit = [i for i, one in enumerate(measured) if one.is_same and one.seconds_per_step < math.inf]
    fastest = min(fit, key=lambda i: measured[i].seconds_per_step, default=0)
    limit = CLEARLY * measured[0].seconds_per_step
    return fastest if measured[fastest].seconds_per_step <= limit else 0


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
