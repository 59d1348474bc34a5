"""Pictures: the widest fast convolutional network that still sees every picture often enough.

Source: Jordan 2024, arXiv:2404.00498 (airbench: whitening, identity start, Muon on the filters,
label smoothing, alternating flips, rates that fall straight to zero); Touvron et al. 2019, "Fixing
the train-test resolution discrepancy", arXiv:1906.06423 (answers at more pixels than the crops of
training). Differs: narrower networks chosen from the time at hand, since a user's processor is
thousands of times slower than an A100; small grey pictures, which may be digits, are not mirrored.
"""

import math
from dataclasses import dataclass

from lamina.core.hardware import Hardware
from lamina.core.records import InputSpec
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.heads import ScaledHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.optimizers import MuonConfig, SGDConfig
from lamina.training.schedules import LinearConfig

DEFAULT_TIME_S = 180.0
"""Time a plan is sized to where the user sets none."""

LARGE = 40
"""Shorter side in pixels above which training takes crops, and the stem steps over pixels."""

BASES = (64, 32, 16)
"""Channels of the first group, from strong to quick; each further group has twice as many."""

MAX_WIDTH = 256
"""Most channels of a group."""

FLOPS_PER_CORE = 4.8e11
"""Multiplications and additions per second on one core with bfloat16: measured, see docs/log.md."""

SECONDS_PER_ACTIVATION = 2.2e-9
"""What each number between the layers costs beside the arithmetic, for the same core."""

GPU_SPEED = 100.0
"""Times that a GPU is faster than such a core."""

_FEW = 10_000  # fewer rows than this make small batches, and no network of the widest kind
_SHARE = 0.85  # of the time, for steps: the rest is validation, checkpoints and other programs
_BRIEF = 3.0  # passes below which changed pictures cost more than they teach


@dataclass(frozen=True, slots=True)
class _Choice:
    network: ConvNetConfig
    epochs: float


def image_recipe(facts: Facts) -> Recipe:
    """Return the recipe for pictures.

    Args:
        facts: What the planner knows.
    """
    spec = facts.inputs_of("image")[0]
    choice = _choose(facts, spec)
    is_brief = choice.epochs < _BRIEF
    can_mirror = can_be_mirrored(spec)
    batch = _batch_size(facts.num_rows, is_brief=is_brief)
    return Recipe(
        network=ModelConfig(
            encoders={"image": choice.network}, trunk=PerceptronConfig(), head=ScaledHeadConfig()
        ),
        objective=CrossEntropyConfig(label_smoothing=0.2),
        augmentation=_augmentation(spec, is_brief=is_brief),
        training=_training(facts, batch, choice.epochs),
        answering=AnsweringConfig(views=1 if is_brief else 6 if can_mirror else 5, batch_size=500),
        max_epochs=_most_epochs(facts.num_rows),
        reasons=_reasons(facts, spec, choice),
    )


def crop_side(spec: InputSpec) -> int:
    """Return the shorter side of the crops that training takes; 0 for pictures seen whole.

    Args:
        spec: What the data says about the pictures.
    """
    side = min(spec.shape[1:])
    return 4 * round(side / 5) if side > LARGE else 0


def can_be_mirrored(spec: InputSpec) -> bool:
    """Return whether a mirror image means the same: grey pictures of few pixels may be letters.

    Args:
        spec: What the data says about the pictures.
    """
    return spec.shape[0] == 3 or min(spec.shape[1:]) > LARGE


def seconds_per_picture(network: ConvNetConfig, spec: InputSpec, hardware: Hardware) -> float:
    """Return about how long a training step takes per picture.

    Args:
        network: The network.
        spec: What the data says about the pictures.
        hardware: The machine.
    """
    work, numbers = _cost(network, spec)
    seconds = work / FLOPS_PER_CORE + numbers * SECONDS_PER_ACTIVATION
    if hardware.accelerator:
        return seconds / GPU_SPEED
    # A second core adds 0.7; float32 halves the speed.
    cores = 1.0 + 0.7 * (hardware.num_cores - 1)
    return seconds * (1.0 if hardware.has_fast_bfloat16 else 2.1) / cores


def _choose(facts: Facts, spec: InputSpec) -> _Choice:
    """Return the widest network that sees each picture often enough in the time."""
    time_s, num_rows = facts.time_s or DEFAULT_TIME_S, max(1, facts.num_rows)
    wanted = 12.0 if num_rows >= 20_000 else min(60.0, 240_000 / num_rows)
    for base in BASES:
        if base > 32 and num_rows < _FEW:
            continue
        network = _network(base, spec)
        per_picture = seconds_per_picture(network, spec, facts.hardware)
        epochs = _SHARE * time_s / per_picture / num_rows
        if epochs >= wanted:
            break
    epochs = max(0.1, min(epochs, _most_epochs(num_rows)))
    return _Choice(network, round(epochs, 1))


def _network(base: int, spec: InputSpec) -> ConvNetConfig:
    """Return the network of a width; groups halve the picture until about 3 pixels are left."""
    is_large = bool(crop_side(spec))
    size, stride = (4, 2) if is_large else (2, 1)
    side = ((crop_side(spec) or min(spec.shape[1:])) - size) // stride + 1
    num_groups = max(1, int(math.log2(max(side, 2) / 3)))
    return ConvNetConfig(
        widths=tuple(min(MAX_WIDTH, base * 2**group) for group in range(num_groups)),
        stem_size=size,
        stem_stride=stride,
        # Its biases grow so fast that no model before the end would answer well: docs/log.md.
        stem_share=0.0,
        pooling="max_mean" if is_large else "max",
    )


def _augmentation(spec: InputSpec, *, is_brief: bool) -> AugmentationConfig:
    if is_brief:
        return AugmentationConfig()
    is_coloured, size = spec.shape[0] == 3, crop_side(spec)
    if not size:
        shift = round(min(spec.shape[1:]) / 16) if min(spec.shape[1:]) > 12 else 0
        return AugmentationConfig(flip="alternating" if is_coloured else "none", translate=shift)
    return AugmentationConfig(
        flip="random",
        crop=0.35,
        crop_size=size,
        brightness=0.1 if is_coloured else 0.0,
        contrast=0.2 if is_coloured else 0.0,
    )


def _training(facts: Facts, batch: int, epochs: float) -> TrainingConfig:
    # Rates for sums of losses over the batch: with the mean, they grow with its size.
    rest = SGDConfig(rate=0.053 * batch, momentum=0.85, nesterov=True, weight_decay=3e-6)
    muon = MuonConfig(
        rate=0.24 * (batch / 2000) ** 0.5, momentum=0.6, num_steps=3, renormalise=True, rest=rest
    )
    return TrainingConfig(
        batch_size=batch,
        epochs=epochs,
        drop_last=facts.num_rows >= batch,
        optimizer=muon,
        schedule=LinearConfig(warmup=0.0),
        rates={"heads.*": 12.6},
        validation=ValidationConfig(every=max(1.0, round(epochs / 8, 1))),
        execution=Execution(
            dtype="bfloat16" if facts.hardware.has_fast_bfloat16 else "float32",
            channels_last=True,
        ),
    )


def _reasons(facts: Facts, spec: InputSpec, choice: _Choice) -> dict[str, str]:
    time_s, can_mirror = facts.time_s or DEFAULT_TIME_S, can_be_mirrored(spec)
    changes = "shifted by a few pixels"
    if crop_side(spec):
        changes = f"random parts at {crop_side(spec)} pixels; answers see the whole picture"
    mirrored = "mirrored" if can_mirror else "not mirrored: small grey pictures may be letters"
    reasons = {
        "network": f"{facts.num_rows:,} pictures of {spec.shape[1]} × {spec.shape[2]} pixels: the "
        f"widest network that can see each about {choice.epochs:g} times in {time_s:.0f} s on "
        "this machine",
        "budget.max_epochs": "more passes have not been worth their time",
        "augmentation": f"{changes}; {mirrored}",
        "answering.views": "answers are averaged over shifted"
        + (" and mirrored views" if can_mirror else " views"),
    }
    if choice.epochs < _BRIEF:
        reasons["augmentation"] = "none: too few passes to gain from it"
        reasons["answering.views"] = "one: there is little time"
    return reasons


def _batch_size(num_rows: int, *, is_brief: bool) -> int:
    if num_rows >= _FEW and not is_brief:
        return 250
    return max(16, min(125, num_rows // 20))


def _most_epochs(num_rows: int) -> float:
    return 30.0 if num_rows >= 20_000 else 100.0


def _cost(network: ConvNetConfig, spec: InputSpec) -> tuple[float, float]:
    """Return the arithmetic of a training step per picture, and the numbers between its layers."""
    size, stride = network.stem_size, network.stem_stride
    shrink = (crop_side(spec) or min(spec.shape[1:])) / min(spec.shape[1:])
    height, width = (int(side * shrink - size) // stride + 1 for side in spec.shape[1:])
    before = 2 * spec.shape[0] * size * size
    # The stem has no gradient of its filters.
    work, numbers = before * before / 2 * height * width / 3, float(before * height * width)
    for own in network.widths:
        for layer in range(network.depth):
            work += 9 * before * own * height * width
            numbers += own * height * width
            if layer == 0 and min(height, width) >= 4:
                height, width = height // 2, width // 2
            before = own
        numbers += own * height * width
    return 6.0 * work, numbers
