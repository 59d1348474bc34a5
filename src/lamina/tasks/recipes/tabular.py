"""Numbers and categories: TabM-mini on piecewise-linear embeddings.

Source: Gorishniy et al. 2024, arXiv:2410.24210 (TabM), arXiv:2203.05556 (embeddings). Differs:
eight narrower members, because the published size takes minutes per epoch on a processor; the rate
is sized to the number of rows.
"""

from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.number_piecewise import NumberPiecewiseConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.tabm import TabMConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import CosineConfig

LARGE_ROWS = 4_000
"""From so many training rows on, finer bins and a larger rate pay."""


def tabular_recipe(facts: Facts) -> Recipe:
    """Return the recipe for tables.

    Args:
        facts: What the planner knows.
    """
    is_large = facts.num_rows >= LARGE_ROWS
    encoders: dict[str, AbstractEncoderConfig] = {}
    if "number" in facts.kinds:
        encoders["number"] = NumberPiecewiseConfig(
            num_bins=48 if is_large else 16, rate=5.0 if is_large else 1.0
        )
    if "category" in facts.kinds:
        encoders["category"] = CategoryEmbeddingConfig()
    steps = 2500 if is_large else 600
    batch = 256 if facts.num_rows >= 2000 else 64
    epochs = max(5.0, steps * batch / max(facts.num_rows, 1))
    is_class = facts.num_classes > 0
    return Recipe(
        network=ModelConfig(encoders=encoders, trunk=TabMConfig(), head=LinearHeadConfig()),
        training=TrainingConfig(
            batch_size=batch,
            epochs=round(epochs, 1),
            optimizer=AdamWConfig(rate=0.01 if is_large else 0.003, weight_decay=3e-4),
            schedule=CosineConfig(warmup=0.02),
            clip=1.0,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 30)),
                metric=_selecting_metric(facts, is_class=is_class),
                is_maximised=False,
            ),
        ),
        answering=AnsweringConfig(),
        reasons={
            "network": f"a table of {facts.num_rows:,} training rows: eight networks that share "
            "weights, numbers as their progress through quantiles",
            "training.epochs": f"about {steps:,} steps suffice for a table of this size",
        },
    )


def _selecting_metric(facts: Facts, *, is_class: bool) -> str | None:
    """Return the metric that keeps the best weights; none where validation rows are too few."""
    if facts.num_validation_rows < 50:
        return None
    return "log_loss" if is_class else None
