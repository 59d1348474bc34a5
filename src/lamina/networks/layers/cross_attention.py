"""Attention from one sequence to another.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.3; queries and keys of unit size as in
Henry et al. 2020, arXiv:2010.04245.
"""

from torch import Tensor, nn
from typing_extensions import override

from lamina.networks.layers.attention import attend, check_heads
from lamina.networks.layers.causal_attention import largest_score, of_one_size


class CrossAttention(nn.Module):
    """Each position of a sequence gathers from the valid ones of another.

    Args:
        width: Features per position, of both sequences.
        num_heads: Heads; must divide the width.

    Raises:
        ConfigError: The heads do not divide the width.

    Shape:
        sequence [batch, length, width], keys and values [batch, heads, other, features], valid bool
        [batch, other] → [batch, length, width].

    Source:
        arXiv:1706.03762, section 3.2.3. Differs: see the file header.
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        check_heads(width, num_heads)
        self.num_heads = num_heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.output.weight)

    def project(self, other: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of a sequence, which need be formed once only.

        Args:
            other: [batch, other, width].
        """
        batch, length, _ = other.shape
        heads = self.key_value(other).view(batch, length, 2, self.num_heads, -1)
        key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        return of_one_size(key), value

    @override
    def forward(self, sequence: Tensor, key: Tensor, value: Tensor, valid: Tensor) -> Tensor:
        largest = largest_score(key.shape[-1])
        mask = valid[:, None, None, :]
        gathered = attend(self._query(sequence), key, value, mask, largest=largest)
        outputs: Tensor = self.output(gathered.transpose(1, 2).reshape(sequence.shape))
        return outputs

    def shares_between(self, sequence: Tensor, key: Tensor, valid: Tensor) -> Tensor:
        """Return how much each position gathers from each, [batch, heads, length, other].

        Args:
            sequence: As for `forward`.
            key: As for `forward`.
            valid: As for `forward`.
        """
        query = self._query(sequence)
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        scores = scores.float().masked_fill(~valid[:, None, None, :], float("-inf"))
        return scores.softmax(dim=-1)

    def _query(self, sequence: Tensor) -> Tensor:
        batch, length, _ = sequence.shape
        heads = self.query(sequence).view(batch, length, self.num_heads, -1)
        return of_one_size(heads.transpose(1, 2))
