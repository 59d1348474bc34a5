"""The parts a task chooses for given facts: everything a plan says beyond data, budget and seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.data.augmentation import AugmentationConfig, most_views
from lamina.networks.architecture import AbstractModelConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.objectives.table import OBJECTIVES
from lamina.training.config import TrainingConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweringConfig:
    """How a trained network answers."""

    views: int = 1
    """Views of each picture that are averaged: 1 to 6 where pictures may be mirrored (2: mirrored,
    6: mirrored and shifted), else 1 to 5 (5: shifted)."""
    batch_size: int = 1024
    """Samples answered at a time."""
    is_calibrated: bool = True
    """Whether a temperature is fitted on the validation rows."""
    overlap: float = 0.25
    """Where pictures are seen in windows: share of a side that the next window covers again, in
    [0, 0.9]; answers take 1 / (1 - overlap)² times as long as without."""

    def __post_init__(self) -> None:
        if self.views < 1 or self.batch_size < 1:
            raise ConfigError(
                f"views and batch_size must be at least 1, got {self.views} and {self.batch_size}."
            )
        if not 0 <= self.overlap <= 0.9:
            raise ConfigError(f"overlap must be in [0, 0.9], got {self.overlap!r}. Try 0.25.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """The parts of a plan that a task chooses."""

    network: AbstractModelConfig
    """A whole network: mostly encoders, trunk and head."""
    objective: Any = part_field(OBJECTIVES, default=CrossEntropyConfig(), what="objective")  # noqa: RUF009
    """Loss."""
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    """Changes of the samples while training."""
    training: TrainingConfig = field(default_factory=TrainingConfig)
    """Optimizer, schedule, batch size, epochs, stopping."""
    answering: AnsweringConfig = field(default_factory=AnsweringConfig)
    """How it answers."""
    max_epochs: float | None = None
    """Passes through the rows beyond which more time would do harm; it goes to the budget."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """By path: why."""

    def __post_init__(self) -> None:
        # Checked here, since the views are first made after training.
        flip = self.augmentation.flip
        most = most_views(flip=flip != "none")
        if self.answering.views > most:
            raise ConfigError(
                f"answering.views must be from 1 to {most} where augmentation.flip is {flip!r}, "
                f"got {self.answering.views}. Set answering.views to {most} or less."
            )
