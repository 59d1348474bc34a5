"""Numbers and categories: TabM-mini on piecewise-linear embeddings.

Source: Gorishniy et al. 2024, arXiv:2410.24210 (TabM), arXiv:2203.05556 (embeddings); Jordan et al.
2024 (Muon). Differs: 8 or 16 narrower members, because the published size takes minutes per epoch
on a processor; three ways to train, chosen by rows and columns.
"""

import math
from dataclasses import dataclass

from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.number_neighbours import NumberNeighboursConfig
from lamina.networks.number_piecewise import NumberPiecewiseConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.tabm import TabMConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig, MuonConfig, OptimizerConfig
from lamina.training.schedules import CosineConfig

MANY_ROWS = 5_000
"""From so many training rows on, fine bins and large rates pay."""

MANY_ROWS_PER_COLUMN = 500
"""So do they from so many training rows per column on."""

FEW_ROWS_PER_COLUMN = 10
"""Below so many training rows per column, bins are learnt by heart: numbers stay as they are."""

TINY_ROWS = 1_000
"""Below so many training rows a step per row is enough: more make answers surer, not better."""

LEAST_STEPS = 400
"""Steps of the optimizer for the tiniest table."""

LATITUDES = ("latitude", "lat")
"""Names of columns that say how far north a row is."""

LONGITUDES = ("longitude", "long", "lng", "lon")
"""Names of columns that say how far east a row is."""

MAX_NEIGHBOURS = 32_000
"""Most training rows that are kept to be asked as neighbours."""

LARGE_CLASS = 0.8
"""From this share of the largest class on, accuracy says little about weights."""

MAX_ONE_HOT = 60
"""Categories of a column up to which each is a number of its own."""

MIN_ACCURACY_ROWS = 500
"""Below so many validation rows, accuracy moves in steps too large to choose weights by."""

MIN_VALIDATION_ROWS = 50
"""Below so many validation rows their verdict is noise, and the last weights are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """How a table is learnt."""

    numbers: AbstractEncoderConfig
    """Encoder of the numbers."""
    optimizer: OptimizerConfig
    """Optimizer with its rate."""
    dropout: float
    """Share of activations dropped while training."""
    steps: int
    """Steps of the optimizer."""
    why: str
    """The reason, as the plan gives it."""
    members: int = 8
    """Networks in one."""


def tabular_recipe(facts: Facts) -> Recipe:
    """Return the recipe for tables.

    Args:
        facts: What the planner knows.
    """
    way = _way(facts)
    encoders: dict[str, AbstractEncoderConfig] = {}
    if "number" in facts.kinds:
        encoders["number"] = way.numbers
    if "category" in facts.kinds:
        encoders["category"] = CategoryEmbeddingConfig(one_hot_up_to=MAX_ONE_HOT)
    is_tiny = facts.num_rows < TINY_ROWS
    batch = 64 if is_tiny else 256
    steps = min(way.steps, max(LEAST_STEPS, facts.num_rows)) if is_tiny else way.steps
    # Of few rows the last batch of a pass may be small, and is a step all the same.
    passes = math.ceil(facts.num_rows / batch) if is_tiny else facts.num_rows / batch
    epochs = max(5.0, steps / max(passes, 1))
    trunk = TabMConfig(dropout=way.dropout, members=way.members)
    return Recipe(
        network=ModelConfig(encoders=encoders, trunk=trunk, head=LinearHeadConfig()),
        training=TrainingConfig(
            batch_size=batch,
            epochs=round(epochs, 1),
            optimizer=way.optimizer,
            schedule=CosineConfig(warmup=0.02),
            clip=1.0,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 20)),
                metric=_selecting_metric(facts),
                is_maximised=_selecting_metric(facts) == "accuracy",
            ),
        ),
        answering=AnsweringConfig(),
        reasons={
            **_told_of_neighbours(way.numbers),
            "network": f"a table of {facts.num_rows:,} training rows: {way.members} networks that "
            "share weights",
            "training.optimizer": way.why,
            "training.epochs": f"about {steps:,} steps suffice for a table of this size",
        },
    )


def _way(facts: Facts) -> _Way:
    """Return how to learn: gently where rows are few for the columns, else sharply."""
    columns = sum(len(spec.columns) for spec in facts.inputs)
    per_column = facts.num_rows / max(columns, 1)
    if per_column < FEW_ROWS_PER_COLUMN:
        return _Way(
            numbers=NumberLinearConfig(),
            optimizer=AdamWConfig(rate=0.003, weight_decay=3e-4),
            dropout=0.4,
            steps=800,
            why=f"only {per_column:.0f} rows per column: numbers as they are, a small rate",
        )
    if facts.num_rows < MANY_ROWS and per_column < MANY_ROWS_PER_COLUMN:
        return _Way(
            numbers=NumberPiecewiseConfig(num_bins=16),
            optimizer=AdamWConfig(rate=0.002, weight_decay=3e-4),
            dropout=0.3,
            steps=1000,
            why=f"{facts.num_rows:,} rows are few: coarse bins, a small rate, much dropout",
        )
    numbers = NumberPiecewiseConfig(num_bins=48, rate=5.0)
    if facts.num_classes:
        return _Way(
            numbers=numbers,
            optimizer=MuonConfig(
                rate=0.02, weight_decay=0.01, rest=AdamWConfig(rate=0.005, weight_decay=3e-4)
            ),
            dropout=0.1,
            steps=1200,
            members=16,
            why="many rows and classes: Muon on the matrices reaches better answers sooner",
        )
    place = _place(facts)
    return _Way(
        numbers=NumberNeighboursConfig(
            columns=place, numbers=numbers, max_rows=min(facts.num_rows, MAX_NEIGHBOURS)
        )
        if place
        else numbers,
        optimizer=AdamWConfig(rate=0.01, weight_decay=3e-4),
        dropout=0.0,
        steps=min(max(1200, facts.num_rows // 10), 4000),
        why="many rows: fine bins, learnt five times as fast as the rest",
    )


def _place(facts: Facts) -> tuple[str, ...]:
    """Return the columns of a place on the map where one number is wanted; () without them."""
    if len(facts.outputs) != 1 or facts.outputs[0].size != 1:
        return ()
    columns = [name for spec in facts.inputs_of("number") for name in spec.columns]
    found = [
        [name for name in columns if name.lower() in names] for names in (LONGITUDES, LATITUDES)
    ]
    return (found[0][0], found[1][0]) if all(len(names) == 1 for names in found) else ()


def _told_of_neighbours(numbers: AbstractEncoderConfig) -> dict[str, str]:
    """Return what a user must know of an encoder that keeps training rows; nothing of others."""
    if not isinstance(numbers, NumberNeighboursConfig):
        return {}
    return {
        "network.encoders.number": f"{' and '.join(numbers.columns)} name a place: the targets of "
        "neighbouring training rows help, and the model file holds them"
    }


def _selecting_metric(facts: Facts) -> str | None:
    """Return the metric that keeps the best weights; none where validation rows are too few.

    The logarithmic loss also charges for too much confidence, which calibration mends afterwards.
    It chooses only where accuracy is coarse: few rows, or one class that is nearly all.
    """
    if facts.num_validation_rows < MIN_VALIDATION_ROWS or not facts.num_classes:
        return None
    largest = max(facts.class_counts) / max(sum(facts.class_counts), 1)
    is_coarse = facts.num_validation_rows < MIN_ACCURACY_ROWS or largest >= LARGE_CLASS
    return "log_loss" if is_coarse else "accuracy"
