"""Loss of tags of words."""

import torch

from lamina.objectives.tagging import AllTagsConfig, all_tags


def test_every_word_weighs_the_same() -> None:
    nats, words = torch.tensor([6.0, 1.0]), torch.tensor([3.0, 1.0])
    assert all_tags(nats, words).tolist() == [6.0, 1.0]
    assert AllTagsConfig().build()(nats, words).tolist() == [6.0, 1.0]
