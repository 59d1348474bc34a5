"""Filling in: a Transformer encoder, sized by the time or by one dial.

Source: Devlin et al. 2018, arXiv:1810.04805; Wettig et al. 2023, arXiv:2202.08005 (more than 15 %
hidden pays for small networks); Izsak et al. 2021, arXiv:2104.07705 (short stretches, high rates
where there is little time).
"""

from lamina.core.errors import ConfigError
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.masked_language_model import MaskedLanguageModelConfig
from lamina.networks.transformer import TransformerConfig
from lamina.objectives.language import MaskedConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.language import OVERLAP
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import MuonConfig
from lamina.training.schedules import FlatCosineConfig

MOST_PASSES = 160
"""Passes through the text beyond which more time would do harm; what is hidden differs in each."""

CONTEXT = 128
"""Tokens that are read at a time."""

WIDTH_PER_SIZE = 32
"""Features per place for each block of the dial."""

_RATE = 1.0e11  # operations per second of a small network, measured on two cores
_STEP_TOKENS = 4096
_DEFAULT_SECONDS = 300.0


def masked_recipe(facts: Facts) -> Recipe:
    """Return the recipe for a masked language model.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: A published model is to be taken.
    """
    if facts.pretrained:
        raise ConfigError("a masked language model starts from no published model. Leave it out.")
    operations = (facts.time_s or _DEFAULT_SECONDS) * _RATE
    depth = 4 if facts.size is None else max(1, round(facts.size))
    width = WIDTH_PER_SIZE * depth
    tokens = operations / (6 * (12.0 * depth * width**2 + width * 4096))
    passes = min(MOST_PASSES, tokens / max(1, facts.num_tokens))
    steps = max(20, round(passes * facts.num_tokens / _STEP_TOKENS))
    blocks = TransformerBlocksConfig(
        depth=depth, width=width, num_heads=max(1, width // 32), dropout=0.1
    )
    return Recipe(
        network=MaskedLanguageModelConfig(
            encoder=TransformerConfig(blocks=blocks), context=CONTEXT
        ),
        objective=MaskedConfig(),
        training=TrainingConfig(
            batch_size=_STEP_TOKENS // CONTEXT,
            steps=steps,
            optimizer=MuonConfig(rate=0.02),
            schedule=FlatCosineConfig(flat=0.4),
            clip=1.0,
            validation=ValidationConfig(
                every=max(1e-3, passes / OVERLAP / 8), metric="nats_per_token", is_maximised=False
            ),
        ),
        answering=AnsweringConfig(batch_size=32, is_calibrated=False),
        max_epochs=max(1.0, MOST_PASSES / OVERLAP),
        reasons={
            "network": f"{depth} blocks of width {width} that see both sides; with --from, other "
            "networks of texts start from them",
            "objective": "some tokens are hidden, others each time, and found from those around",
            "training.steps": f"each token is met about {passes:.1f} times in the time there is",
            "budget.max_epochs": f"{MOST_PASSES} passes; an epoch meets each token {OVERLAP} times",
        },
    )
