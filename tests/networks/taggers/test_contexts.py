"""What reads the words around."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.dropout import SequenceDropout
from lamina.networks.taggers.contexts import (
    CONTEXTS,
    ConvolutionalContextConfig,
    RecurrentContextConfig,
)


@pytest.mark.parametrize("name", [name for name in CONTEXTS if name != "none"])
def test_a_place_knows_the_words_on_both_sides_and_no_padding(name) -> None:
    torch.manual_seed(0)
    context = CONTEXTS[name].value().build(12).eval()
    words = torch.randn(2, 5, 12)
    valid = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    with torch.no_grad():
        found = context(words, valid)
        assert found.shape == (2, 5, context.out_features)
        for place in (0, 2):
            changed = words.clone()
            changed[:, place] += 1.0
            moved = (context(changed, valid) - found).abs().amax(dim=2)
            assert (moved[1, :3] > 1e-6).all()
        changed = words.clone()
        changed[1, 3:] = 9.0
        torch.testing.assert_close(context(changed, valid)[1, :3], found[1, :3])


def test_nothing_hands_words_on_as_they_are() -> None:
    context, words = CONTEXTS["none"].value().build(12), torch.randn(2, 5, 12)
    assert context.out_features == 12
    assert torch.equal(context(words, torch.ones(2, 5, dtype=torch.bool)), words)


def test_dropout_is_the_same_at_every_word() -> None:
    torch.manual_seed(0)
    dropped = SequenceDropout(0.5).train()(torch.ones(3, 7, 40))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert 0.2 < float((dropped == 0).float().mean()) < 0.8
    assert torch.equal(SequenceDropout(0.5).eval()(dropped), dropped)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="depth and width"):
        RecurrentContextConfig(depth=0)
    with pytest.raises(ConfigError, match="dropout must be in"):
        RecurrentContextConfig(dropout=1.0)
    with pytest.raises(ConfigError, match="kernel_size"):
        ConvolutionalContextConfig(kernel_size=1)
