"""What goes into a training beside the config, and what comes out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from lamina.training.budget import Budget
from lamina.training.checkpoint import CheckpointStore
from lamina.training.energy import EnergyMeter
from lamina.training.interrupt import StopRequest
from lamina.training.log import AbstractLogger, NullLogger
from lamina.training.samples import Transform

Validate = Callable[[nn.Module], Mapping[str, float]]
"""The model, in evaluation mode and with the weights to judge, to metrics."""


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What watches a training, and what it calls."""

    validate: Validate | None = None
    """Metrics of the model; called every `validation.every` epochs and at the end."""
    transform: Transform | None = None
    """Augmentation of a batch."""
    checkpoints: CheckpointStore | None = None
    """Where to save and resume from."""
    logger: AbstractLogger = field(default_factory=NullLogger)
    """Takes what happens."""
    budget: Budget | None = None
    """How much may be spent; it overrules the config's epochs and steps."""
    meter: EnergyMeter | None = None
    """Counts energy; an energy budget needs it."""
    stop: StopRequest = field(default_factory=StopRequest)
    """A wish to stop."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """By what it is, such as "the train data": a digest; checkpoints of others are refused."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """What came of a training; the model holds the final weights."""

    steps: int
    """Steps taken."""
    total_steps: int
    """Steps that the schedule was made for; more than were taken where it ended before."""
    epochs: float
    """Passes through the samples."""
    history: tuple[Mapping[str, Any], ...]
    """One record per validation: step, epoch, loss, metrics."""
    best_step: int | None
    """Step of the weights kept, where a metric chose them."""
    best_value: float | None
    """The metric there."""
    is_interrupted: bool
    """A wish to stop ended it; it can be resumed."""
    is_stopped_early: bool
    """Validation had not improved for long enough."""
    recoveries: int
    """Skipped batches and roll-backs."""
    seconds: float
    """Time in the loop, earlier parts of a resumed run included."""
    energy_j: float
    """Energy, likewise; 0 without a meter."""
