"""Masks: a U-Net that sees parts of the pictures, larger and smaller, as often as there is time.

Source: Ronneberger et al. 2015, arXiv:1505.04597 (the network); Isensee et al. 2021, "nnU-Net"
(both losses together); Jordan et al. 2024 (Muon on the filters). Differs: sized to the time.
"""

from dataclasses import dataclass

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.segmenter import AbstractSegmenterConfig
from lamina.networks.two_branch import TwoBranchConfig
from lamina.networks.unet import UNetConfig
from lamina.objectives.segmentation import PixelClassesConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.optimizers import AdamWConfig, MuonConfig
from lamina.training.schedules import LinearConfig

DEFAULT_TIME_S = 300.0
"""Time a plan is sized to where the user sets none."""

SMALL = 64
"""Shorter side in pixels up to which training sees whole pictures."""

WIDTHS = (32, 64, 128, 192)
"""Channels of the stages of the U-Net."""

_SECONDS_PER_PIXEL = 1.8e-6  # of a step of this U-Net on one core in bfloat16, measured
_GPU_SPEED = 100.0
_SHARE = 0.9  # of the time, for steps
_FEWEST_EPOCHS = 12.0  # passes below which the quick network learns more
_MOST_STEPS = 40_000
_BRIEF = 20.0  # passes below which mirrored views cost more than they gain
_BATCH = 8
_USUAL = 400  # pictures of the set that passes were counted on


@dataclass(frozen=True, slots=True)
class _Choice:
    network: AbstractSegmenterConfig
    epochs: float


def segmentation_recipe(facts: Facts) -> Recipe:
    """Return the recipe for masks.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: A published model is to be taken.
    """
    if facts.pretrained:
        raise ConfigError("a network for masks starts from no published model yet.")
    spec = facts.inputs_of("image")[0]
    side = crop_side(spec)
    choice = _choose(facts, spec)
    can_mirror = spec.shape[0] == 3
    time_s = facts.time_s or DEFAULT_TIME_S
    has_two = can_mirror and choice.epochs >= _passes(_BRIEF, facts)
    is_cut = facts.samples_per_row > 1
    pictures, places = f"{facts.num_rows:,} pictures", f"{spec.shape[1]} × {spec.shape[2]} pixels"
    return Recipe(
        network=choice.network,
        objective=PixelClassesConfig(),
        augmentation=AugmentationConfig(
            flip="random" if can_mirror else "none",
            crop=0.2 if side else 0.0,
            crop_size=side,
            scale=0.2,
            brightness=0.2,
            contrast=0.2,
        ),
        training=_training(facts, choice.epochs),
        answering=AnsweringConfig(views=2 if has_two else 1, batch_size=16, is_calibrated=False),
        max_epochs=_most_epochs(_samples(facts)),
        reasons={
            "network": f"{pictures}{f' in {facts.num_samples:,} windows' if is_cut else ''} of "
            f"{places}: the strongest network that can see each {choice.epochs:.3g} times in "
            f"{time_s:.0f} s",
            "objective": "rare classes and small things count: weights by the root of their share, "
            "and the overlap of each class beside its pixels",
            "augmentation": (f"random parts at {side} pixels, " if side else "")
            + ("larger and smaller, in other light" + (", mirrored" if can_mirror else "")),
            "answering.views": "the picture"
            + (" and its mirror image" if has_two else " alone: there is little time"),
            "budget.max_epochs": "more passes have not been worth their time",
            **(_of_windows(facts, places) if is_cut else {}),
        },
    )


def _of_windows(facts: Facts, places: str) -> dict[str, str]:
    """Return why pictures are seen in windows, and why these overlap."""
    return {
        "data.fitting.framing": f"a picture has {facts.samples_per_row:.3g} overlapping windows of "
        f"{places} on average; brought to one of them whole, small things in it would be lost",
        "answering.overlap": "what is near an edge of a window is better seen by its neighbour",
    }


def _samples(facts: Facts) -> int:
    """Return the samples of a pass: pictures, or the windows in which they are seen."""
    return max(1, facts.num_samples)


def _passes(count: float, facts: Facts) -> float:
    """Return how many passes suffice for what some passes over usual pictures do."""
    return min(count, count * _USUAL / facts.num_samples) if facts.samples_per_row > 1 else count


def crop_side(spec: InputSpec) -> int:
    """Return the shorter side of the parts that training sees; 0 for whole pictures.

    Args:
        spec: What the data says about the pictures.
    """
    side = min(spec.shape[1:])
    return 4 * round(side / 6) if side > SMALL else 0


def _choose(facts: Facts, spec: InputSpec) -> _Choice:
    """Return the strongest network that sees each picture often enough in the time."""
    side = crop_side(spec)
    height, width = spec.shape[1:]
    pixels = height * width * ((side / min(height, width)) ** 2 if side else 1.0)
    step = 2 if min(height, width) > 32 else 1
    # Without folding there are four times as many places.
    seconds = _SECONDS_PER_PIXEL * pixels * (1 if step == 2 else 4)
    if facts.has_gpu:
        seconds /= _GPU_SPEED
    else:
        # A second core adds .7; float32 halves the speed.
        cores = 1.0 + 0.7 * (facts.hardware.num_cores - 1)
        seconds *= (1.0 if facts.hardware.has_fast_bfloat16 else 2.0) / cores
    most, least = _most_epochs(_samples(facts)), _passes(0.1, facts)
    epochs = _SHARE * (facts.time_s or DEFAULT_TIME_S) / seconds / _samples(facts)
    if facts.size is not None:
        widths = tuple(max(4, round(facts.size * own)) for own in WIDTHS)
        own_epochs = max(least, min(epochs / facts.size**2, most))
        return _Choice(UNetConfig(widths=widths, step=step), own_epochs)
    if epochs >= _passes(_FEWEST_EPOCHS, facts) or min(most, epochs) == most:
        return _Choice(UNetConfig(widths=WIDTHS, step=step), max(least, min(epochs, most)))
    return _Choice(TwoBranchConfig(step=2 * step), max(least, min(1.5 * epochs, most)))


def _training(facts: Facts, epochs: float) -> TrainingConfig:
    is_brief = epochs < 6 and facts.samples_per_row > 1
    return TrainingConfig(
        batch_size=_BATCH,
        epochs=epochs,
        drop_last=_samples(facts) >= _BATCH,
        optimizer=MuonConfig(
            rate=0.02,
            weight_decay=0.01,
            rest=AdamWConfig(rate=0.003, betas=(0.9, 0.99), weight_decay=0.01),
        ),
        schedule=LinearConfig(warmup=0.05),
        clip=5.0,
        average=0.99,
        validation=ValidationConfig(
            every=epochs / 6 if is_brief else max(1.0, round(epochs / 6, 1))
        ),
        execution=Execution(
            dtype="bfloat16" if facts.hardware.has_fast_bfloat16 else "float32",
            channels_last=True,
        ),
    )


def _most_epochs(num_samples: int) -> float:
    return max(10.0, min(500.0, _MOST_STEPS * _BATCH / num_samples))
