"""Which words two texts share, counted as they stand: what no summary of a text can hold.

How rare a word is says how much it counts; that is taken from the texts of training.

Source: Spärck Jones 1972 (words weighted by how rare they are); Wang et al. 2017, "Bilateral
multi-perspective matching for natural language sentences", arXiv:1702.03814, as an example of exact
matches beside learnt ones. Differs: shares of words and of pairs of words only.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.pairs.base import beside, width_beside

_FIRST_WORD = 2  # ids below are padding and what is no known token
_COUNTS = 3


class SharedWords(nn.Module):
    """Shares of the words, weighted words and pairs of words of either text that the other has.

    Args:
        vocabulary_size: Token ids; ids from there on are words outside the vocabulary.
        is_symmetric: Whether the features must not depend on which text is the first.

    Shape:
        first int64 [batch, length], second int64 [batch, length'] → float32 [batch, out_features].

    Source:
        Spärck Jones 1972.
    """

    rarity: Tensor

    def __init__(self, vocabulary_size: int, *, is_symmetric: bool) -> None:
        super().__init__()
        self.is_symmetric = is_symmetric
        self.out_features = width_beside(_COUNTS, is_symmetric=is_symmetric)
        # One more, for words outside the vocabulary.
        self.register_buffer("rarity", torch.ones(vocabulary_size + 1))

    def learn(self, texts: Tensor) -> None:
        """Take from texts how rare each word is.

        Args:
            texts: int64 [texts, length], 0 is padding.
        """
        ids = texts.clamp_max(len(self.rarity) - 1).sort(dim=1).values
        is_new = F.pad(ids[:, 1:] != ids[:, :-1], (1, 0), value=True)
        found_in = torch.bincount(ids[is_new], minlength=len(self.rarity))
        rarity = ((1 + len(texts)) / (1 + found_in)).log() + 1
        self.rarity.copy_(rarity / (math.log(1 + len(texts)) + 1))

    @override
    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        is_same = first.unsqueeze(2) == second.unsqueeze(1)
        is_same = is_same & (first >= _FIRST_WORD).unsqueeze(2)
        # Two words that follow each other in both texts.
        is_run = is_same & F.pad(is_same, (0, 1, 0, 1))[:, 1:, 1:]
        one = self._shares(first, is_same.any(dim=2), is_run.any(dim=2))
        other = self._shares(second, is_same.any(dim=1), is_run.any(dim=1))
        return beside(one, other, is_symmetric=self.is_symmetric)

    def _shares(self, text: Tensor, is_shared: Tensor, begins_run: Tensor) -> Tensor:
        """Return what share of a text's words, weighted words and pairs is shared, [batch, 3]."""
        is_word = (text >= _FIRST_WORD).float()
        weight = self.rarity[text.clamp_max(len(self.rarity) - 1)] * is_word
        shared = torch.stack((is_shared.float(), is_shared * weight, begins_run.float()), dim=2)
        pairs = is_word * F.pad(is_word, (0, 1))[:, 1:]
        whole = torch.stack((is_word, weight, pairs), dim=2)
        # Unlike a mean, a text without a word shares nothing.
        return shared.sum(dim=1) / whole.sum(dim=1).clamp_min(1e-6)
