"""Log-mel bands."""

import numpy as np
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.log_mel import LogMel, mel_triangles


def by_hand(sound, rate, num_bands, window, hop, size):
    """The same, frame by frame and bin by bin, with NumPy's transform."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    left = (size - window) // 2
    padded = np.pad(sound, size // 2)
    mel = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    edges = 700 * (10 ** (np.linspace(0, mel(rate / 2), num_bands + 2) / 2595) - 1)
    rows = []
    for start in range(0, len(padded) - size + 1, hop):
        frame = np.zeros(size)
        frame[left : left + window] = padded[start + left : start + left + window] * hann
        power = np.abs(np.fft.rfft(frame)) ** 2
        bands = []
        for low, peak, high in zip(edges, edges[1:], edges[2:]):
            total = 0.0
            for place, value in enumerate(power):
                hertz = place * rate / size
                if low < hertz <= peak:
                    total += value * (hertz - low) / (peak - low)
                elif peak < hertz < high:
                    total += value * (high - hertz) / (high - peak)
            bands.append(np.log(total + 1e-8))
        rows.append(bands)
    return np.array(rows).T


def test_bands_are_those_worked_out_by_hand() -> None:
    rate, chance = 4000, np.random.default_rng(0)
    sound = chance.normal(size=700) * 0.1 + np.sin(np.arange(700) * 0.9)
    layer = LogMel(rate, num_bands=12).double()
    found, valid = layer(torch.from_numpy(sound)[None])
    wanted = by_hand(sound, rate, 12, window=100, hop=40, size=128)
    assert found.shape[1:] == wanted.shape
    np.testing.assert_allclose(found[0].numpy(), wanted, atol=1e-5)
    # 700 samples at 40 a frame: 17.5, so 18 frames begin in the sound.
    assert int(valid.sum()) == 18


def test_a_tone_is_loudest_in_the_band_of_its_pitch() -> None:
    layer = LogMel(8000, num_bands=40)
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(4000) / 8000)
    found, _ = layer(tone[None])
    # 1000 Hz is 1000 mel (by definition, nearly); the highest edge is 2146 mel, in 41 steps.
    assert int(found[0, :, 20].argmax()) == round(1000 / (2146.06 / 41)) - 1


def test_padding_changes_nothing_before_the_end() -> None:
    layer = LogMel(4000, num_bands=8)
    sound = torch.randn(1, 800)
    longer = torch.cat([sound, torch.full((1, 333), torch.nan)], dim=1)
    alone, valid = layer(sound)
    padded, longer_valid = layer(longer)
    count = int(valid.sum())
    assert int(longer_valid.sum()) == count
    torch.testing.assert_close(padded[:, :, :count], alone[:, :, :count])


def test_triangles_cross_at_one_half() -> None:
    found = mel_triangles(16000, 4096, 10)
    inside = found.sum(dim=0)[100:1500]
    torch.testing.assert_close(inside, torch.ones_like(inside), atol=1e-4, rtol=0)


@pytest.mark.parametrize("wrong", [{"num_bands": 0}, {"hop_s": 0.0}, {"window_s": 0.0001}])
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match="window_s and hop_s"):
        LogMel(8000, **wrong)
