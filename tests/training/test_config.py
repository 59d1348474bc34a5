"""The config to and from documents, and what it refuses."""

import json

import pytest

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.training.config import (
    TrainingConfig,
    ValidationConfig,
)
from lamina.training.execution import Execution
from lamina.training.optimizers import OPTIMIZERS, MuonConfig, SGDConfig
from lamina.training.rules.backpropagation import BackpropagationConfig
from lamina.training.schedules import SCHEDULES, FlatCosineConfig

CONFIGS = [
    TrainingConfig(),
    TrainingConfig(
        batch_size=7,
        micro_batch_size=3,
        steps=5,
        drop_last=True,
        rule=BackpropagationConfig(l1=0.1),
        optimizer=MuonConfig(rest=SGDConfig(rate=0.3)),
        decay_schedule=FlatCosineConfig(),
        clip=1.0,
        average=0.99,
        rates={"head.*": 0.1},
        validation=ValidationConfig(metric="accuracy", patience=3),
        execution=Execution(threads=2, dtype="bfloat16", channels_last=True),
    ),
    *[TrainingConfig(optimizer=entry.value()) for entry in OPTIMIZERS.values()],
    *[TrainingConfig(schedule=entry.value()) for entry in SCHEDULES.values()],
]


@pytest.mark.parametrize("config", CONFIGS)
def test_documents_round_trip_through_text(config):
    text = json.dumps(to_document(config))
    assert from_document(TrainingConfig, json.loads(text), where="training") == config


def test_a_short_document_keeps_defaults():
    document = {"epochs": 3, "optimizer": "sgd", "schedule": {"name": "linear"}}
    config = from_document(TrainingConfig, document, where="training")
    assert (config.epochs, config.batch_size) == (3.0, 256)
    assert config.optimizer == SGDConfig()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"optimizer": "adamv"}, "Did you mean 'adam"),
        ({"optimizer": {"name": "sgd", "rat": 1}}, "Did you mean 'rate'"),
        ({"epoch": 3}, "Did you mean 'epochs'"),
        ({"batch_size": "many"}, "training.batch_size must be int"),
        ({"batch_size": 0}, "at least 1"),
        ({"micro_batch_size": 0}, "at least 1"),
        ({"epochs": 0}, "above 0"),
        ({"clip": 0}, "null to turn it off"),
        ({"average": 1.0}, r"in \(0, 1\)"),
        ({"validation": {"every": 0}}, "above 0 epochs"),
        ({"validation": {"patience": 3}}, "needs a metric"),
    ],
)
def test_wrong_settings_are_answered(document, message):
    with pytest.raises(ConfigError, match=message):
        from_document(TrainingConfig, document, where="training")


def test_a_part_of_no_table_cannot_be_written():
    class Own:
        pass

    with pytest.raises(ConfigError, match="in no row of its table"):
        to_document(TrainingConfig(schedule=Own()))


def test_numbers_of_steps():
    config = TrainingConfig(batch_size=32, epochs=2.5)
    assert config.steps_per_epoch(100) == 4
    assert config.total_steps(100) == 10
    assert TrainingConfig(batch_size=32, steps=7).total_steps(100) == 7
    assert TrainingConfig(batch_size=32, epochs=0.01).total_steps(100) == 1
    with pytest.raises(ConfigError, match="make no batch"):
        TrainingConfig(batch_size=32, drop_last=True).steps_per_epoch(31)
