"""Writing texts: a GPT-like decoder, sized by the time or by one dial.

What pays and what does not was measured on our data (see docs/log.md): Muon for matrices, small
batches, one table for tokens in and out, a look at the token before. Epochs count stretches, which
overlap in training.

Source: nanochat and modded-nanogpt; Hoffmann et al. 2022, arXiv:2203.15556 (about twenty tokens per
weight); Muennighoff et al. 2023, arXiv:2305.16264 (some passes are as good as new text).
"""

from dataclasses import dataclass

from lamina.core.errors import ConfigError
from lamina.networks.decoder import DecoderConfig
from lamina.networks.language_model import LanguageModelConfig
from lamina.objectives.language import NextTokenConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import MuonConfig
from lamina.training.schedules import FlatCosineConfig

OVERLAP = 8
"""How many stretches of training meet each token."""

MOST_PASSES = 80
"""Passes through the text beyond which more time would do harm."""

FULL_PASSES = 30
"""Passes through the text beyond which a larger network learns more than another pass teaches."""

WIDTH_PER_SIZE = 32
"""Features per place for each block of the dial."""

_RATE = 1.0e11  # operations per second of a small network, measured on two cores
_PER_WEIGHT = 20  # tokens
_MOST_WEIGHTS_PER_TOKEN = 4  # of the text, where its tokens are met many times
_STEP_TOKENS = 2048
_DEFAULT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class _Size:
    """A network and how long it is trained."""

    depth: int
    context: int
    steps: int
    passes: float
    """Times that each token is met."""


def language_recipe(facts: Facts) -> Recipe:
    """Return the recipe for a language model.

    Args:
        facts: What the planner knows.
    """
    if facts.pretrained:
        raise ConfigError("a language model starts from no published model. Leave it out.")
    size = _size(facts)
    width = WIDTH_PER_SIZE * size.depth
    dropout = 0.0 if size.passes <= 12 else 0.1 if size.passes <= 30 else 0.2
    decoder = DecoderConfig(
        depth=size.depth, width=width, num_heads=max(1, width // 32), dropout=dropout
    )
    return Recipe(
        network=LanguageModelConfig(decoder=decoder, context=size.context),
        objective=NextTokenConfig(),
        training=TrainingConfig(
            batch_size=max(4, _STEP_TOKENS // size.context),
            steps=size.steps,
            optimizer=MuonConfig(rate=0.02),
            schedule=FlatCosineConfig(flat=0.4),
            validation=ValidationConfig(
                every=_every(size), metric="nats_per_token", is_maximised=False
            ),
        ),
        answering=AnsweringConfig(batch_size=64, is_calibrated=False),
        max_epochs=max(1.0, MOST_PASSES / OVERLAP),
        reasons={
            "network": _why(facts, size),
            "objective": "each token is foreseen from those before it",
            "network.decoder.dropout": f"each token is met about {size.passes:.1f} times",
            "training.steps": "about twenty tokens for each weight, as far as the time allows",
            "budget.max_epochs": f"after {MOST_PASSES} passes a text is learnt by heart; an epoch "
            f"meets each token {OVERLAP} times",
        },
    )


def _size(facts: Facts) -> _Size:
    operations = (facts.time_s or _DEFAULT_SECONDS) * _RATE
    depth = 4
    if facts.size is not None:
        depth = max(1, round(facts.size))
    else:
        while depth < 12 and (
            # A weight costs six operations per token, and is worth twenty tokens.
            6 * _PER_WEIGHT * _weights(depth + 2) ** 2 < operations
            or _outgrows(depth, facts.num_tokens, operations)
        ):
            depth += 2
    context = 256 if operations >= 900 * _RATE else 128
    tokens = operations / (6 * _weights(depth))
    passes = min(MOST_PASSES, tokens / max(1, facts.num_tokens))
    steps = max(20, round(passes * facts.num_tokens / _STEP_TOKENS))
    return _Size(depth, context, steps, passes)


def _outgrows(depth: int, num_tokens: int, operations: float) -> bool:
    """Return whether the text is too short for a network, and long enough for the next one."""
    passes = operations / (6 * _weights(depth)) / max(1, num_tokens)
    return passes > FULL_PASSES and _weights(depth + 2) < _MOST_WEIGHTS_PER_TOKEN * num_tokens


def _weights(depth: int) -> float:
    """Return about how many weights the blocks of a network have."""
    return 12.0 * depth * (WIDTH_PER_SIZE * depth) ** 2


def _every(size: _Size) -> float:
    """Return the epochs between validations: about twelve of them in all."""
    return max(1e-3, size.passes / OVERLAP / 12)


def _why(facts: Facts, size: _Size) -> str:
    if facts.size is not None:
        return f"{size.depth} blocks, as the size {facts.size:g} says"
    seconds = f"{facts.time_s:,.0f} s" if facts.time_s else "no time given, so five minutes"
    return (
        f"{size.depth} blocks are what pays in the time ({seconds}) with {facts.num_tokens:,} "
        "tokens to learn from"
    )
