"""Dropout and stochastic depth."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.random import draws
from lamina.networks.layers.dropout import (
    ChannelDropout,
    Dropout,
    EmbeddingDropout,
    StochasticDepth,
    check_rate,
    drop,
)


@pytest.mark.parametrize("layer", [Dropout(0.5), StochasticDepth(0.5)])
def test_the_mask_does_not_depend_on_the_split(layer) -> None:
    rows = torch.ones(8, 5)
    with draws(1, 2, start=0, batch_size=8):
        whole = layer(rows)
    with draws(1, 2, start=3, batch_size=8):
        part = layer(rows[3:])
    assert torch.equal(part, whole[3:])
    with draws(1, 3, start=0, batch_size=8):
        assert not torch.equal(layer(rows), whole)


def test_channels_are_dropped_whole_and_whatever_the_split() -> None:
    layer, maps = ChannelDropout(0.5), torch.ones(8, 20, 3, 2)
    with draws(1, 2, start=0, batch_size=8):
        whole = layer(maps)
    with draws(1, 2, start=3, batch_size=8):
        assert torch.equal(layer(maps[3:]), whole[3:])
    assert set(whole.sum(dim=(2, 3)).unique().tolist()) == {0.0, 12.0}
    assert layer.eval()(maps) is maps


def test_tokens_are_dropped_wherever_they_come_and_whatever_the_split() -> None:
    layer, tokens = EmbeddingDropout(0.5, 40), torch.arange(80).reshape(8, 10) % 40
    with draws(1, 2, start=0, batch_size=8):
        whole = layer(torch.ones(8, 10, 3), tokens)
    with draws(1, 2, start=3, batch_size=8):
        assert torch.equal(layer(torch.ones(5, 10, 3), tokens[3:]), whole[3:])
    assert torch.equal(whole[:4], whole[4:])
    assert set(whole.sum(dim=2).unique().tolist()) == {0.0, 6.0}
    vectors = torch.ones(8, 10, 3)
    assert layer.eval()(vectors, tokens) is vectors


def test_the_mean_stays() -> None:
    torch.manual_seed(0)
    dropped = Dropout(0.25)(torch.ones(400, 100))
    assert abs(float(dropped.mean()) - 1.0) < 0.02
    assert abs(float((dropped == 0).float().mean()) - 0.25) < 0.02
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_stochastic_depth_drops_whole_samples() -> None:
    torch.manual_seed(0)
    dropped = StochasticDepth(0.5)(torch.ones(50, 3, 4))
    sums = dropped.sum(dim=(1, 2))
    assert set(sums.tolist()) == {0.0, 24.0}


@pytest.mark.parametrize("layer", [Dropout(0.5), StochasticDepth(0.5)])
def test_nothing_is_dropped_in_eval_mode(layer) -> None:
    rows = torch.ones(4, 3)
    assert layer.eval()(rows) is rows


def test_the_dtype_stays() -> None:
    assert drop(torch.ones(2, 2, dtype=torch.bfloat16), 0.5, (2, 2)).dtype == torch.bfloat16


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_wrong_rate_is_explained(rate) -> None:
    with pytest.raises(ConfigError, match="Use 0 to turn it off"):
        check_rate("dropout", rate)
