"""What reads the letters of words."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.networks.taggers.spellers import (
    SPELLERS,
    ConvolutionSpellerConfig,
    RecurrentSpellerConfig,
)

LETTERS = torch.tensor([[2, 3, 4, 0, 0], [4, 3, 2, 0, 0], [5, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


def _built(name):
    torch.manual_seed(0)
    return SPELLERS[name].value().build(7).eval()


@pytest.mark.parametrize("name", SPELLERS)
def test_words_become_features_that_know_the_order_of_letters(name) -> None:
    speller = _built(name)
    with torch.no_grad():
        found = speller(LETTERS)
    assert found.shape == (4, speller.out_features)
    assert found.isfinite().all()
    assert not torch.allclose(found[0], found[1])


@pytest.mark.parametrize("name", SPELLERS)
def test_padding_changes_nothing(name) -> None:
    speller = _built(name)
    with torch.no_grad():
        torch.testing.assert_close(speller(F.pad(LETTERS, (0, 4))), speller(LETTERS))


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="reach odd"):
        ConvolutionSpellerConfig(reach=4)
    with pytest.raises(ConfigError, match="must be at least 1"):
        RecurrentSpellerConfig(width=0)
