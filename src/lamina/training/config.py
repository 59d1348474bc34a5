"""What a training is: the frozen config of the loop, to and from documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.training.execution import Execution
from lamina.training.optimizers import OPTIMIZERS, AdamWConfig, OptimizerConfig
from lamina.training.rules.backpropagation import BackpropagationConfig
from lamina.training.rules.base import RuleConfig
from lamina.training.rules.table import RULES
from lamina.training.schedules import SCHEDULES, ConstantConfig, CosineConfig, Schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidationConfig:
    """When to validate, and what follows from it."""

    every: float = 1.0
    """Epochs between two validations, above 0."""
    metric: str | None = None
    """Metric by which the best weights are kept; None keeps the last ones."""
    is_maximised: bool = True
    """Larger values of the metric are better; a plan reads it off the metric."""
    patience: int | None = None
    """Validations without a better value before training stops; None never stops early."""

    def __post_init__(self) -> None:
        if not self.every > 0:
            raise ConfigError(f"every must be above 0 epochs, got {self.every!r}. Try 1.")
        if self.patience is not None and (self.patience < 1 or self.metric is None):
            raise ConfigError(
                f"patience must be at least 1 and needs a metric, got {self.patience!r} with "
                f"metric {self.metric!r}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingConfig:
    """Everything about a training but the model, the data and the objective."""

    batch_size: int = 256
    """Samples per step of the optimizer, over all micro-batches and processes."""
    micro_batch_size: int | None = None
    """Samples that are computed at once in a process; None: as many as fit."""
    epochs: float = 10.0
    """Passes through the training samples; parts of one are allowed."""
    steps: int | None = None
    """Steps of the optimizer; overrules epochs."""
    drop_last: bool = False
    """Leave out the incomplete batch at the end of an epoch."""
    groups_lengths: bool = False
    """Whether samples of about one length share a batch, so that there is little padding."""
    rule: RuleConfig = part_field(RULES, BackpropagationConfig(), what="rule")  # noqa: RUF009
    """How weights change for a batch."""
    optimizer: OptimizerConfig = part_field(  # noqa: RUF009
        OPTIMIZERS, AdamWConfig(), what="optimizer"
    )
    """What is done with the change."""
    schedule: Schedule = part_field(SCHEDULES, CosineConfig(), what="schedule")  # noqa: RUF009
    """Factor on the learning rate over the training."""
    decay_schedule: Schedule = part_field(  # noqa: RUF009
        SCHEDULES, ConstantConfig(), what="schedule of the decay"
    )
    """Factor on the weight decay over the training."""
    clip: float | None = None
    """Largest norm of the gradient; None leaves it."""
    average: float | None = None
    """Share of the averaged weights kept per step, in (0, 1), such as 0.999; None: no average."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Pattern of parameter names to a factor on the learning rate."""
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    """When to validate, and what follows from it."""
    execution: Execution = field(default_factory=Execution)
    """How the model is computed on this machine."""

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ConfigError(f"batch_size must be at least 1, got {self.batch_size!r}.")
        if self.micro_batch_size is not None and self.micro_batch_size < 1:
            raise ConfigError(
                f"micro_batch_size must be at least 1, got {self.micro_batch_size!r}."
            )
        if not self.epochs > 0 or (self.steps is not None and self.steps < 1):
            raise ConfigError(
                f"epochs must be above 0 and steps at least 1, got {self.epochs!r} and "
                f"{self.steps!r}."
            )
        if self.clip is not None and not self.clip > 0:
            raise ConfigError(f"clip must be above 0, got {self.clip!r}. Use null to turn it off.")
        if self.average is not None and not 0 < self.average < 1:
            raise ConfigError(
                f"average must be in (0, 1), got {self.average!r}. Try 0.999, or null for none."
            )

    def steps_per_epoch(self, num_samples: int) -> int:
        """Return how many steps one pass through the samples takes.

        Args:
            num_samples: Training samples.

        Raises:
            ConfigError: There are none, or fewer than a batch and incomplete ones are left out.
        """
        whole, rest = divmod(num_samples, self.batch_size)
        steps = whole if self.drop_last else whole + (rest > 0)
        if steps == 0:
            raise ConfigError(
                f"{num_samples} training samples make no batch of {self.batch_size}. "
                "Set drop_last to false, or batch_size lower."
            )
        return steps

    def total_steps(self, num_samples: int) -> int:
        """Return how many steps the whole training takes.

        Args:
            num_samples: Training samples.
        """
        if self.steps is not None:
            return self.steps
        return max(1, round(self.epochs * self.steps_per_epoch(num_samples)))
