"""Texts: a bag of word n-grams that starts from naive-Bayes ratios.

Source: Wang and Manning 2012, "Baselines and bigrams"; Joulin et al. 2016, arXiv:1607.01759.
"""

from lamina.networks.heads import DiagonalHeadConfig
from lamina.networks.model import ModelConfig
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdagradConfig
from lamina.training.schedules import LinearConfig


def text_recipe(facts: Facts) -> Recipe:
    """Return the recipe for texts.

    Args:
        facts: What the planner knows.
    """
    classes = max(2, facts.num_classes)
    metric = "log_loss" if facts.num_classes and facts.num_validation_rows >= 50 else None
    return Recipe(
        network=ModelConfig(
            encoders={"text": NgramBagConfig(width=max(8, classes), num_buckets=1 << 18)},
            trunk=PerceptronConfig(),
            head=DiagonalHeadConfig(),
        ),
        objective=CrossEntropyConfig(),
        training=TrainingConfig(
            batch_size=64,
            epochs=5,
            optimizer=AdagradConfig(rate=0.05),
            schedule=LinearConfig(warmup=0.0),
            validation=ValidationConfig(every=0.5, metric=metric, is_maximised=False),
        ),
        answering=AnsweringConfig(batch_size=256),
        reasons={
            "network": f"{facts.num_rows:,} texts of about {facts.median_tokens} words: counted "
            "word sequences with naive-Bayes weights are quick and hard to beat at this size",
        },
    )
