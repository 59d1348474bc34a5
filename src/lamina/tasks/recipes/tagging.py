"""Tagging words: letters by convolution, an LSTM in both directions, a chain over the tags.

Where words are cut into pieces, an encoder of these stands beside. What pays and what does not was
measured on our data (see docs/log.md).

Source: Ma and Hovy 2016, arXiv:1603.01354; Lample et al. 2016, arXiv:1603.01360; Devlin et al.
2018, arXiv:1810.04805 (pieces).
"""

from dataclasses import replace

from lamina.core.errors import ConfigError
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.bert import BertConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.taggers.contexts import RecurrentContextConfig
from lamina.networks.taggers.pieces import PieceTaggerConfig
from lamina.networks.taggers.whole import TaggerConfig
from lamina.networks.transformer import TransformerConfig
from lamina.objectives.tagging import AllTagsConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import FlatCosineConfig

MOST_EPOCHS = 25.0
"""Passes through the sentences beyond which more time would do harm."""

WIDTH = 200
"""Units per direction, where nobody says how large the network is to be."""

_EPOCHS = 12.0
_FEW = 2_000  # sentences from which on a pass teaches enough
_MIN_VALIDATION = 20


def tagging_recipe(facts: Facts) -> Recipe:
    """Return the recipe for tags of words.

    Args:
        facts: What the planner knows.

    Raises:
        ConfigError: An encoder is to be taken that knows nothing of single pieces.
    """
    network, why = _network(facts)
    scarcity = max(1.0, min(4.0, _FEW / max(1, facts.num_rows)))
    has_validation = facts.num_validation_rows >= _MIN_VALIDATION
    epochs = _EPOCHS * scarcity
    return Recipe(
        network=network,
        objective=AllTagsConfig(),
        training=TrainingConfig(
            batch_size=max(4, min(32, facts.num_rows // 50)),
            epochs=epochs,
            groups_lengths=True,
            optimizer=AdamWConfig(rate=2e-3, weight_decay=0.0),
            schedule=FlatCosineConfig(flat=0.4),
            clip=5.0,
            validation=ValidationConfig(
                every=max(1.0, scarcity), metric="span_f1" if has_validation else None
            ),
        ),
        answering=AnsweringConfig(batch_size=128, is_calibrated=False),
        max_epochs=MOST_EPOCHS * scarcity,
        reasons={
            "network": why,
            "objective": "the tags of a sentence are found together: how likely all of them are",
            "training.groups_lengths": "sentences of about one length make little padding",
            "training.validation.metric": "what is found of the validation rows chooses the weights"
            if has_validation
            else "too few validation rows to choose weights by",
            "budget.max_epochs": f"after {MOST_EPOCHS * scarcity:g} passes sentences are learnt by "
            "heart",
        },
    )


def _network(facts: Facts) -> tuple[AbstractModelConfig, str]:
    """Return the network and why."""
    width = WIDTH if facts.size is None else max(8, round(facts.size * WIDTH))
    context = RecurrentContextConfig(width=width)
    if not any(spec.pieces for spec in facts.inputs):
        why = (
            "letters, words and the words around; tags that stand side by side are weighed together"
        )
        return TaggerConfig(context=context), why
    if "text" not in facts.pretrained:
        why = (
            "words are cut into pieces: an encoder reads those of a sentence, and stands beside "
            "letters, words and the words around"
        )
        return PieceTaggerConfig(context=context), why
    network = PieceTaggerConfig(encoder=_without_dropout(facts.pretrained["text"]), context=context)
    if facts.reach:
        network = replace(network, stretch=facts.reach)
    why = (
        "the encoder to start from reads the pieces of a sentence; what it knows of a word's first "
        "piece stands beside letters, words and the words around"
    )
    return network, why


def _without_dropout(encoder: AbstractEncoderConfig) -> AbstractEncoderConfig:
    """Return an encoder that drops nothing itself: what it hands on is dropped in part."""
    if isinstance(encoder, TransformerConfig):
        return replace(encoder, blocks=replace(encoder.blocks, dropout=0.0, stochastic_depth=0.0))
    if isinstance(encoder, BertConfig):
        return replace(encoder, blocks=replace(encoder.blocks, dropout=0.0))
    name = type(encoder).__name__.removesuffix("Config")
    raise ConfigError(
        f"a tagger starts from a network that sees both sides of a piece, got {name}. Take one of "
        "the kind of BERT, or a run with --objective masked."
    )
