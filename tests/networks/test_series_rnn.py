"""The recurrent encoder of series."""

import pytest
import torch

from lamina.core.errors import ConfigError, LaminaError
from lamina.networks.series_rnn import SeriesRNNConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import series_spec


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_it_keeps_the_contract(cell) -> None:
    check_network(SeriesRNNConfig(cell=cell, width=8))


def test_it_keeps_the_contract_with_steps_read_together() -> None:
    check_network(SeriesRNNConfig(width=8, depth=1, steps_together=4, pooling="max"))


def test_steps_are_read_in_runs_and_the_last_one_may_be_shorter() -> None:
    torch.manual_seed(0)
    network = SeriesRNNConfig(width=8, depth=1, steps_together=4).build(series_spec()).eval()
    lengths = []
    network.layers[0].register_forward_hook(lambda *told: lengths.append(told[2].shape[1]))
    for steps in (1, 4, 5, 9):
        network(torch.randn(2, steps, 1))
    assert lengths == [1, 1, 2, 3]


@pytest.mark.parametrize(
    "wrong", [{"depth": 0}, {"steps_together": 0}, {"dropout": 1.0}, {"scale": "all"}]
)
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        SeriesRNNConfig(**wrong)


@pytest.mark.parametrize("wrong", [{"cell": "gruu"}, {"pooling": "maxi"}])
def test_unknown_names_are_explained(wrong) -> None:
    with pytest.raises(LaminaError, match=next(iter(wrong.values()))):
        SeriesRNNConfig(**wrong)
