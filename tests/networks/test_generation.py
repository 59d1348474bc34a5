"""Writing on."""

import pytest
import torch

from lamina.core.errors import ConfigError, DataError
from lamina.networks.decoder import DecoderConfig
from lamina.networks.generation import SamplingConfig, draw_tokens, write_on

SCORES = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().repeat(4, 1)[:, [2, 0, 3, 1]]
"""Token 1 has probability .5, token 3 .3, token 0 .15, token 2 .05."""


@pytest.mark.parametrize(
    ("config", "chances", "tokens"),
    [
        (SamplingConfig(), [0.0, 0.49, 0.51, 0.97], [1, 1, 3, 2]),
        (SamplingConfig(temperature=0.0), [0.0, 0.5, 0.9, 0.99], [1, 1, 1, 1]),
        (SamplingConfig(top_k=2), [0.62, 0.63, 0.99, 0.0], [1, 3, 3, 1]),
        (SamplingConfig(top_p=0.5), [0.0, 0.3, 0.6, 0.999], [1, 1, 1, 1]),
        (SamplingConfig(top_p=0.81), [0.52, 0.53, 0.85, 0.999], [1, 3, 0, 0]),
        (SamplingConfig(temperature=0.5), [0.68, 0.69, 0.94, 0.9999], [1, 3, 0, 2]),
    ],
)
def test_draws_worked_out_by_hand(config, chances, tokens) -> None:
    assert draw_tokens(SCORES, config, torch.tensor(chances)).tolist() == tokens


def test_draws_follow_the_probabilities() -> None:
    chance = torch.rand(20_000, generator=torch.Generator().manual_seed(0))
    drawn = draw_tokens(SCORES[:1].expand(len(chance), -1), SamplingConfig(), chance)
    shares = torch.bincount(drawn, minlength=4) / len(chance)
    torch.testing.assert_close(shares, SCORES[0].exp(), atol=0.01, rtol=0)


def _decoder():
    decoder = DecoderConfig(depth=2, width=16, num_heads=2).build(7).eval()
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return decoder


def test_the_likeliest_text_is_that_of_reading_all_again() -> None:
    decoder, prompt = _decoder(), torch.tensor([[1, 2], [3, 4]])
    greedy = SamplingConfig(temperature=0.0)
    found = torch.stack(list(write_on(decoder, prompt, num_tokens=12, config=greedy)), 1)
    text = prompt
    with torch.inference_mode():
        for _ in range(12):
            text = torch.cat([text, decoder(text)[:, -1].argmax(1, keepdim=True)], 1)
    assert found.tolist() == text[:, 2:].tolist()


def test_a_text_does_not_depend_on_the_one_beside_it() -> None:
    decoder, prompt = _decoder(), torch.tensor([[1, 2], [3, 4]])
    both = torch.stack(list(write_on(decoder, prompt, num_tokens=9, seed=3)), 1)
    again = torch.stack(list(write_on(decoder, prompt[:1], num_tokens=9, seed=3)), 1)
    other = torch.stack(list(write_on(decoder, prompt[:1], num_tokens=9, seed=4)), 1)
    assert both[:1].tolist() == again.tolist() != other.tolist()


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(DataError, match="temperature must be 0 or above, got -1"):
        SamplingConfig(temperature=-1)
    with pytest.raises(DataError, match=r"top_p must be in \(0, 1\], got 0"):
        SamplingConfig(top_p=0)
    with pytest.raises(DataError, match="top_k must be at least 1, got 0"):
        SamplingConfig(top_k=0)
    with pytest.raises(ConfigError, match=r"at least one token in each row, got shape \(1, 0\)"):
        next(write_on(_decoder(), torch.zeros(1, 0, dtype=torch.int64), num_tokens=1))
