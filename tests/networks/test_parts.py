"""The three roles."""

import pytest
import torch

from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, AbstractTrunk
from lamina.networks.table import NETWORKS


def test_defaults_of_a_part() -> None:
    encoder = AbstractEncoder()
    encoder.out_features = 5
    assert encoder.blocks() == (5,)
    assert encoder.initialise(torch.ones(1), {}) is None
    assert AbstractTrunk().num_members == 1


def test_an_abstract_config_builds_nothing() -> None:
    with pytest.raises(TypeError, match="abstract method"):
        AbstractEncoderConfig()


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_plays_a_role(name) -> None:
    kind = NETWORKS[name].value
    assert kind.role in ("encoder", "trunk", "head")
    assert (kind.role == "encoder") == bool(getattr(kind, "kinds", ()))
