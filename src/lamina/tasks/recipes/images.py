"""Pictures: the largest fast convolutional network that still sees every picture often enough.

Source: Jordan 2024, arXiv:2404.00498 (airbench: whitening, identity start, Muon on the filters,
label smoothing, alternating flips, rates that fall straight to zero). Differs: narrower networks
chosen from the time at hand, since a user's processor is thousands of times slower than an A100;
digits and other drawings are not mirrored.
"""

from dataclasses import dataclass

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

WIDTHS = ((16, 32, 64), (32, 64, 128), (64, 128, 256), (64, 256, 256))
"""Networks from quick to strong; each doubling of the side beyond 32 pixels adds a group."""

FLOPS_PER_CORE = 2.5e11
"""Multiplications and additions per second and core with bfloat16 on a processor that has it."""

_BATCH = 250


@dataclass(frozen=True, slots=True)
class _Choice:
    widths: tuple[int, ...]
    epochs: float


def image_recipe(facts: Facts) -> Recipe:
    """Return the recipe for pictures.

    Args:
        facts: What the planner knows.
    """
    spec = facts.inputs_of("image")[0]
    is_grey = spec.shape[0] == 1
    side = min(spec.shape[1:])
    choice = _choose_widths(facts, spec)
    batch = _BATCH if facts.num_rows >= 10_000 else 125
    if facts.num_rows < 1000:
        batch = 32
    rest = SGDConfig(rate=0.053 * batch, momentum=0.85, nesterov=True, weight_decay=3e-6)
    muon = MuonConfig(
        rate=0.24 * (batch / 2000) ** 0.5, momentum=0.6, num_steps=3, renormalise=True, rest=rest
    )
    shift = max(1, round(side / 14))
    augmentation = (
        AugmentationConfig(translate=shift)
        if is_grey
        else AugmentationConfig(flip="alternating", translate=shift)
    )
    time_s = facts.time_s or DEFAULT_TIME_S
    return Recipe(
        network=ModelConfig(
            encoders={"image": ConvNetConfig(widths=choice.widths)},
            trunk=PerceptronConfig(),
            head=ScaledHeadConfig(),
        ),
        objective=CrossEntropyConfig(label_smoothing=0.2 if facts.num_rows > 5000 else 0.1),
        augmentation=augmentation,
        training=TrainingConfig(
            batch_size=batch,
            epochs=choice.epochs,
            drop_last=facts.num_rows >= batch,
            optimizer=muon,
            schedule=LinearConfig(warmup=0.0),
            rates={"heads.*": 12.6},
            validation=ValidationConfig(every=max(1.0, choice.epochs / 10)),
            execution=Execution(
                dtype="bfloat16" if facts.hardware.has_fast_bfloat16 else "float32",
                channels_last=True,
            ),
        ),
        answering=AnsweringConfig(views=5 if is_grey else 6, batch_size=500),
        reasons={
            "network": f"{facts.num_rows:,} pictures of {spec.shape[1]} × {spec.shape[2]} pixels: "
            f"the widest network "
            f"of {len(WIDTHS)} that can see each about {choice.epochs:.0f} times in "
            f"{time_s:.0f} s on this machine",
            "augmentation": "shifted by a few pixels"
            + ("; grey pictures may be drawings, so they are not mirrored" if is_grey else "")
            + ("" if is_grey else "; mirrored every other epoch"),
            "answering.views": "answers are averaged over shifted"
            + (" views" if is_grey else " and mirrored views"),
        },
    )


def _choose_widths(facts: Facts, spec: InputSpec) -> _Choice:
    """Return the widest network that sees each picture often enough in the time."""
    time_s = facts.time_s or DEFAULT_TIME_S
    rate = FLOPS_PER_CORE * (1.0 + 0.7 * (facts.hardware.num_cores - 1))
    if facts.has_gpu:
        rate = 1e14
    elif not facts.hardware.has_fast_bfloat16:
        rate /= 3
    # Small sets must be seen more often; large ones teach enough in a few passes.
    wanted = min(40.0, max(6.0, 12.0 * (50_000 / max(facts.num_rows, 1)) ** 0.5))
    found = None
    for widths in WIDTHS:
        grown = _grown(widths, min(spec.shape[1:]))
        per_second = rate / flops_per_picture(grown, spec)
        epochs = 0.9 * time_s * per_second / max(facts.num_rows, 1)
        if found is None or epochs >= wanted:
            found = _Choice(grown, epochs)
    assert found is not None
    limit = 3.0 * wanted if facts.time_s is None else 1000.0
    return _Choice(found.widths, round(min(max(found.epochs, 1.0), limit), 1))


def _grown(widths: tuple[int, ...], side: int) -> tuple[int, ...]:
    """Return the widths with a narrow first group for each doubling of the side beyond 32."""
    while side >= 48:
        widths = (max(16, widths[0] // 2), *widths)
        side //= 2
    return widths


def flops_per_picture(widths: tuple[int, ...], spec: InputSpec) -> float:
    """Return the multiplications and additions of a training step per picture.

    Args:
        widths: Channels of each group.
        spec: What the data says about the pictures.
    """
    channels, height, width = spec.shape
    before, area, total = 8 * channels, float(height * width), 8.0 * channels * 4 * height * width
    for own in widths:
        total += 9 * before * own * area
        area /= 4
        total += 9 * own * own * area
        before = own
    return 6.0 * total
