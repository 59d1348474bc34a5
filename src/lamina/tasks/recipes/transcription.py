"""Speech to text: convolutions over log-mel bands and over time, any alignment.

Source: Amodei et al. 2016, arXiv:1512.02595; Park et al. 2019, arXiv:1904.08779 (hidden bands and
frames); Ko et al. 2015, "Audio augmentation for speech recognition" (changed speed).
"""

from lamina.core.errors import ConfigError
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.taggers.base import AbstractContextConfig
from lamina.networks.taggers.contexts import ConvolutionalContextConfig, TransformerContextConfig
from lamina.networks.transcriber import TranscriberConfig
from lamina.objectives.language import TranscriptConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.sounds import RANGE_DB, WIDTHS, seconds_per_sound
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

DEFAULT_TIME_S = 600.0
"""Time a plan is sized to where the user sets none."""

_SHARE = 0.8  # of the time, for steps
_MOST_EPOCHS = 60.0
_FEWEST_EPOCHS = 10.0
_TRANSFORMER_HOURS = 20.0  # of sound; a guess, since no set of that size was tried


def transcription_recipe(facts: Facts) -> Recipe:
    """Return the recipe for speech to text.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: A published model is to be taken.
    """
    if facts.pretrained:
        raise ConfigError("a network that hears speech starts from no published model yet.")
    network, epochs = _choose(facts)
    spec = facts.inputs_of("sound")[0]
    seconds = spec.num_steps / spec.rate
    return Recipe(
        network=network,
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


def _choose(facts: Facts) -> tuple[TranscriberConfig, float]:
    """Return the widest network that hears each recording often enough in the time."""
    time_s, network, epochs = facts.time_s or DEFAULT_TIME_S, TranscriberConfig(), 0.0
    spec = facts.inputs_of("sound")[0]
    hours = facts.num_rows * spec.num_steps / spec.rate / 3600
    for widths in WIDTHS:
        network = TranscriberConfig(
            widths=widths, range_db=RANGE_DB, context=_context(widths[-1], hours)
        )
        per_sound = seconds_per_sound(network, widths, spec, facts, halvings=network.halvings)
        epochs = _SHARE * time_s / per_sound / max(1, facts.num_rows)
        if epochs >= _FEWEST_EPOCHS:
            break
    return network, max(0.1, min(epochs, _MOST_EPOCHS))


def _context(width: int, hours: float) -> AbstractContextConfig:
    if hours < _TRANSFORMER_HOURS:
        return ConvolutionalContextConfig(width=width)
    blocks = TransformerBlocksConfig(depth=4, width=2 * width, num_heads=width // 16, dropout=0.1)
    return TransformerContextConfig(blocks=blocks)
