"""Pairs of texts: one reader for both, and what each says beside what the other says.

Source: Conneau et al. 2017, arXiv:1705.02364; Parikh et al. 2016, arXiv:1606.01933. Differs: texts
are brought to few numbers before they are compared. With hundreds of them single pairs were learnt
by heart: see docs/log.md.
"""

from dataclasses import replace

from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.pairs.siamese import SiameseConfig
from lamina.networks.pairs.whole import PairConfig
from lamina.networks.text_cnn import TextCNNConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

MOST_EPOCHS = 12.0
"""Passes through the pairs beyond which single ones are learnt by heart."""

STEPS = 1_500
"""Steps that few pairs take."""


def pair_recipe(facts: Facts, usual: Recipe) -> Recipe:
    """Return the recipe for pairs of texts.

    Args:
        facts: What the planner knows; `pair` says why the texts are compared.
        usual: The recipe that reads each text for itself.
    """
    assert isinstance(usual.network, ModelConfig), "a recipe of a kind of input"
    others = {k: part for k, part in usual.network.encoders.items() if k != "text"}
    published = facts.pretrained.get("text")
    network = PairConfig(
        reader=published or TextCNNConfig(sizes=(1, 2, 3), num_filters=60, max_length=256),
        comparison=SiameseConfig(width=16),
        joined=ModelConfig(encoders=others, trunk=MLPConfig(depth=1, width=200, dropout=0.2)),
    )
    why = f"{facts.pair}: one reader reads both, and what it knows of each is put side by side"
    told = {"network": why, "data.fitting.is_joint": "one reader reads both texts"}
    if published is not None:
        return replace(usual, network=network, reasons={**usual.reasons, **told})
    batch = 128 if facts.num_rows >= 5_000 else 32
    epochs = min(MOST_EPOCHS, max(6.0, STEPS * batch / max(facts.num_rows, 1)))
    is_judged = facts.num_validation_rows >= 50 and bool(facts.num_classes)
    return Recipe(
        network=network,
        training=TrainingConfig(
            batch_size=batch,
            epochs=round(epochs, 1),
            optimizer=AdamWConfig(rate=0.003, weight_decay=0.01),
            schedule=LinearConfig(warmup=0.05),
            clip=1.0,
            validation=ValidationConfig(
                metric="log_loss" if is_judged else None, is_maximised=False
            ),
        ),
        answering=AnsweringConfig(batch_size=256),
        max_epochs=MOST_EPOCHS,
        reasons={
            **told,
            "network.comparison": "texts brought to few numbers are compared by what they are "
            "about, and not learnt by heart",
            "budget.max_epochs": "more passes would learn single pairs by heart",
        },
    )
