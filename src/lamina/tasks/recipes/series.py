"""Series: random kernels with a head in closed form.

Series mostly come in tens or hundreds, each with hundreds of steps. Thousands of convolutions that
are not learnt, with a ridge regression on what they answer, need no more than that, take seconds,
and know without validation rows how strong the penalty must be. Asked for a size, the recipe trains
a fully convolutional network of that width instead.

Source: Dempster et al. 2023, "Hydra", arXiv:2203.13652; Tan et al. 2022, "MultiRocket",
arXiv:2102.00457. Differs: see `networks.random_kernels`. Wang, Yan and Oates 2017,
arXiv:1611.06455 (trained). Differs: AdamW, a linear decline, changed series.
"""

import math

from lamina.data.augmentation import AugmentationConfig
from lamina.networks.fcn import FCNConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.networks.random_kernels import RandomKernelsConfig
from lamina.networks.ridge import RidgeHeadConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.tabular import MIN_VALIDATION_ROWS
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

_STEPS = 2000
_MOST_EPOCHS = 1500.0
_FEW_SERIES = 300
_MOST_COPIES = 5
_MOST_STEPS = 600_000  # of all series and their copies, which a core reads in a minute or so
_STEPS_PER_SECOND = 5_000.0
_WHY_COPIES = (
    "the head is solved for series that go faster here and slower there, too: what is "
    "meant by a series rarely takes the same time twice"
)


def series_recipe(facts: Facts) -> Recipe:
    """Return the recipe for series.

    Args:
        facts: What the planner knows.
    """
    if facts.size is not None:
        return _trained(facts, max(1, round(facts.size)))
    spec = facts.inputs_of("series")[0]
    augmentation = _copied(facts)
    channels = f" of {spec.shape[0]} channels" if spec.shape[0] > 1 else ""
    return Recipe(
        network=ModelConfig(
            encoders={"series": RandomKernelsConfig(num_thresholds=3000)},
            trunk=PerceptronConfig(),
            head=RidgeHeadConfig(),
        ),
        objective=CrossEntropyConfig(),
        augmentation=augmentation,
        training=TrainingConfig(
            batch_size=64,
            epochs=1,
            optimizer=AdamWConfig(rate=1e-6, weight_decay=0.0),
            schedule=LinearConfig(warmup=0.0),
            clip=1.0,
            validation=ValidationConfig(metric=None),
        ),
        answering=AnsweringConfig(batch_size=64),
        max_epochs=1,
        reasons={
            "network": f"{facts.num_rows:,} series{channels} of about {spec.num_steps} steps: "
            "thousands of kernels that are not learnt, and a head solved in closed form",
            "training.epochs": "the head is solved before training; one pass only confirms it",
            "budget.max_epochs": "there is nothing more to learn",
            **({"augmentation": _WHY_COPIES} if augmentation.initial else {}),
        },
    )


def _copied(facts: Facts) -> AugmentationConfig:
    """Return how many changed copies of each series the head is solved for, too.

    Hundreds of series say enough by themselves (docs/log.md). Numbers choose their penalty by
    samples left out one at a time, which copies would give away.
    """
    spec = facts.inputs_of("series")[0]
    steps = facts.num_rows * spec.num_steps * spec.shape[0]
    most = min(_MOST_STEPS, (facts.time_s or math.inf) * _STEPS_PER_SECOND)
    count = min(_MOST_COPIES, int(most / max(1, steps)) - 1)
    if not facts.num_classes or facts.num_rows > _FEW_SERIES or count < 1:
        return AugmentationConfig()
    return AugmentationConfig(warp=0.3, initial=count)


def _trained(facts: Facts, width: int) -> Recipe:
    """Return a fully convolutional network that is trained, of a width."""
    batch = max(8, min(64, facts.num_rows // 8))
    epochs = max(10.0, min(_MOST_EPOCHS, _STEPS * batch / max(1, facts.num_rows)))
    is_judged = bool(facts.num_classes) and facts.num_validation_rows >= MIN_VALIDATION_ROWS
    return Recipe(
        network=ModelConfig(
            encoders={"series": FCNConfig(widths=(width, 2 * width, width))},
            trunk=PerceptronConfig(),
            head=LinearHeadConfig(),
        ),
        objective=CrossEntropyConfig(label_smoothing=0.1),
        augmentation=AugmentationConfig(shift=0.05, amplitude=0.1, noise=0.02),
        training=TrainingConfig(
            batch_size=batch,
            epochs=round(epochs, 1),
            optimizer=AdamWConfig(rate=0.002, weight_decay=0.01),
            schedule=LinearConfig(warmup=0.05),
            clip=5.0,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 20)),
                metric="log_loss" if is_judged else None,
                is_maximised=False,
            ),
        ),
        answering=AnsweringConfig(batch_size=64),
        max_epochs=_MOST_EPOCHS,
        reasons={
            "network": f"a size was asked for: convolutions of {width}, {2 * width} and {width} "
            "channels are trained instead of kernels that are not learnt",
            "augmentation": "series a little earlier or later, larger or smaller mean the same",
        },
    )
