"""Sounds: a small convolutional network on log-mel bands, sized to the time at hand.

Source: Hershey et al. 2017, arXiv:1609.09430 (convolutions over log-mel bands); Park et al. 2019,
arXiv:1904.08779 (hidden bands and frames); Ko et al. 2015, "Audio augmentation for speech
recognition" (changed speed, which changes the pitch of a voice too).
"""

import math
from collections.abc import Sequence

from lamina.core.records import InputSpec
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.layers.sound_bands import SoundBandsConfig
from lamina.networks.model import ModelConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.networks.sound_convnet import SoundConvNetConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.images import FLOPS_PER_CORE, GPU_SPEED, SECONDS_PER_ACTIVATION
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.optimizers import AdamWConfig, MuonConfig
from lamina.training.schedules import LinearConfig

DEFAULT_TIME_S = 180.0
"""Time a plan is sized to where the user sets none."""

MIN_VALIDATION_ROWS = 50
"""Below so many validation rows their verdict is noise, and the last weights are kept."""

_SHARE = 0.8  # of the time, for steps
_MOST_EPOCHS = 30.0
_FEWEST_EPOCHS = 10.0
WIDTHS = ((32, 64, 128), (24, 48, 96), (16, 32, 64))
"""Channels of the convolutions that hear, the widest first."""

RANGE_DB = 15.0
"""Decibels below the mean power where silence begins: what is softer is rooms and microphones."""


def sound_recipe(facts: Facts) -> Recipe:
    """Return the recipe for sounds.

    Args:
        facts: What the planner knows.
    """
    spec = facts.inputs_of("sound")[0]
    network, epochs = _choose(facts, spec)
    seconds = spec.num_steps / spec.rate
    is_judged = bool(facts.num_classes) and facts.num_validation_rows >= MIN_VALIDATION_ROWS
    return Recipe(
        network=ModelConfig(
            encoders={"sound": network}, trunk=PerceptronConfig(), head=LinearHeadConfig()
        ),
        objective=CrossEntropyConfig(label_smoothing=0.1),
        augmentation=AugmentationConfig(speed=0.15, shift=0.1, noise=0.2),
        training=TrainingConfig(
            batch_size=32 if facts.num_rows < 10_000 else 64,
            epochs=epochs,
            optimizer=MuonConfig(
                rate=0.02, weight_decay=0.01, rest=AdamWConfig(rate=0.002, weight_decay=0.01)
            ),
            schedule=LinearConfig(warmup=0.1),
            clip=5.0,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 10)),
                metric="log_loss" if is_judged else None,
                is_maximised=False,
            ),
            execution=Execution(
                dtype="bfloat16" if facts.hardware.has_fast_bfloat16 else "float32"
            ),
        ),
        answering=AnsweringConfig(batch_size=64),
        max_epochs=_MOST_EPOCHS,
        reasons={
            "network": f"{facts.num_rows:,} recordings of about {seconds:.2g} s at {spec.rate:,} "
            f"samples per second: the widest network that can hear each {epochs:g} times in "
            f"{facts.time_s or DEFAULT_TIME_S:.0f} s on this machine",
            "augmentation": "other speeds are other voices, and noise is everywhere; the network "
            "stretches and colours bands, and hides runs of them and of frames",
            "budget.max_epochs": "more passes have not been worth their time",
        },
    )


def _choose(facts: Facts, spec: InputSpec) -> tuple[SoundConvNetConfig, float]:
    """Return the widest network that hears each recording often enough in the time."""
    time_s, epochs, network = facts.time_s or DEFAULT_TIME_S, 0.0, SoundConvNetConfig()
    for widths in WIDTHS:
        network = SoundConvNetConfig(widths=widths, range_db=RANGE_DB)
        per_sound = seconds_per_sound(network, widths, spec, facts, halvings=len(widths))
        epochs = _SHARE * time_s / per_sound / max(1, facts.num_rows)
        if epochs >= _FEWEST_EPOCHS:
            break
    return network, round(max(0.1, min(epochs, _MOST_EPOCHS)), 1)


def seconds_per_sound(
    bands: SoundBandsConfig,
    widths: Sequence[int],
    spec: InputSpec,
    facts: Facts,
    *,
    halvings: int,
) -> float:
    """Return about how long a training step takes per recording, for convolutions over bands.

    Args:
        bands: What is heard of it.
        widths: Channels of each group of convolutions.
        spec: What the data says about the recordings.
        facts: What the planner knows.
        halvings: How many groups halve the frames.
    """
    frames = max(1.0, spec.num_steps / spec.rate / bands.hop_s)
    size = 2 ** math.ceil(math.log2(max(4.0, spec.rate * bands.window_s)))
    work, numbers = frames * size * size / 3, frames * size
    places, before = frames * bands.num_bands, 1
    for place, width in enumerate(widths):
        places /= 4 if place < halvings else 2
        work += 9 * places * width * (before + width)
        numbers += 6 * places * width
        before = width
    seconds = 6 * work / FLOPS_PER_CORE + numbers * SECONDS_PER_ACTIVATION
    if facts.has_gpu:
        return seconds / GPU_SPEED
    cores = 1.0 + 0.7 * (facts.hardware.num_cores - 1)
    return seconds * (1.0 if facts.hardware.has_fast_bfloat16 else 2.1) / cores
