"""The stages of the loop: begin or resume, validate, save, log, finish.

`loop.py` calls them in order; none of them changes what a step computes, save for what stands in
the counters (and so in the checkpoint).
"""

import dataclasses
import math
import time
from contextlib import ExitStack, nullcontext
from types import TracebackType
from typing import Any, final

import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError
from lamina.core.random import derive
from lamina.training.average import WeightAverage
from lamina.training.checkpoint import Checkpoint
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution
from lamina.training.groups import parameter_groups
from lamina.training.guard import Guard
from lamina.training.hooks import Hooks, TrainingResult
from lamina.training.identity import check_identity, training_identity
from lamina.training.probe import time_steps
from lamina.training.processes import current_processes
from lamina.training.rules.base import BatchObjective
from lamina.training.samples import SampleOrder, Samples
from lamina.training.sizing import Sizing
from lamina.training.state import Counters, TrainingState
from lamina.training.step import Stepper
from lamina.training.transfer import set_training_mode

LOG_INTERVAL_S = 0.5
"""Time between two records of steps."""


@final
class Session:
    """One training from its beginning, or from a checkpoint, to its end.

    Args:
        model: On the device where it shall be trained.
        data: Anything with `batch(index)`.
        index: Row numbers of the training samples, int64 [samples].
        objective: Outputs and batch to one loss per sample.
        config: How to train.
        seed: Decides order, masks and augmentation.
        hooks: Validation, augmentation, checkpoints, log, stop.
    """

    def __init__(
        self,
        model: nn.Module,
        data: Samples,
        index: Tensor,
        objective: BatchObjective,
        config: TrainingConfig,
        *,
        seed: int,
        hooks: Hooks,
    ) -> None:
        self._started = self._logged_at = time.monotonic()
        self._model, self._config, self._hooks, self._seed = model, config, hooks, seed
        self._processes = current_processes()
        self._identity = training_identity(config, index, seed)
        self._loaded = self._load()
        self._execution = self._resumed_execution()
        self._execution.prepare(model)
        self._stack = ExitStack()
        samples = SampleOrder(
            data,
            index,
            config,
            seed=seed,
            processes=self._processes,
            transform=hooks.transform,
        )
        average = WeightAverage(model, decay=config.average) if config.average else None
        counters = Counters(
            total_steps=config.total_steps(len(index)), micro_rows=config.micro_batch_size
        )
        optimizers = config.optimizer.build(parameter_groups(model, rates=config.rates))
        self.state = TrainingState(model, optimizers, average, counters)
        self._samples = samples
        self._objective = objective
        self._interval = max(1, round(config.validation.every * samples.steps_per_epoch))
        self._earlier_s = self._earlier_j = 0.0
        self._meter_start = 0.0 if hooks.meter is None else hooks.meter.joules()
        self._logged_loss, self._logged_rows, self._logged_step = 0.0, 0, 0

    def __enter__(self) -> "Session":
        devices = [d] if (d := next(self._model.parameters()).device).type == "cuda" else []
        self._stack.enter_context(torch.random.fork_rng(devices=devices))
        self._stack.enter_context(self._execution.active(self._model))
        self._stack.enter_context(self._hooks.stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def begin(self) -> None:
        """Start afresh or go on from the checkpoint."""
        torch.manual_seed(derive(self._seed, "torch", self._processes.rank))
        is_fresh = self._loaded is None
        if self._loaded is not None:
            self.state.from_checkpoint(self._loaded.tensors, self._loaded.document)
            self._earlier_s = self.state.counters.elapsed_s
            self._earlier_j = self.state.counters.energy_j
            self._loaded = None
        self._processes.share_tensors(list(self._model.state_dict().values()))
        counters = self.state.counters
        rule = self._config.rule.build(self._model, self._objective, execution=self._execution)
        self.stepper = Stepper(
            self.state,
            self._samples,
            rule,
            self._config,
            seed=self._seed,
            processes=self._processes,
        )
        self.guard = Guard(self.state, self._samples, self._report)
        self._logged_step = counters.step
        self._sizing = Sizing(
            self._hooks.budget,
            self.state,
            self.guard,
            self._processes,
            steps=(self._samples.steps_per_epoch, self._interval),
            elapsed=self._elapsed,
            energy=self._energy,
        )
        if is_fresh:
            self._sizing.start(self._seconds_per_step)
        set_training_mode(self._model)
        self._write(
            {
                "kind": "start",
                "step": counters.step,
                "total_steps": counters.total_steps,
                "steps_per_epoch": self._samples.steps_per_epoch,
                "batch_size": self._config.batch_size,
                "processes": self._processes.count,
                "execution": dataclasses.asdict(self._execution),
            }
        )

    def goes_on(self) -> bool:
        """Return whether there is a further step to take."""
        if self.state.counters.is_over:
            return False
        if self._processes.count == 1:
            return self._hooks.stop.reason is None
        if self.stepper.wish > 0:
            return False
        self.stepper.wish = float(self._hooks.stop.reason is not None)
        return True

    def is_validation_due(self) -> bool:
        """Return whether validation comes after the step just taken."""
        counters = self.state.counters
        return counters.step % self._interval == 0 or counters.step >= counters.total_steps

    def validate_if_due(self) -> None:
        """Measure, keep the best weights, and decide whether to stop early."""
        if not self.is_validation_due():
            return
        counters, begin = self.state.counters, time.monotonic()
        metrics = self._measured()
        counters.validation_seconds = time.monotonic() - begin
        counters.validation_total_s += counters.validation_seconds
        record = {
            "step": counters.step,
            "epoch": counters.step / self._samples.steps_per_epoch,
            "loss": float(self.state.loss_sum) / max(1, counters.loss_rows),
            "rate": self.stepper.rate(),
            "metrics": metrics,
        }
        counters.history.append(record)
        self.state.loss_sum.zero_()
        counters.loss_rows = 0
        self._logged_loss, self._logged_rows = 0.0, 0
        self._select(metrics)
        self._write({"kind": "validation", "seconds": self._elapsed(), **record})

    def correct_budget(self) -> None:
        """Fit the number of steps to the budget where it is time; save what was decided."""
        correction = self._sizing.correct()
        if correction is None:
            return
        counters = self.state.counters
        self._report({"event": "budget", "message": "number of steps corrected", **correction})
        is_validated = bool(counters.history) and counters.history[-1]["step"] == counters.step
        if counters.is_over and not is_validated:
            self.validate_if_due()
        if self._hooks.checkpoints is not None and self._processes.is_first:
            self._save()

    def save_if_due(self) -> None:
        """Save a checkpoint where enough time has passed to pay for it."""
        store = self._hooks.checkpoints
        if store is not None and self._processes.is_first and store.is_due():
            self._save()

    def log_if_due(self) -> None:
        """Write a record of the steps since the last one, about twice a second."""
        now = time.monotonic()
        if now - self._logged_at < LOG_INTERVAL_S:
            return
        counters, seconds = self.state.counters, now - self._logged_at
        loss, rows = float(self.state.loss_sum), counters.loss_rows
        new_rows = rows - self._logged_rows
        if self._processes.is_first and new_rows > 0:
            self._hooks.logger.write(
                {
                    "kind": "step",
                    "step": counters.step,
                    "total_steps": counters.total_steps,
                    "epoch": counters.step / self._samples.steps_per_epoch,
                    "progress": counters.progress(),
                    "loss": (loss - self._logged_loss) / new_rows,
                    "rate": self.stepper.rate(),
                    "samples_per_second": (counters.step - self._logged_step)
                    * self._config.batch_size
                    / seconds,
                    "seconds": self._elapsed(),
                    "energy_j": self._energy(),
                }
            )
        self._logged_at, self._logged_loss, self._logged_rows = now, loss, rows
        self._logged_step = counters.step

    def finish(self) -> TrainingResult:
        """Save, put the final weights into the model, and tell what came of it."""
        state, counters = self.state, self.state.counters
        is_interrupted = not counters.is_over
        self.guard.check(is_forced=True)
        counters.elapsed_s = self._elapsed()
        self._energy()
        if self._hooks.checkpoints is not None and self._processes.is_first:
            self._save()
        if state.best is not None:
            self._model.load_state_dict(state.best)
        elif state.average is not None:
            state.average.store()
        self._model.eval()
        result = TrainingResult(
            steps=counters.step,
            total_steps=counters.total_steps,
            epochs=counters.step / self._samples.steps_per_epoch,
            history=tuple(counters.history),
            best_step=None if state.best is None else counters.best_step,
            best_value=counters.best_value,
            is_interrupted=is_interrupted,
            is_stopped_early=counters.is_stopped_early,
            recoveries=counters.skipped + counters.roll_backs,
            seconds=counters.elapsed_s,
            energy_j=counters.energy_j,
        )
        ending = dataclasses.asdict(result)
        del ending["history"]
        self._write({"kind": "end", "reason": self._hooks.stop.reason, **ending})
        return result

    @torch.no_grad()
    def _measured(self) -> dict[str, float]:
        if self._hooks.validate is None:
            return {}
        metrics: dict[str, float] | None = None
        if self._processes.is_first:
            average = self.state.average
            with average.applied() if average is not None else nullcontext():
                self._model.eval()
                found = self._hooks.validate(self._model)
                metrics = {name: float(value) for name, value in found.items()}
                set_training_mode(self._model)
        shared: dict[str, float] = self._processes.share(metrics)
        return shared

    def _select(self, metrics: dict[str, float]) -> None:
        settings, counters = self._config.validation, self.state.counters
        if settings.metric is None or self._hooks.validate is None:
            return
        if settings.metric not in metrics:
            raise ConfigError(
                f"validation gives no metric {settings.metric!r}; it gives {', '.join(metrics)}."
            )
        value, best = metrics[settings.metric], counters.best_value
        sign = 1.0 if settings.is_maximised else -1.0
        # What is not a number is worse than all numbers: nothing would ever beat it.
        if not math.isnan(value) and (best is None or sign * value > sign * best):
            counters.best_value, counters.best_step = value, counters.step
            counters.validations_without_gain = 0
            average = self.state.average
            with average.applied() if average is not None else nullcontext():
                weights = self._model.state_dict()
                self.state.best = {name: tensor.clone() for name, tensor in weights.items()}
            return
        counters.validations_without_gain += 1
        if settings.patience is not None and counters.validations_without_gain >= settings.patience:
            counters.is_stopped_early = True

    def _seconds_per_step(self) -> float:
        """Return what a step takes; the model is left as it is."""
        batch = self._samples.own_batch(0)[0]
        config = dataclasses.replace(self._config, execution=self._execution)
        return time_steps(self._model, batch, self._objective, config)

    def _save(self) -> None:
        store = self._hooks.checkpoints
        assert store is not None
        self.state.counters.elapsed_s = self._elapsed()
        self._energy()
        tensors, document = self.state.to_checkpoint()
        document |= {
            "identity": self._identity,
            "parts": dict(self._hooks.identity),
            "execution": dataclasses.asdict(self._execution),
        }
        store.save(tensors, document)
        self._report_problems()

    def _load(self) -> Checkpoint | None:
        store = self._hooks.checkpoints
        found = None if store is None else store.load()
        self._report_problems()
        if found is not None:
            check_identity(found.document, identity=self._identity, parts=self._hooks.identity)
        return found

    def _resumed_execution(self) -> Execution:
        """Return how the checkpoint was computed: anything else would change the last bits."""
        if self._loaded is None:
            return self._config.execution
        return Execution(**self._loaded.document["execution"])

    def _report_problems(self) -> None:
        store = self._hooks.checkpoints
        while store is not None and store.problems:
            self._report({"event": "checkpoint", "message": store.problems.pop(0)})

    def _report(self, event: dict[str, Any]) -> None:
        self._write({"kind": "event", **event})

    def _write(self, record: dict[str, Any]) -> None:
        if self._processes.is_first:
            self._hooks.logger.write(record)

    def _energy(self) -> float:
        """Return the energy so far, and keep it in the counters."""
        meter, counters = self._hooks.meter, self.state.counters
        if meter is not None:
            counters.energy_j = self._earlier_j + meter.joules() - self._meter_start
        return counters.energy_j

    def _elapsed(self) -> float:
        return self._earlier_s + time.monotonic() - self._started
