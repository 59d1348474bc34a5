"""The state of a training: counters that fit in JSON, and tensors by name.

Everything that decides what comes next is here, so that a checkpoint of it resumes exactly.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from lamina.core.errors import BundleError
from lamina.training.average import WeightAverage


@dataclass(kw_only=True, slots=True)
class Counters:
    """Where a training stands."""

    total_steps: int
    """Steps of the whole training; a budget may correct it."""
    step: int = 0
    """Steps done."""
    anchor_step: int = 0
    """Step from which progress runs straight to 1."""
    anchor_progress: float = 0.0
    """Progress at that step."""
    rate_factor: float = 1.0
    """Factor on the learning rate, halved after a divergence."""
    micro_rows: int | None = None
    """Samples that fit in memory at once; None: all."""
    careful_until: int = 0
    """Up to this step every gradient is checked before it is used."""
    skipped_in_row: int = 0
    """Batches skipped one after the other."""
    skipped: int = 0
    """Batches skipped so far."""
    roll_backs: int = 0
    """Returns to the last good state so far."""
    loss_rows: int = 0
    """Samples in the running sum of losses."""
    best_value: float | None = None
    """Best value of the validation metric."""
    best_step: int = 0
    """Step at which it was reached."""
    validations_without_gain: int = 0
    """Validations since then."""
    validation_seconds: float = 0.0
    """What the last validation took."""
    elapsed_s: float = 0.0
    """Time spent in the loop, earlier parts of a resumed run included."""
    energy_j: float = 0.0
    """Energy spent, likewise."""
    validation_total_s: float = 0.0
    """What all validations took."""
    marks_passed: int = 0
    """Looks at the budget so far."""
    corrections: list[dict[str, float]] = field(default_factory=list)
    """Changes of the number of steps made by the budget."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """One record per validation: step, epoch, training loss, metrics."""
    is_stopped_early: bool = False
    """Validation has not improved for long enough."""

    @property
    def is_over(self) -> bool:
        """There is nothing left to do."""
        return self.is_stopped_early or self.step >= self.total_steps

    def progress(self) -> float:
        """Return the share of the training that is done, in [0, 1]."""
        left = self.total_steps - self.anchor_step
        if left <= 0:
            return 1.0
        # A training that went back behind the anchor waits there: below 0 no schedule is defined.
        share = max(0, self.step - self.anchor_step) / left
        return min(1.0, self.anchor_progress + (1.0 - self.anchor_progress) * share)

    def change_total(self, total_steps: int) -> None:
        """Change how many steps there are; progress goes on from where it is.

        Args:
            total_steps: The new number, at least the steps done.
        """
        self.anchor_progress, self.anchor_step = self.progress(), self.step
        self.total_steps = max(self.step, total_steps)


@final
class TrainingState:
    """Counters and everything that holds tensors."""

    def __init__(
        self,
        model: nn.Module,
        optimizers: Sequence[Optimizer],
        average: WeightAverage | None,
        counters: Counters,
    ) -> None:
        self.model = model
        self.optimizers = tuple(optimizers)
        self.average = average
        self.counters = counters
        self.best: dict[str, Tensor] | None = None
        """Weights with the best validation metric."""
        device = next(model.parameters()).device
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        """Sum of the losses since the last validation."""
        self._names: dict[Tensor, str] = {
            parameter: name for name, parameter in model.named_parameters()
        }

    def live_tensors(self) -> dict[str, Tensor]:
        """Return all tensors that a step changes, without a copy."""
        tensors = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        for optimizer in self.optimizers:
            for parameter, values in optimizer.state.items():
                for key, value in values.items():
                    if value is not None:
                        tensors[f"optimizer/{self._names[parameter]}/{key}"] = value
        if self.average is not None:
            tensors |= {f"average/{name}": value for name, value in self.average.tensors.items()}
        tensors["loss_sum"] = self.loss_sum
        return tensors

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back tensors that `live_tensors` gave.

        Args:
            tensors: By name; copies are made.
        """
        parts = _parts(tensors)
        self.model.load_state_dict(parts.get("model", {}))
        by_name = {name: parameter for parameter, name in self._names.items()}
        owners = {
            parameter: optimizer
            for optimizer in self.optimizers
            for group in optimizer.param_groups
            for parameter in group["params"]
        }
        for optimizer in self.optimizers:
            optimizer.state.clear()
        for full, value in parts.get("optimizer", {}).items():
            name, _, key = full.rpartition("/")
            parameter = by_name[name]
            owners[parameter].state[parameter][key] = _laid_out_like(parameter, value)
        if self.average is not None:
            for name, value in parts.get("average", {}).items():
                self.average.tensors[name].copy_(value)
        self.loss_sum = tensors["loss_sum"].to(self.loss_sum.device, copy=True)

    def to_checkpoint(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the document that resume this training."""
        tensors = self.live_tensors()
        tensors |= {f"best/{name}": value for name, value in (self.best or {}).items()}
        tensors["random_state"] = torch.get_rng_state()
        return tensors, {"counters": dataclasses.asdict(self.counters)}

    def from_checkpoint(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        """Go on from a checkpoint.

        Args:
            tensors: As `to_checkpoint` gave.
            document: As `to_checkpoint` gave.

        Raises:
            BundleError: It does not fit this training.
        """
        try:
            self.restore(tensors)
            self.counters = Counters(**document["counters"])
            torch.set_rng_state(tensors["random_state"])
        except (KeyError, TypeError, RuntimeError) as error:
            raise BundleError(
                f"the checkpoint does not fit this training ({error}). Start the run anew."
            ) from error
        best = _parts(tensors).get("best")
        self.best = {name: value.clone() for name, value in best.items()} if best else None


def _parts(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    parts: dict[str, dict[str, Tensor]] = {}
    for full, value in tensors.items():
        part, _, name = full.partition("/")
        parts.setdefault(part, {})[name] = value
    return parts


def _laid_out_like(parameter: Tensor, value: Tensor) -> Tensor:
    """Return a copy on the parameter's device; fused kernels assume its layout in memory too."""
    if value.shape != parameter.shape:
        return value.to(parameter.device, copy=True)
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)
