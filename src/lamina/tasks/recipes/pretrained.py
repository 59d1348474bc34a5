"""Pretrained encoders: how much of one is trained for how many rows, and how.

Source: Howard and Ruder 2018, arXiv:1801.06146 (slower rates below); Mosbach et al. 2021,
arXiv:2006.04884 (small rates, warm-up and many passes for few samples); Hu et al. 2021,
arXiv:2106.09685 (LoRA). The numbers are measured: see docs/log.md.
"""

from dataclasses import dataclass

from lamina.core.records import InputSpec
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

WAYS = ("frozen", "lora", "whole")
"""How much of a pretrained encoder is trained: nothing, corrections of low rank, or all of it."""

RATE = 1e-3
"""Learning rate of what is new."""

STEPS = 200
"""Steps that a fine-tuning of few rows takes, as far as that makes from 2 to 15 passes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """How a pretrained encoder is trained."""

    way: str
    """One of `WAYS`."""
    frozen_layers: int = 0
    """Layers from the input on that are not trained, where it is not frozen as a whole."""
    rate_factor: float
    """Factor on the learning rate of its last layer."""
    rate_factor_per_layer: float
    """Further factor for each layer below."""
    reason: str
    """Why."""


def tuning_for(way: str | None, num_rows: int, *, is_own: bool = False) -> Tuning:
    """Return how to train a pretrained encoder.

    Args:
        way: What the user wants; None where it is to be chosen.
        num_rows: Training rows.
        is_own: Whether it is that of a run that learnt to fill in: a small network, of which all
            is trained, and faster.
    """
    why = (
        "set by the user"
        if way
        else f"{num_rows:,} rows are enough to train it further; the vectors of words or patches, "
        "which few rows would bend, stay"
    )
    chosen = way or "whole"
    if chosen == "frozen":
        return Tuning(way=chosen, rate_factor=1.0, rate_factor_per_layer=1.0, reason=why)
    if is_own and chosen == "whole":
        return Tuning(
            way=chosen,
            rate_factor=0.3,
            rate_factor_per_layer=0.9,
            reason="set by the user" if way else "a small network is trained further as a whole",
        )
    if chosen == "lora":
        return Tuning(way=chosen, rate_factor=0.5, rate_factor_per_layer=1.0, reason=why)
    return Tuning(
        way=chosen, frozen_layers=1, rate_factor=0.05, rate_factor_per_layer=0.9, reason=why
    )


def pretrained_recipe(facts: Facts, kind: str) -> Recipe:
    """Return the recipe for a pretrained encoder.

    Args:
        facts: What the planner knows; `pretrained` holds the encoder.
        kind: Kind of its input.
    """
    encoder, way = facts.pretrained[kind], facts.tuning
    spec = facts.inputs_of(kind)[0]
    training = _head_training(facts) if way == "frozen" else _whole_training(facts)
    return Recipe(
        network=ModelConfig(
            encoders={kind: encoder}, trunk=PerceptronConfig(), head=LinearHeadConfig()
        ),
        augmentation=_augmentation(spec, way),
        training=training,
        answering=AnsweringConfig(batch_size=64),
        max_epochs=None,
        reasons=_reasons(facts, encoder, way),
    )


def _head_training(facts: Facts) -> TrainingConfig:
    """Return how a head alone is trained on features computed once."""
    batch = max(16, min(256, facts.num_rows // 8))
    return TrainingConfig(
        batch_size=batch,
        epochs=max(20.0, min(100.0, 200_000 / max(facts.num_rows, 1))),
        optimizer=AdamWConfig(rate=RATE, weight_decay=0.01),
        schedule=LinearConfig(warmup=0.05),
        validation=_judged(facts),
    )


def _whole_training(facts: Facts) -> TrainingConfig:
    batch = 32 if facts.num_rows >= 2000 else 16
    epochs = STEPS * batch / max(facts.num_rows, 1)
    return TrainingConfig(
        batch_size=batch,
        epochs=round(max(2.0, min(15.0, epochs)), 1),
        optimizer=AdamWConfig(rate=RATE, weight_decay=0.01),
        schedule=LinearConfig(warmup=0.1),
        clip=1.0,
        # The last weights are kept: of few validation rows the loss is a draw, and it rises with
        # the confidence of answers that stay right, which the temperature mends.
        validation=ValidationConfig(every=2.0 if facts.num_rows < 2000 else 1.0),
    )


def _augmentation(spec: InputSpec, way: str) -> AugmentationConfig:
    if spec.kind != "image" or way == "frozen":
        return AugmentationConfig()
    return AugmentationConfig(flip="random", crop=0.35)


def _judged(facts: Facts) -> ValidationConfig:
    """Return a validation that keeps the best head."""
    is_judged = bool(facts.num_classes) and facts.num_validation_rows >= 50
    return ValidationConfig(every=5.0, metric="log_loss" if is_judged else None, is_maximised=False)


def _reasons(facts: Facts, encoder: AbstractEncoderConfig, way: str) -> dict[str, str]:
    name = type(encoder).__name__.removesuffix("Config")
    told = {
        "frozen": "it stays as it is, so its features are computed once",
        "lora": "its layers learn corrections of low rank",
        "whole": "all but its first layer is trained, lower layers more slowly",
    }
    reasons = {
        "network": f"{name} with the pretrained weights that were asked for and a new head; "
        f"{facts.num_rows:,} rows: {told[way]}",
    }
    if way == "frozen":
        reasons["augmentation"] = "none: features are computed once"
    return reasons
