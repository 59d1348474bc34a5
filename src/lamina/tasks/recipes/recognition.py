"""Recognition: the network of the inputs' kind, with a head for embeddings.

Source: Deng et al. 2019, "ArcFace", arXiv:1801.07698. Differs: Muon for the convolutions, a scale
for few identities.
"""

from dataclasses import replace

from lamina.data.augmentation import AugmentationConfig
from lamina.networks.angular import AngularHeadConfig
from lamina.networks.model import ModelConfig
from lamina.objectives.angular import AngularMarginConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.tabular import MIN_VALIDATION_ROWS
from lamina.training.config import ValidationConfig
from lamina.training.optimizers import AdamWConfig, MuonConfig
from lamina.training.schedules import LinearConfig

_MOST_EPOCHS = 60.0


def recognition_recipe(facts: Facts) -> Recipe:
    """Return the recipe for identities.

    Args:
        facts: What the planner knows.
    """
    base = choose_recipe(facts, task="classification")
    assert isinstance(base.network, ModelConfig), "encoders, trunk and head"
    has_pictures = "image" in facts.kinds
    epochs = min(base.training.epochs or _MOST_EPOCHS, _MOST_EPOCHS)
    is_judged = facts.num_validation_rows >= MIN_VALIDATION_ROWS
    return replace(
        base,
        network=replace(base.network, head=AngularHeadConfig()),
        objective=AngularMarginConfig(),
        augmentation=_changes(facts) if has_pictures else base.augmentation,
        training=replace(
            base.training,
            batch_size=min(base.training.batch_size, max(16, facts.num_rows // 10)),
            epochs=epochs,
            optimizer=MuonConfig(
                rate=0.02, weight_decay=0.01, rest=AdamWConfig(rate=0.002, weight_decay=0.01)
            ),
            schedule=LinearConfig(warmup=0.05),
            rates={},
            clip=5.0,
            validation=ValidationConfig(
                every=max(1.0, round(epochs / 10)),
                metric="verification_auc" if is_judged else None,
            ),
        ),
        answering=AnsweringConfig(
            views=1, batch_size=base.answering.batch_size, is_calibrated=False
        ),
        reasons={
            **base.reasons,
            "network.head": "an embedding and a centre for each identity; identities that come "
            "later need no new training",
            "objective": "samples must be closer to their own centre by an angle, so that those "
            "never seen fall apart, too",
        },
    )


def _changes(facts: Facts) -> AugmentationConfig:
    """Return small changes: what tells identities apart lies in details and in their places."""
    spec = facts.inputs_of("image")[0]
    is_coloured = spec.shape[0] == 3
    return AugmentationConfig(
        flip="random" if is_coloured else "none",
        translate=max(1, round(min(spec.shape[1:]) / 16)),
        rotate=8.0,
        scale=0.1,
        brightness=0.2,
        contrast=0.2,
    )
