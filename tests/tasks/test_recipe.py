import pytest

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.tasks.recipe import AnsweringConfig


def test_how_to_answer_survives_a_document():
    config = AnsweringConfig(views=6, batch_size=3, is_calibrated=False)
    assert from_document(AnsweringConfig, to_document(config), where="answering") == config


@pytest.mark.parametrize("changes", [{"views": 0}, {"batch_size": 0}])
def test_nothing_can_be_answered_in_no_batch_or_view(changes):
    with pytest.raises(ConfigError, match="must be at least 1, got"):
        AnsweringConfig(**changes)
