"""Series: random kernels with a head in closed form.

Series mostly come in tens or hundreds, each with hundreds of steps. Thousands of convolutions that
are not learnt, with a ridge regression on what they answer, need no more than that, take seconds,
and know without validation rows how strong the penalty must be.

Source: Dempster et al. 2023, "Hydra", arXiv:2203.13652; Tan et al. 2022, "MultiRocket",
arXiv:2102.00457. Differs: see `networks.random_kernels`.
"""

from lamina.networks.model import ModelConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.networks.random_kernels import RandomKernelsConfig
from lamina.networks.ridge import RidgeHeadConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig


def series_recipe(facts: Facts) -> Recipe:
    """Return the recipe for series.

    Args:
        facts: What the planner knows.
    """
    spec = facts.inputs_of("series")[0]
    channels = f" of {spec.shape[0]} channels" if spec.shape[0] > 1 else ""
    return Recipe(
        network=ModelConfig(
            encoders={"series": RandomKernelsConfig(num_thresholds=3000)},
            trunk=PerceptronConfig(),
            head=RidgeHeadConfig(),
        ),
        objective=CrossEntropyConfig(),
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
        },
    )
