"""Speech to text: convolutions over log-mel bands, a Transformer over time, any alignment.

Source: Amodei et al. 2016, arXiv:1512.02595; Park et al. 2019, arXiv:1904.08779 (hidden bands and
frames); Ko et al. 2015, "Audio augmentation for speech recognition" (changed speed).
"""

from lamina.core.errors import ConfigError
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.taggers.contexts import TransformerContextConfig
from lamina.networks.transcriber import TranscriberConfig
from lamina.objectives.language import TranscriptConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

DEFAULT_TIME_S = 600.0
"""Time a plan is sized to where the user sets none."""

_MOST_EPOCHS = 60.0
_FEWEST_EPOCHS = 15.0
_WIDTHS = (192, 128, 64)
_DEPTH = 4
_RATE = 5e10  # operations per second of such a network, measured on two cores


def transcription_recipe(facts: Facts) -> Recipe:
    """Return the recipe for speech to text.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: A published model is to be taken.
    """
    if facts.pretrained:
        raise ConfigError("a network that hears speech starts from no published model yet.")
    width, epochs = _choose(facts)
    spec = facts.inputs_of("sound")[0]
    seconds = spec.num_steps / spec.rate
    return Recipe(
        network=TranscriberConfig(
            context=TransformerContextConfig(
                blocks=TransformerBlocksConfig(
                    depth=_DEPTH, width=width, num_heads=width // 32, dropout=0.1
                )
            )
        ),
        objective=TranscriptConfig(),
        augmentation=AugmentationConfig(speed=0.15, noise=0.2),
        training=TrainingConfig(
            batch_size=16 if facts.num_rows < 5_000 else 32,
            epochs=epochs,
            groups_lengths=True,
            optimizer=AdamWConfig(rate=0.001, weight_decay=0.01),
            schedule=LinearConfig(warmup=0.1),
            clip=5.0,
            validation=ValidationConfig(
                every=max(0.1, epochs / 15), metric="nats_per_token", is_maximised=False
            ),
        ),
        answering=AnsweringConfig(batch_size=32, is_calibrated=False),
        max_epochs=_MOST_EPOCHS,
        reasons={
            "network": f"{facts.num_rows:,} recordings of about {seconds:.2g} s: the widest "
            f"network that can hear each {epochs:.3g} times in "
            f"{facts.time_s or DEFAULT_TIME_S:.0f} s",
            "objective": "where in the recording each letter is said is not known",
            "augmentation": "other speeds are other voices, and noise is everywhere; the network "
            "stretches and colours bands, and hides runs of them and of frames",
            "budget.max_epochs": "more passes have not been worth their time",
        },
    )


def _choose(facts: Facts) -> tuple[int, float]:
    """Return the widest network that hears each recording often enough in the time."""
    time_s, width, epochs = facts.time_s or DEFAULT_TIME_S, _WIDTHS[0], 0.0
    spec = facts.inputs_of("sound")[0]
    steps = 25.0 * spec.num_steps / spec.rate
    for width in _WIDTHS:
        # Blocks of twelve squares of the width, and the second convolution before them.
        work = steps * 6 * (12 * _DEPTH * width**2 + 9 * 32 * 32 * 10)
        epochs = time_s * _RATE / work / max(1, facts.num_rows)
        if epochs >= _FEWEST_EPOCHS:
            break
    return width, max(0.1, min(epochs, _MOST_EPOCHS))
