"""Boxes: a one-stage detector on a small residual network, seen often enough to learn from little.

What pays and what does not was measured on our data (see docs/log.md).

Source: Tian et al. 2019, arXiv:1904.01355; Li et al. 2020, arXiv:2006.04388; Feng et al. 2021,
arXiv:2108.07755; Bochkovskiy et al. 2020, arXiv:2004.10934 (mosaic).
"""

from lamina.core.errors import ConfigError
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.detector import DetectorConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.resnet import ResNetConfig
from lamina.objectives.detection import DetectionConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import CosineConfig

WIDTH = 32
"""Channels of the first stage of the encoder, where nobody says how large the network is to be."""

SMALL = 48
"""Shorter side in pixels up to which the encoder keeps every pixel in its first stage."""

_EPOCHS = 60.0
_MOST_STEPS = 12_000.0
_BATCH = 8
_MIN_VALIDATION = 10


def detection_recipe(facts: Facts) -> Recipe:
    """Return the recipe for boxes.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: The encoder to start from gives no maps of places.
    """
    spec = facts.inputs_of("image")[0]
    encoder, why = _encoder(facts, min(spec.shape[1:]))
    steps = max(1.0, facts.num_rows / _BATCH)
    most_epochs = max(20.0, min(400.0, _MOST_STEPS / steps))
    has_validation = facts.num_validation_rows >= _MIN_VALIDATION
    epochs = min(_EPOCHS, most_epochs)
    can_mirror = spec.shape[0] == 3
    width = 64 if facts.size is None else max(16, 8 * round(facts.size * 8))
    return Recipe(
        network=DetectorConfig(encoder=encoder, width=width),
        objective=DetectionConfig(),
        augmentation=AugmentationConfig(
            flip="random" if can_mirror else "none",
            translate=min(spec.shape[1:]) // 16,
            scale=0.25,
            brightness=0.2,
            contrast=0.2,
            mosaic=0.5,
        ),
        training=TrainingConfig(
            batch_size=_BATCH,
            epochs=epochs,
            drop_last=facts.num_rows >= _BATCH,
            optimizer=AdamWConfig(rate=1e-3, weight_decay=0.05),
            schedule=CosineConfig(warmup=0.03),
            clip=10.0,
            average=0.998,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 12)), metric="map50" if has_validation else None
            ),
            execution=Execution(
                dtype="bfloat16" if facts.hardware.has_fast_bfloat16 else "float32",
                channels_last=True,
            ),
        ),
        answering=AnsweringConfig(views=1, batch_size=16, is_calibrated=False),
        max_epochs=most_epochs,
        reasons={
            "network": f"{why}; three maps of places, each with classes and sides",
            "objective": "places learn the boxes that they answer best themselves",
            "augmentation": "larger and smaller, shifted, in other light, half of them put "
            "together from four" + (", mirrored" if can_mirror else ""),
            "training.average": "averaged weights find boxes more steadily than the last ones",
            "training.validation.metric": "what is found of the validation rows chooses the weights"
            if has_validation
            else "too few validation rows to choose weights by",
            "budget.max_epochs": f"after {most_epochs:g} passes boxes are learnt by heart",
        },
    )


def _encoder(facts: Facts, side: int) -> tuple[AbstractEncoderConfig, str]:
    """Return the encoder and why."""
    taken = facts.pretrained.get("image")
    if taken is not None:
        if not taken.build(facts.inputs_of("image")[0]).map_specs:
            raise ConfigError(
                f"the encoder {type(taken).__name__} to start from gives no maps of places, which "
                "boxes need. Start from a run with resnet, convnext or convnet."
            )
        return taken, "the encoder of the run to start from"
    width = WIDTH if facts.size is None else max(8, 8 * round(facts.size * WIDTH / 8))
    own = ResNetConfig(
        depths=(1, 2, 2, 2),
        width=width,
        activation="silu",
        stem="small" if side <= SMALL else "large",
    )
    return own, "a small residual network, which is fast and learns from few pictures"
