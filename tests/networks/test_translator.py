"""Transformer that reads one text and writes another."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.translator import TranslatorConfig


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="depth_read and depth_written"):
        TranslatorConfig(depth_written=0)
    with pytest.raises(ConfigError, match="num_heads"):
        TranslatorConfig(width=10, num_heads=4)
    with pytest.raises(ConfigError, match="dropout"):
        TranslatorConfig(dropout=1.0)


def test_it_starts_as_one_table_that_scores_by_likeness() -> None:
    # Branches start at zero: what is written last is all that is known, and likes itself.
    translator = TranslatorConfig(width=32, dropout=0.0).build(9, 9, is_shared=True)
    tokens = torch.tensor([[2, 5, 7]])
    states = translator.states(tokens, translator.read(tokens))
    assert translator.scores(states).argmax(2).tolist() == tokens.tolist()
