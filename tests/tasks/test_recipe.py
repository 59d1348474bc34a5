import pytest

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.data.augmentation import AugmentationConfig
from lamina.networks.model import ModelConfig
from lamina.tasks.recipe import AnsweringConfig, Recipe


def test_how_to_answer_survives_a_document():
    config = AnsweringConfig(views=6, batch_size=3, is_calibrated=False)
    assert from_document(AnsweringConfig, to_document(config), where="answering") == config


@pytest.mark.parametrize("changes", [{"views": 0}, {"batch_size": 0}])
def test_nothing_can_be_answered_in_no_batch_or_view(changes):
    with pytest.raises(ConfigError, match="must be at least 1, got"):
        AnsweringConfig(**changes)


@pytest.mark.parametrize(("flip", "most"), [("none", 5), ("random", 6)])
def test_more_views_than_there_are_fail_before_training(flip, most):
    def recipe(views):
        return Recipe(
            network=ModelConfig(),
            augmentation=AugmentationConfig(flip=flip),
            answering=AnsweringConfig(views=views),
        )

    assert recipe(most).answering.views == most
    with pytest.raises(ConfigError, match=f"answering.views must be from 1 to {most} .*{flip}"):
        recipe(most + 1)
