"""Vectors of words: one per word of the vocabulary, and the vectors of how it begins and ends.

Words outside the vocabulary have the vectors of their beginning and ending and share the rest, so
new forms of known words are understood in part.

Source: Mikolov et al. 2013, arXiv:1301.3781; Bojanowski et al. 2017, arXiv:1607.04606 (pieces).
Differs: the pieces are the first and the last letters only, hashed to few rows.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.records import InputSpec
from lamina.core.spelling import NUM_PIECES
from lamina.networks.hints import Hint
from lamina.networks.layers.embeddings import token_embedding
from lamina.networks.layers.word_pieces import WordPieces

_UNKNOWN = 1


class WordVectors(nn.Module):
    """Vectors of token ids; that of the padding is zero and stays so.

    Args:
        spec: What the data says about the text.
        width: Numbers per token.
        deviation: Standard deviation of the first values.

    Shape:
        int64 [batch, length] → [batch, length, width].

    Source:
        arXiv:1607.04606. Differs: two pieces per word.
    """

    pieces: nn.Parameter | None

    def __init__(self, spec: InputSpec, width: int, *, deviation: float) -> None:
        super().__init__()
        self.words = token_embedding(spec.vocabulary_size, width, deviation=deviation)
        self.pieces = self.spelt = None
        if spec.spellings is not None:
            self.pieces = nn.Parameter(torch.randn(2 * NUM_PIECES, width) * deviation)
            self.spelt = WordPieces(spec)
        self.vocabulary_size = spec.vocabulary_size

    @override
    def forward(self, ids: Tensor) -> Tensor:
        is_word = ids < self.vocabulary_size
        words: Tensor = self.words(torch.where(is_word, ids, _UNKNOWN))
        if self.pieces is None or self.spelt is None:
            return words
        return words + _mean_of_two(self.spelt(ids), self.pieces) * (ids != 0).unsqueeze(-1)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        hint = Hint(decay=0.0, matrix=False)
        return {"words.weight": hint} | ({} if self.pieces is None else {"pieces": hint})


def _mean_of_two(rows: Tensor, table: Tensor) -> Tensor:
    """Return the mean of the two rows of a table at each place.

    Args:
        rows: int64 [batch, length, 2].
        table: float [rows, width].

    Returns:
        float [batch, length, width]; both ways give the same bits.
    """
    if torch.compiler.is_compiling():
        # ONNX has no bags of rows: torch writes a loop over all words of the batch.
        return (F.embedding(rows[..., 0], table) + F.embedding(rows[..., 1], table)) * 0.5
    return F.embedding_bag(rows.flatten(0, 1), table, mode="mean").view(*rows.shape[:2], -1)
