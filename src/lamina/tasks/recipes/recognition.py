"""Recognition: the network of the inputs' kind, with a head for embeddings.

Source: Deng et al. 2019, "ArcFace", arXiv:1801.07698. Differs: Muon for the convolutions, a scale
for few identities. What is kept of a picture is all its places (as there): of faces and things that
are seen from one side, it counts what is where (see docs/log.md).
"""

import math
from dataclasses import replace

from lamina.data.augmentation import AugmentationConfig
from lamina.networks.angular import AngularHeadConfig
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.model import ModelConfig
from lamina.objectives.angular import AngularMarginConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.images import MAX_WIDTH, can_be_mirrored
from lamina.tasks.recipes.tabular import MIN_VALIDATION_ROWS
from lamina.training.config import ValidationConfig
from lamina.training.optimizers import AdamWConfig, MuonConfig
from lamina.training.schedules import LinearConfig

_MOST_EPOCHS = 60.0
_PLACES = 6  # rows or columns of places that are left of the shorter side


def recognition_recipe(facts: Facts) -> Recipe:
    """Return the recipe for identities.

    Args:
        facts: What the planner knows.
    """
    base = choose_recipe(facts, task="classification")
    assert isinstance(base.network, ModelConfig), "encoders, trunk and head"
    changes = _changes(facts) if "image" in facts.kinds else base.augmentation
    epochs = min(base.training.epochs or _MOST_EPOCHS, _MOST_EPOCHS)
    is_judged = facts.num_validation_rows >= MIN_VALIDATION_ROWS
    return replace(
        base,
        network=replace(
            base.network,
            encoders={
                kind: _encoder(encoder, facts) if isinstance(encoder, ConvNetConfig) else encoder
                for kind, encoder in base.network.encoders.items()
            },
            head=AngularHeadConfig(),
        ),
        objective=AngularMarginConfig(),
        augmentation=changes,
        training=replace(
            base.training,
            batch_size=max(16, min(max(base.training.batch_size, 50), facts.num_rows // 5)),
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
            views=2 if changes.flip != "none" else 1,
            batch_size=base.answering.batch_size,
            is_calibrated=False,
        ),
        reasons={
            **base.reasons,
            "network.head": "an embedding and a centre for each identity; identities that come "
            "later need no new training",
            "objective": "samples must be closer to their own centre by an angle, so that those "
            "never seen fall apart, too",
            "answering.views": "a vector is the mean over a picture and its mirror image"
            if changes.flip != "none"
            else "pictures are not mirrored",
        },
    )


def _encoder(base: ConvNetConfig, facts: Facts) -> ConvNetConfig:
    """Return the network without steps in its stem, as deep as leaves some places to tell apart."""
    side = min(facts.inputs_of("image")[0].shape[1:])
    num_groups = max(1, round(math.log2(max(side, 2) / _PLACES)))
    return replace(
        base,
        widths=tuple(min(MAX_WIDTH, base.widths[0] * 2**group) for group in range(num_groups)),
        stem_size=2,
        stem_stride=1,
        pooling="places",
        # Few batches of few pictures: the newest one must not speak for all.
        momentum=0.1,
    )


def _changes(facts: Facts) -> AugmentationConfig:
    """Return small changes: what tells identities apart lies in details and in their places."""
    spec = facts.inputs_of("image")[0]
    return AugmentationConfig(
        flip="random" if can_be_mirrored(spec) else "none",
        translate=max(1, round(min(spec.shape[1:]) / 16)),
        rotate=8.0,
        scale=0.1,
        brightness=0.2,
        contrast=0.2,
    )
