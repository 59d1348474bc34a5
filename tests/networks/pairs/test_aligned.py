"""Words beside their like."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.ngram_bag import NgramBagConfig
from lamina.networks.pairs.aligned import AlignedConfig, _found
from lamina.networks.text_cnn import TextCNNConfig
from tests.networks.specs import text_spec


def test_each_word_finds_the_mean_of_its_like_and_no_padding() -> None:
    # e to the scores is 1 and 3 for the two words, so a quarter of the first: .25 · 4 + .75 · 8.
    scores = torch.tensor([[[0.0, 1.0986123, 50.0]]])
    words = torch.tensor([[[4.0], [8.0], [1e9]]])
    valid = torch.tensor([[True, True, False]])
    torch.testing.assert_close(_found(scores, words, valid), torch.tensor([[[7.0]]]))


def test_what_the_reader_leaves_out_is_not_aligned() -> None:
    reader = TextCNNConfig(max_length=2).build(text_spec()).eval()
    compare = AlignedConfig().build(reader).eval()
    long, short = torch.tensor([[3, 4, 5, 6]]), torch.tensor([[3, 4]])
    torch.testing.assert_close(compare(reader, long, long), compare(reader, short, short))


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="width must be at least 1"):
        AlignedConfig(width=0)
    with pytest.raises(ConfigError, match="comparison to siamese"):
        AlignedConfig().build(NgramBagConfig(num_buckets=64).build(text_spec()))
