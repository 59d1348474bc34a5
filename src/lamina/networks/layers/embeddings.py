"""Embeddings of tokens and positions.

Source: Mikolov et al. 2013 (tokens); Gehring et al. 2017, arXiv:1705.03122 (learned positions); Su
et al. 2021, "RoFormer", arXiv:2104.09864 (rotary); Beyer et al. 2022, arXiv:2205.01580 (sine-cosine
positions of a picture's patches).
"""

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError


def token_embedding(vocabulary_size: int, width: int, *, deviation: float = 0.02) -> nn.Embedding:
    """Return a table of token vectors; the vector of the padding is zero and stays so.

    Args:
        vocabulary_size: Token ids there are, padding included.
        width: Numbers per token.
        deviation: Standard deviation of the first values.
    """
    embedding = nn.Embedding(vocabulary_size, width, padding_idx=0)
    with torch.no_grad():
        embedding.weight.normal_(0.0, deviation)
        embedding.weight[0] = 0.0
    return embedding


class LearnedPositions(nn.Module):
    """Adds a learned vector per position; positions beyond the last use the last.

    Args:
        max_length: Positions with a vector of their own.
        width: Numbers per position.

    Source:
        arXiv:1705.03122.
    """

    def __init__(self, max_length: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(max_length, width)
        self.max_length = max_length
        nn.init.normal_(self.embedding.weight, std=0.02)

    @override
    def forward(self, sequence: Tensor) -> Tensor:
        places = torch.arange(sequence.shape[1], device=sequence.device)
        return sequence + self.embedding(places.clamp(max=self.max_length - 1))


class Rotary(nn.Module):
    """Turns pairs of a head's features by an angle that grows with the position.

    The product of a query and a key then depends on their distance only.

    Args:
        width: Features per head, even.
        base: Longest wavelength is 2π times this.

    Raises:
        ConfigError: The width is odd.

    Shape:
        [..., length, width] → the same; [..., rows, heads, length, width] where rows start apart.

    Source:
        arXiv:2104.09864. Differs: the pairs are feature i and i + width / 2.
    """

    frequency: Tensor

    def __init__(self, width: int, *, base: float = 10000.0) -> None:
        super().__init__()
        if width % 2:
            raise ConfigError(
                f"rotary positions want an even number of features per head, got {width!r}. "
                "Choose width and num_heads so that width / num_heads is even."
            )
        frequency = base ** (-torch.arange(0, width, 2) / width)
        self.register_buffer("frequency", frequency, persistent=False)

    @override
    def forward(self, heads: Tensor, *, start: int | Tensor = 0) -> Tensor:
        """Return the heads turned; `start` is the place of the first position, perhaps by row."""
        places = torch.arange(heads.shape[-2], device=heads.device, dtype=self.frequency.dtype)
        places = places + (start[:, None, None] if isinstance(start, Tensor) else start)
        angle = places[..., None] * self.frequency
        cosine, sine = angle.cos().to(heads.dtype), angle.sin().to(heads.dtype)
        left, right = heads.chunk(2, dim=-1)
        return torch.cat((left * cosine - right * sine, right * cosine + left * sine), dim=-1)


def grid_positions(
    height: int, width: int, features: int, *, device: torch.device | None = None
) -> Tensor:
    """Return sine-cosine vectors of the places of a grid.

    Args:
        height: Rows of the grid.
        width: Columns of the grid.
        features: Numbers per place, a multiple of 4.
        device: Where to.

    Returns:
        float [height * width, features].

    Raises:
        ConfigError: The features are no multiple of 4.

    Source:
        arXiv:2205.01580, appendix.
    """
    if features % 4:
        raise ConfigError(
            f"positions of a grid want a width that is a multiple of 4, got {features!r}. "
            "Choose such a width."
        )
    count = features // 4
    frequency = 10000.0 ** (-torch.arange(count, device=device) / max(count - 1, 1))
    rows, columns = torch.meshgrid(
        torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij"
    )
    row, column = rows.reshape(-1, 1) * frequency, columns.reshape(-1, 1) * frequency
    return torch.cat((row.sin(), row.cos(), column.sin(), column.cos()), dim=1)
