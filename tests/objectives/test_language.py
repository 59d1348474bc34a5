"""Loss of texts."""

import torch

from lamina.objectives.language import NextTokenConfig, next_token


def test_it_is_the_mean_over_tokens() -> None:
    nats, tokens = torch.tensor([6.0, 0.0]), torch.tensor([3.0, 0.0])
    assert next_token(nats, tokens).tolist() == [2.0, 0.0]
    assert NextTokenConfig().build()(nats, tokens).tolist() == [2.0, 0.0]
