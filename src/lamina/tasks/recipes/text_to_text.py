"""Text to text: a Transformer that reads and writes, small where there are few pairs.

Source: Wu et al. 2021, arXiv:2105.14462 (small networks with much dropout do best on tens of
thousands of pairs); Vaswani et al. 2017 (label smoothing, length penalty).
"""

from lamina.core.errors import ConfigError
from lamina.evaluation.written import bleu_library
from lamina.networks.layers.feed_forward import FeedForwardConfig
from lamina.networks.text_to_text import TextToTextConfig
from lamina.networks.translator import TranslatorConfig
from lamina.objectives.language import NextTokenConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import MuonConfig
from lamina.training.schedules import FlatCosineConfig

WIDTH_PER_SIZE = 64
"""Features per place for each step of the dial."""

MOST_EPOCHS = 40.0
"""Passes through the pairs beyond which more time would do harm."""

_DEPTH = 4  # blocks that read, and as many that write
_RATIO = 2.0  # hidden units per feature
_RATE = 1.2e11  # operations per second of a small network, measured on two cores
_SIZES = (8, 6, 4, 3, 2)
_FEW = 200_000  # pairs for which more than the size below is too much
_MOST_OF_FEW = 4
_WANTED_EPOCHS = 25.0
_STEP_TOKENS = 2048  # of the answers
_DEFAULT_SECONDS = 1200.0


def text_to_text_recipe(facts: Facts) -> Recipe:
    """Return the recipe for a network from text to text.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: A published model is to be taken.
        MissingExtraError: The library that scores texts is not installed.
    """
    if facts.pretrained:
        raise ConfigError("a network from text to text starts from no published model yet.")
    bleu_library()  # before hours of training, not after
    size = round(facts.size) if facts.size else _size(facts)
    width = WIDTH_PER_SIZE * max(1, size)
    epochs = _epochs(facts, width)
    translator = TranslatorConfig(
        depth_read=_DEPTH,
        depth_written=_DEPTH,
        width=width,
        num_heads=width // 32,
        feed_forward=FeedForwardConfig(ratio=_RATIO, activation="relu_squared"),
        dropout=0.1 + (0.1 * width / 128 if facts.num_rows < _FEW else 0.0),
    )
    return Recipe(
        network=TextToTextConfig(translator=translator),
        objective=NextTokenConfig(label_smoothing=0.1),
        training=TrainingConfig(
            batch_size=max(16, min(512, _STEP_TOKENS // max(1, facts.median_tokens))),
            epochs=epochs,
            groups_lengths=True,
            optimizer=MuonConfig(rate=0.02),
            schedule=FlatCosineConfig(flat=0.3),
            average=0.998,
            validation=ValidationConfig(
                every=max(0.05, epochs / 20), metric="nats_per_token", is_maximised=False
            ),
        ),
        answering=AnsweringConfig(batch_size=128, is_calibrated=False),
        max_epochs=MOST_EPOCHS,
        reasons={
            "network": _why(facts, width),
            "objective": "each token is foreseen from the text read and those before it",
            "network.translator.dropout": f"{facts.num_rows:,} pairs to learn from",
            "training.groups_lengths": "texts of about one length make little padding",
            "budget.max_epochs": f"after {MOST_EPOCHS:g} passes pairs are learnt by heart",
        },
    )


def _size(facts: Facts) -> int:
    """Return the largest size that can be trained as long as it needs in the time."""
    most = _MOST_OF_FEW if facts.num_rows < _FEW else _SIZES[0]
    sizes = [size for size in _SIZES if size <= most]
    longest = _time(facts) / _WANTED_EPOCHS
    fits = [size for size in sizes if _seconds(facts, WIDTH_PER_SIZE * size) <= longest]
    return fits[0] if fits else sizes[-1]


def _epochs(facts: Facts, width: int) -> float:
    return min(MOST_EPOCHS, max(0.1, _time(facts) / _seconds(facts, width)))


def _seconds(facts: Facts, width: int) -> float:
    """Return about how long one pass takes."""
    tokens = facts.num_rows * max(1, facts.median_tokens)
    vocabulary = max((spec.vocabulary_size for spec in facts.inputs), default=0)
    blocks = _DEPTH * (4 + 8 + 4 * _RATIO) * width**2
    return 6.0 * tokens * (blocks + vocabulary * width) / _RATE


def _time(facts: Facts) -> float:
    return facts.time_s or _DEFAULT_SECONDS


def _why(facts: Facts, width: int) -> str:
    if facts.size is not None:
        return f"{width} features per place, as the size {facts.size:g} says"
    seconds = f"{facts.time_s:,.0f} s" if facts.time_s else "no time given, so twenty minutes"
    return f"{width} features per place can be trained in the time ({seconds})"
