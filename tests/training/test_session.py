"""Stages of the loop that the tests of the loop do not show."""

import dataclasses

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.hooks import Hooks
from lamina.training.log import MemoryLogger
from lamina.training.loop import train
from lamina.training.session import _identity
from tests.training.tiny import TinyData, TinyNet, objective

DATA, INDEX = TinyData(60), torch.arange(60)


def fit(config, **hooks):
    return train(TinyNet(), DATA, INDEX, objective, config, seed=0, hooks=Hooks(**hooks))


def test_validation_comes_every_so_many_epochs_and_at_the_end():
    config = TrainingConfig(batch_size=10, epochs=2.5, validation=ValidationConfig(every=0.5))
    history = fit(config, validate=lambda model: {"a": 1.0}).history
    assert [record["step"] for record in history] == [3, 6, 9, 12, 15]
    assert history[1]["epoch"] == 1.0
    assert all(record["metrics"] == {"a": 1.0} for record in history)


def test_a_metric_that_is_not_measured_is_told():
    config = TrainingConfig(batch_size=10, epochs=1, validation=ValidationConfig(metric="auc"))
    with pytest.raises(ConfigError, match="gives no metric 'auc'; it gives accuracy"):
        fit(config, validate=lambda model: {"accuracy": 1.0})


def test_the_model_is_judged_in_evaluation_mode_and_trained_in_training_mode():
    modes = []

    def judging(outputs, batch):
        modes.append(("train", outputs["y"].requires_grad))
        return objective(outputs, batch)

    def validate(model):
        modes.append(("validate", model.training))
        return {}

    config = TrainingConfig(batch_size=60, epochs=2)
    train(TinyNet(), DATA, INDEX, judging, config, seed=0, hooks=Hooks(validate=validate))
    assert modes == [("train", True), ("validate", False)] * 2


def test_equal_settings_have_one_identity_and_others_another():
    config = TrainingConfig(epochs=12, rates={"a": 1})
    same = TrainingConfig(epochs=12.0, rates={"a": 1.0}, execution=Execution(threads=2))
    assert _identity(config, INDEX, 0) == _identity(same, INDEX, 0)
    assert _identity(config, INDEX, 0) != _identity(config, INDEX, 1)
    assert _identity(config, INDEX, 0) != _identity(config, INDEX[:-1], 0)
    other = dataclasses.replace(config, clip=1.0)
    assert _identity(config, INDEX, 0) != _identity(other, INDEX, 0)


def test_a_resumed_training_computes_as_it_began(tmp_path):
    config = TrainingConfig(batch_size=10, epochs=1, execution=Execution(threads=1))
    fit(config, checkpoints=CheckpointStore(tmp_path))
    logger = MemoryLogger()
    other = dataclasses.replace(config, execution=Execution(dtype="bfloat16"))
    fit(other, checkpoints=CheckpointStore(tmp_path), logger=logger)
    assert logger.records[0]["execution"] == dataclasses.asdict(Execution(threads=1))


def test_problems_of_the_store_reach_the_log(tmp_path):
    (tmp_path / "file").write_text("in the way")
    logger = MemoryLogger()
    result = fit(
        TrainingConfig(batch_size=10, epochs=1),
        checkpoints=CheckpointStore(tmp_path / "file" / "folder"),
        logger=logger,
    )
    assert not result.is_interrupted
    assert "could not save a checkpoint" in logger.records[-2]["message"]
