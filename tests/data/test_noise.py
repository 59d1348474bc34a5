"""Noise for sounds and series."""

import torch

from lamina.data.noise import noise_for


def made(shape: tuple[int, ...], dullness: float, strength: float = 0.5) -> torch.Tensor:
    torch.manual_seed(0)
    rows = torch.full(shape[:1], 1.0)
    return noise_for(3 * torch.randn(shape), torch.rand(shape), strength * rows, dullness * rows)


def test_noise_is_as_strong_as_is_said_whatever_its_colour() -> None:
    for dullness in (0.0, 0.5, 0.9):
        found = made((20, 4000), dullness)
        assert abs(found.std() - 1.5) < 0.05
        assert abs(found.mean()) < 0.05


def test_dull_noise_holds_on_to_its_last_sample() -> None:
    for dullness in (0.0, 0.5):
        found = made((20, 4000), dullness)
        kept = (found[:, 1:] * found[:, :-1]).mean() / found.square().mean()
        assert abs(kept - dullness) < 0.02


def test_padding_gets_none_and_changes_nothing() -> None:
    torch.manual_seed(0)
    series, draws = torch.randn(2, 30, 2), torch.rand(2, 30, 2)
    padded, more = torch.full((2, 40, 2), torch.nan), torch.rand(2, 40, 2)
    padded[:, :30], more[:, :30] = series, draws
    strength, dullness = torch.full((2,), 0.3), torch.full((2,), 0.4)
    short = noise_for(series, draws, strength, dullness)
    torch.testing.assert_close(noise_for(padded, more, strength, dullness)[:, :30], short)


def test_a_level_signal_gets_none() -> None:
    noise = noise_for(torch.ones(1, 50), torch.rand(1, 50), torch.ones(1), torch.zeros(1))
    assert noise.abs().max() == 0
