"""Multi-head self-attention over a sequence.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762. Differs: positions may
be rotary (`embeddings.Rotary`), and no dropout acts on the attention weights, so that the fused
kernel of torch can be used and masks stay keyed (`dropout.py`).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError

_PLAIN_LENGTH = 256
"""Longest sequence for which matrix products and a softmax beat torch's fused kernel."""


class SelfAttention(nn.Module):
    """Each position gathers from all valid ones.

    Args:
        width: Features per position.
        num_heads: Heads; must divide the width.
        positions: Applied to queries and keys, [batch, heads, length, features]; None for none.

    Raises:
        ConfigError: The heads do not divide the width.

    Shape:
        sequence [batch, length, width], valid bool [batch, length] → [batch, length, width].

    Source:
        arXiv:1706.03762, section 3.2.
    """

    def __init__(self, width: int, num_heads: int, *, positions: nn.Module | None = None) -> None:
        super().__init__()
        check_heads(width, num_heads)
        self.num_heads = num_heads
        self.positions = positions
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    @override
    def forward(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        query, key, value = self._heads(sequence)
        mask = None if valid is None else valid[:, None, None, :]
        gathered = attend(query, key, value, mask)
        outputs: Tensor = self.output(gathered.transpose(1, 2).reshape(sequence.shape))
        return outputs

    def shares(self, sequence: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return how much each position gathers from each, [batch, heads, length, length].

        Args:
            sequence: As for `forward`.
            valid: As for `forward`.
        """
        query, key, _ = self._heads(sequence)
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        if valid is not None:
            lowest = torch.finfo(scores.dtype).min
            scores = scores.masked_fill(~valid[:, None, None, :], lowest)
        return scores.softmax(dim=-1)

    def _heads(self, sequence: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values, [batch, heads, length, features] each."""
        batch, length, width = sequence.shape
        together = self.query_key_value(sequence)
        # Of four dimensions, not five, so that graphs need no operator to drop one again.
        heads = together.view(batch, length, 3 * self.num_heads, width // self.num_heads)
        query_key, value = heads.transpose(1, 2).split([2 * self.num_heads, self.num_heads], dim=1)
        if self.positions is not None:
            query_key = self.positions(query_key)
        query, key = query_key.chunk(2, dim=1)
        return query, key, value


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    largest: float | None = None,
) -> Tensor:
    """Return for each position the mean of the values, weighted by how its query meets the keys.

    Args:
        query: [batch, heads, length, features].
        key: Likewise.
        value: Likewise.
        mask: bool, broadcasts against [batch, heads, length, length]; true where a position may
            look, at least one place per row. None for everywhere.
        largest: Size of a score that none exceeds, where the layer knows one; graphs that are
            exported are quicker for it.

    Returns:
        [batch, heads, length, features].

    Source:
        arXiv:1706.03762, equation 1.
    """
    is_plain = (
        query.dtype == torch.bfloat16
        and query.device.type == "cpu"
        and query.shape[2] <= _PLAIN_LENGTH
        and torch.is_grad_enabled()
    )
    if not is_plain:
        if mask is not None and largest is not None and torch.compiler.is_exporting():
            mask = _lowered(mask, largest)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    # The gradient of the fused kernel takes about ten times as long here.
    shape, scale = query.shape, query.shape[-1] ** -0.5
    query, key, value = (one.flatten(0, 1) for one in (query, key, value))
    if mask is None:
        scores = (query * scale) @ key.transpose(1, 2)
    else:
        # Added while the products are formed, so that no pass over the scores is needed for it.
        bias = torch.zeros_like(mask, dtype=query.dtype)
        bias = bias.masked_fill_(~mask, torch.finfo(query.dtype).min)
        bias = bias.expand(*shape[:2], -1, -1).flatten(0, 1)
        scores = torch.baddbmm(bias, query, key.transpose(1, 2), alpha=scale)
    return (scores.softmax(dim=-1) @ value).view(shape)


def _lowered(mask: Tensor, largest: float) -> Tensor:
    """Return what is added to scores, so that places where none may look weigh nothing.

    They are lowered by what makes their weights less than e^-30 of the largest, and by no more:
    onnxruntime takes the weights of infinitely low scores for e^-88, which float32 holds in so few
    digits that processors are six times as slow.

    Args:
        mask: bool, true where a position may look.
        largest: Size of a score that none exceeds.
    """
    return torch.where(mask, 0.0, -2.0 * largest - 30.0)


def check_heads(width: int, num_heads: int) -> None:
    """Refuse a number of heads that does not divide the width.

    Args:
        width: Features per position.
        num_heads: Heads.

    Raises:
        ConfigError: It does not.
    """
    if num_heads < 1 or width < 1 or width % num_heads:
        near = [n for n in range(1, max(width, 1) + 1) if width % n == 0]
        best = min(near, key=lambda n: abs(n - num_heads), default=1)
        raise ConfigError(
            f"num_heads must divide the width, got {num_heads!r} heads for width {width!r}. "
            f"Use {best}."
        )
