"""Numbers and categories."""

from lamina.networks.category_embedding import CategoryEmbeddingConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig


def tabular_recipe(facts: Facts) -> Recipe:
    """Return the recipe for tables.

    Args:
        facts: What the planner knows.
    """
    encoders = {}
    if "number" in facts.kinds:
        encoders["number"] = NumberLinearConfig()
    if "category" in facts.kinds:
        encoders["category"] = CategoryEmbeddingConfig()
    return Recipe(
        network=ModelConfig(encoders=encoders, trunk=MLPConfig(depth=2, width=192, dropout=0.1)),
        training=TrainingConfig(
            batch_size=256,
            epochs=20,
            optimizer=AdamWConfig(rate=2e-3),
            validation=ValidationConfig(metric=None),
        ),
        answering=AnsweringConfig(),
        reasons={"network": f"a table of {facts.num_rows:,} training rows"},
    )
