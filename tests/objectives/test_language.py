"""Loss of texts."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.objectives.language import NextTokenConfig, next_token


def test_it_is_the_mean_over_tokens() -> None:
    nats, tokens = torch.tensor([6.0, 0.0]), torch.tensor([3.0, 0.0])
    assert next_token(nats, tokens).tolist() == [2.0, 0.0]
    assert NextTokenConfig().build()(nats, tokens).tolist() == [2.0, 0.0]


def test_smoothing_spreads_a_share_over_the_vocabulary() -> None:
    output, target = torch.tensor([[6.0, 12.0]]), torch.tensor([3])
    smoothed = NextTokenConfig(label_smoothing=0.25).build()
    assert smoothed(output, target).tolist() == [0.75 * 2.0 + 0.25 * 4.0]
    with pytest.raises(ConfigError, match="label_smoothing"):
        NextTokenConfig(label_smoothing=1.0)
