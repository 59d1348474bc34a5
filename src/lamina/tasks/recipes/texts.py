"""Texts: a bag of word n-grams from naive-Bayes ratios; for short texts convolutions beside it.

A long text holds enough word sequences for a linear model; in a sentence few of them were seen
before, so that it pays to learn what words mean and how they are spelt. There three convolutional
readers, each beside the same bag, answer on their own and are averaged. Texts in between, of a few
sentences, have the bag alone, with gentler training than long ones.

Source: Wang and Manning 2012, "Baselines and bigrams"; Joulin et al. 2016, arXiv:1607.01759; Kim
2014, arXiv:1408.5882.
"""

from dataclasses import replace

from lamina.networks.committee import CommitteeConfig
from lamina.networks.heads import DiagonalHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.networks.text_cnn import TextCNNConfig
from lamina.networks.text_joint import TextJointConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

SHORT_TOKENS = 30
"""Texts of fewer words are short."""

LONG_TOKENS = 100
"""Texts of so many words are long."""

_LONG_NUMBERS, _SHORT_NUMBERS = 1 << 22, 1 << 21
_MEMBERS = 3


def text_recipe(facts: Facts) -> Recipe:
    """Return the recipe for texts.

    Args:
        facts: What the planner knows.
    """
    if facts.median_tokens >= LONG_TOKENS:
        return _long_recipe(facts)
    return _sentence_recipe(facts) if facts.median_tokens < SHORT_TOKENS else _middle_recipe(facts)


def _long_recipe(facts: Facts) -> Recipe:
    """Return the recipe for texts of a hundred words and more: the bag alone."""
    bag = NgramBagConfig(
        order=3,
        min_count=2,
        width=_width(facts),
        num_buckets=1 << 22,
        num_rows=_num_rows(facts, order=3, numbers=_LONG_NUMBERS),
    )
    return Recipe(
        network=ModelConfig(
            encoders={"text": bag}, trunk=PerceptronConfig(), head=DiagonalHeadConfig()
        ),
        training=TrainingConfig(
            batch_size=256 if facts.num_rows >= 10_000 else 64,
            epochs=4,
            optimizer=AdamWConfig(rate=0.008, betas=(0.9, 0.99)),
            schedule=LinearConfig(warmup=0.05),
            clip=5.0,
            validation=_validation(facts),
        ),
        answering=AnsweringConfig(batch_size=256),
        max_epochs=4,
        reasons={
            "network": f"{facts.num_rows:,} texts of about {facts.median_tokens} words: counted "
            "word sequences with naive-Bayes weights are quick and hard to beat at this length",
            "budget.max_epochs": "more passes would learn single texts by heart",
        },
    )


def _middle_recipe(facts: Facts) -> Recipe:
    """Return the recipe for texts of a few sentences: the bag alone."""
    bag = replace(_small_bag(facts), smoothing=0.1, repeats="log", spelling=True)
    why = "counted word sequences with naive-Bayes weights beat a network that reads at this length"
    return _small_recipe(facts, bag, why)


def _sentence_recipe(facts: Facts) -> Recipe:
    """Return the recipe for texts of a sentence: the bag beside convolutions."""
    joint = TextJointConfig(
        bag=_small_bag(facts),
        convolution=TextCNNConfig(num_filters=60, max_length=128),
        num_members=_MEMBERS,
    )
    why = (
        "in short texts counted word sequences are rare, so convolutions over the words' vectors "
        "help"
    )
    return _small_recipe(facts, joint, why)


def _small_bag(facts: Facts) -> NgramBagConfig:
    """Return the bag for texts of which no n-gram can be spared."""
    return NgramBagConfig(
        order=2,
        min_count=1,
        start=0.1,
        width=_width(facts),
        num_buckets=1 << 20,
        num_rows=_num_rows(facts, order=2, numbers=_SHORT_NUMBERS),
    )


def _small_recipe(facts: Facts, encoder: AbstractEncoderConfig, why: str) -> Recipe:
    """Return the recipe for texts of less than a hundred words with their encoder."""
    epochs = max(3, min(10, 40_000 // max(facts.num_rows, 1)))
    return Recipe(
        network=ModelConfig(
            encoders={"text": encoder}, trunk=CommitteeConfig(), head=DiagonalHeadConfig()
        ),
        objective=CrossEntropyConfig(label_smoothing=0.05),
        training=TrainingConfig(
            batch_size=64,
            epochs=epochs,
            optimizer=AdamWConfig(rate=0.003, betas=(0.9, 0.99)),
            schedule=LinearConfig(warmup=0.05),
            clip=5.0,
            average=0.99,
            validation=_validation(facts),
        ),
        answering=AnsweringConfig(batch_size=256),
        max_epochs=epochs,
        reasons={
            "network": f"{facts.num_rows:,} texts of about {facts.median_tokens} words: {why}",
            "budget.max_epochs": "more passes would learn single texts by heart",
        },
    )


def _width(facts: Facts) -> int:
    """Return the numbers per n-gram: a class each, or a few for other targets."""
    return max(2, facts.num_classes) if facts.num_classes else 8


def _num_rows(facts: Facts, *, order: int, numbers: int) -> int:
    """Return as many rows as there may be n-grams, as far as every step can pass through them."""
    most = facts.num_rows * max(1, facts.median_tokens) * order
    return max(1 << 12, min(most, numbers // _width(facts)))


def _validation(facts: Facts) -> ValidationConfig:
    is_judged = bool(facts.num_classes) and facts.num_validation_rows >= 50
    return ValidationConfig(metric="log_loss" if is_judged else None, is_maximised=False)
