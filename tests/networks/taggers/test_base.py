"""The contracts of a tagger's parts."""

from typing import final

import torch

from lamina.networks.taggers.base import (
    AbstractContext,
    AbstractContextConfig,
    AbstractSpeller,
    AbstractSpellerConfig,
)
from lamina.networks.taggers.whole import TaggerConfig
from tests.networks.taggers.made import OUTPUT, SPEC, inputs, lengths


@final
class _Count(AbstractSpeller):
    out_features = 1

    def forward(self, letters: torch.Tensor) -> torch.Tensor:
        return (letters > 0).sum(dim=1, keepdim=True).float()


class _CountConfig(AbstractSpellerConfig):
    def build(self, num_letters: int) -> _Count:
        del num_letters
        return _Count()


@final
class _Nothing(AbstractContext):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.out_features = in_features

    def forward(self, words: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        del valid
        return words


class _NothingConfig(AbstractContextConfig):
    def build(self, in_features: int) -> _Nothing:
        return _Nothing(in_features)


def test_parts_of_others_that_keep_the_contract_make_a_tagger() -> None:
    config = TaggerConfig(embedding_width=6, speller=_CountConfig(), context=_NothingConfig())
    model = config.build([SPEC], [OUTPUT]).eval()
    assert model.out_features == 6 + 8 + 1
    with torch.no_grad():
        (found,) = model(inputs()).values()
    assert (found[:, 2:] > 0).sum(dim=1).tolist() == lengths().tolist()
