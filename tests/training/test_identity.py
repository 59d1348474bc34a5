import dataclasses

import pytest
import torch

from lamina.core.errors import BundleError
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution
from lamina.training.identity import check_identity, training_identity

INDEX = torch.arange(60)


def test_equal_settings_have_one_identity_and_others_another():
    config = TrainingConfig(epochs=12, rates={"a": 1})
    same = TrainingConfig(epochs=12.0, rates={"a": 1.0}, execution=Execution(threads=2))
    identity = training_identity(config, INDEX, 0)
    assert identity == training_identity(same, INDEX, 0)
    assert identity != training_identity(config, INDEX, 1)
    assert identity != training_identity(config, INDEX[:-1], 0)
    assert identity != training_identity(dataclasses.replace(config, clip=1.0), INDEX, 0)


def test_what_changed_is_named():
    document = {"identity": "a", "parts": {"the data": "1", "the plan": "2"}}
    check_identity(document, identity="a", parts={"the data": "1", "the plan": "2"})
    check_identity({"identity": "a"}, identity="a", parts={"the data": "1"})
    with pytest.raises(BundleError, match="another training: the plan differ"):
        check_identity(document, identity="a", parts={"the data": "1", "the plan": "3"})
    with pytest.raises(BundleError, match="another training: the data, the plan differ"):
        check_identity(document, identity="a", parts={})
    with pytest.raises(BundleError, match="another training: config, seed or samples differ"):
        check_identity({"identity": "b"}, identity="a", parts={})
