"""Stages of the loop that the tests of the loop do not show."""

import dataclasses

import pytest
import torch

from lamina.core.errors import BundleError, ConfigError
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.hooks import Hooks
from lamina.training.log import MemoryLogger
from lamina.training.loop import train
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


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    config = TrainingConfig(batch_size=10, epochs=1)
    fit(config, checkpoints=CheckpointStore(tmp_path), identity={"the data": "1"})
    fit(config, checkpoints=CheckpointStore(tmp_path), identity={"the data": "1"})
    with pytest.raises(BundleError, match="another training: the data differ"):
        fit(config, checkpoints=CheckpointStore(tmp_path), identity={"the data": "2"})


def test_a_training_that_stopped_early_tells_what_its_schedule_was_made_for():
    validation = ValidationConfig(every=1, metric="a", patience=2)
    config = TrainingConfig(batch_size=10, epochs=20, validation=validation)
    result = fit(config, validate=lambda model: {"a": 1.0})
    assert result.is_stopped_early
    assert (result.steps, result.total_steps) == (18, 120)


def test_a_metric_that_is_not_a_number_is_worse_than_all_others():
    values = iter([float("nan"), 0.2, 0.5, float("nan")])
    config = TrainingConfig(batch_size=10, epochs=4, validation=ValidationConfig(metric="a"))
    result = fit(config, validate=lambda model: {"a": next(values)})
    assert (result.best_step, result.best_value) == (18, 0.5)
    never = fit(config, validate=lambda model: {"a": float("nan")})
    assert (never.best_step, never.best_value) == (None, None)
