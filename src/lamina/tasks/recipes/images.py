"""Pictures."""

from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe


def image_recipe(facts: Facts) -> Recipe:
    """Return the recipe for pictures.

    Args:
        facts: What the planner knows.
    """
    del facts
    return Recipe(network=ModelConfig(encoders={}, trunk=MLPConfig()))
