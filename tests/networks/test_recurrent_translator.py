"""Recurrent network that reads one text and writes another."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.recurrent_translator import RecurrentTranslatorConfig


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="width even"):
        RecurrentTranslatorConfig(width=7)
    with pytest.raises(ConfigError, match="recurrent cell"):
        RecurrentTranslatorConfig(cell="gruu")


def test_gates_are_no_matrices() -> None:
    translator = RecurrentTranslatorConfig(width=8).build(9, 9, is_shared=True)
    hints = translator.parameter_hints()
    names = {name for name, _ in translator.named_parameters()}
    assert set(hints) <= names
    assert {name for name in names if "weight_hh" in name} <= set(hints)
    assert "key.weight" not in hints


def test_the_order_of_what_is_read_counts() -> None:
    torch.manual_seed(1)
    translator = RecurrentTranslatorConfig(width=8).build(9, 9, is_shared=True).eval()
    tokens = torch.tensor([[2, 4]])
    one, other = (translator.read(torch.tensor([row])) for row in ([3, 4, 5], [5, 4, 3]))
    assert not torch.allclose(translator.states(tokens, one), translator.states(tokens, other))
