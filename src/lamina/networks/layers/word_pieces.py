"""How words begin and end, from their ids."""

from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.core.spelling import NUM_PIECES, pieces_beyond


@final
class WordPieces(nn.Module):
    """Checksums of the beginning and of the ending of each token.

    Args:
        spec: What the data says about the text; it must hold `spellings`.

    Shape:
        int64 [...] → [..., 2], beginnings below `NUM_PIECES`, endings from there to its double.

    Source:
        arXiv:1607.04606. Differs: two pieces per word.
    """

    spellings: Tensor

    def __init__(self, spec: InputSpec) -> None:
        super().__init__()
        # It follows from the vocabulary, so it is not part of the weights.
        table = torch.as_tensor(spec.spellings, dtype=torch.int64)
        self.register_buffer("spellings", table, persistent=False)
        self.vocabulary_size = spec.vocabulary_size

    @override
    def forward(self, ids: Tensor) -> Tensor:
        is_word = ids < self.vocabulary_size
        own = self.spellings[torch.where(is_word, ids, 0)]
        beyond = torch.stack(pieces_beyond(ids, vocabulary_size=self.vocabulary_size), dim=-1)
        pieces = torch.where(is_word.unsqueeze(-1), own, beyond)
        return pieces + torch.tensor([0, NUM_PIECES], device=ids.device)
