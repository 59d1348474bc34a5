"""Numbers with the answers of neighbours: what rows near by on the map had as their target.

The encoder keeps its training rows and their targets. For a row it looks up the rows nearest to its
place (two columns, such as longitude and latitude) and adds, per head, the mean of their targets,
weighted by likeness in all columns with learned scales (classes count as their numbers: of two
classes it is the share of the second). A row never sees itself: rows that equal
it in every number are left out. The model file therefore holds training targets.

Source: Ye et al. 2024, "Revisiting nearest neighbor for tabular data: a deep tabular baseline two
decades later", arXiv:2407.03257 (ModernNCA); Goldberger et al. 2004, "Neighbourhood components
analysis". Differs: candidates come from a grid over the place, and the answers are features.
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError, unknown_name
from lamina.core.records import InputSpec
from lamina.networks.hints import Hint
from lamina.networks.number_linear import fill_missing
from lamina.networks.number_piecewise import NumberPiecewiseConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig

_CHUNK = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberNeighboursConfig(AbstractEncoderConfig):
    """Settings of the number encoder that asks neighbours."""

    kinds: ClassVar[tuple[str, ...]] = ("number",)

    columns: tuple[str, ...] = ()
    """One or two columns that say where a row is; () takes the first two."""
    numbers: NumberPiecewiseConfig = field(default_factory=NumberPiecewiseConfig)
    """Encoder of the numbers themselves."""
    max_rows: int = 4096
    """Training rows that are kept."""
    num_neighbours: int = 32
    """Rows that are asked."""
    num_heads: int = 4
    """Means with scales of their own."""
    num_cells: int = 64
    """Cells of the grid per column."""

    def __post_init__(self) -> None:
        if len(self.columns) > 2:
            raise ConfigError(f"columns must be at most 2, got {len(self.columns)}. Name two.")
        if min(self.max_rows, self.num_neighbours, self.num_heads, self.num_cells) < 1:
            raise ConfigError(
                "max_rows, num_neighbours, num_heads and num_cells must be at least 1, got "
                f"{self.max_rows}, {self.num_neighbours}, {self.num_heads} and {self.num_cells}."
            )

    @override
    def build(self, spec: InputSpec) -> "NumberNeighbours":
        return NumberNeighbours(self, spec)


@final
class NumberNeighbours(AbstractEncoder):
    """Numbers and neighbours' answers, [batch, columns] → [batch, out_features].

    Args:
        config: Its settings.
        spec: What the data says about the input; must have quantiles.

    Raises:
        ConfigError: A named column is not in the input.

    Source:
        arXiv:2407.03257. Differs: see the file header.
    """

    is_tied: ClassVar[bool] = True
    rows: Tensor
    answers: Tensor
    edges: Tensor
    candidates: Tensor
    places: Tensor

    def __init__(self, config: NumberNeighboursConfig, spec: InputSpec) -> None:
        super().__init__()
        names = config.columns or spec.columns[:2]
        for name in names:
            if name not in spec.columns:
                raise ConfigError(unknown_name("column of a place", name, spec.columns))
        places = torch.tensor([spec.columns.index(name) for name in names])
        self.register_buffer("places", places, persistent=False)
        self.numbers = config.numbers.build(spec)
        cells = config.num_cells ** len(names)
        self.register_buffer("rows", torch.zeros(config.max_rows, spec.shape[0]))
        self.register_buffer("answers", torch.zeros(config.max_rows))
        self.register_buffer("edges", torch.zeros(len(names), config.num_cells - 1))
        shape = (cells, min(config.num_neighbours, config.max_rows))
        self.register_buffer("candidates", torch.zeros(shape, dtype=torch.int32))
        self.scale = nn.Parameter(torch.full((config.num_heads, spec.shape[0]), 0.1))
        self._blocks = self.numbers.blocks() + (1,) * config.num_heads
        self.out_features = sum(self._blocks)

    @override
    def blocks(self) -> tuple[int, ...]:
        return self._blocks

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        features = self.numbers(inputs)
        asked = self.ask(fill_missing(inputs))
        return torch.cat((features, asked.to(features.dtype)), dim=1)

    def ask(self, numbers: Tensor) -> Tensor:
        """Return the neighbours' mean answer by head, [batch, heads].

        Args:
            numbers: float [batch, columns], nothing missing.
        """
        near = self.candidates[self.cells(numbers)].long()
        apart = self.rows[near] - numbers.unsqueeze(1)
        is_same = (apart == 0).all(dim=2, keepdim=True)
        distances = (apart.square() @ self.scale.square().T).float()
        lowest = torch.finfo(distances.dtype).min
        shares = torch.softmax(distances.neg().masked_fill(is_same, lowest), dim=1)
        return (shares * self.answers[near].unsqueeze(2)).sum(dim=1)

    def cells(self, numbers: Tensor) -> Tensor:
        """Return the cell of each row's place, int64 [batch].

        Args:
            numbers: float [batch, columns], nothing missing.
        """
        steps = (numbers.index_select(1, self.places).unsqueeze(2) > self.edges).sum(dim=2)
        side = self.edges.shape[1] + 1
        return steps[:, 0] * side + steps[:, 1] if len(self.places) == 2 else steps[:, 0]

    @override
    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        answers = next(iter(targets.values())).float().reshape(len(inputs), -1)
        if len(targets) != 1 or answers.shape[1] != 1:
            raise ConfigError(
                "'number_neighbours' asks for one number or class, but the targets are "
                f"{', '.join(targets)}. Use 'number_piecewise'."
            )
        kept = fill_missing(inputs[: len(self.rows)])
        self.rows[: len(kept)] = kept
        self.answers[: len(kept)] = answers[: len(kept), 0]
        points = kept.index_select(1, self.places)
        side = self.edges.shape[1] + 1
        levels = torch.linspace(0, 1, side + 1, device=points.device)[1:-1]
        self.edges.copy_(torch.quantile(points[:100_000], levels, dim=0).T)
        centres = _centres(self.edges, points)
        count = min(self.candidates.shape[1], len(kept))
        spread = []
        for start in range(0, len(centres), _CHUNK):
            distance = torch.cdist(centres[start : start + _CHUNK], points)
            nearest = distance.topk(count, dim=1, largest=False)
            self.candidates[start : start + _CHUNK, :count] = nearest.indices.int()
            spread.append(nearest.values[:, count // 2])
        unit = torch.cat(spread).median().clamp_min(1e-4)
        heads = torch.arange(len(self.scale), device=unit.device).float()
        self.scale[:, self.places] = (2.0 ** (heads - 1) / unit).clamp_max(1e3).unsqueeze(1)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return the hints of its own parameters."""
        return {"scale": Hint(decay=0.0, matrix=False)}


def _centres(edges: Tensor, points: Tensor) -> Tensor:
    """Return the middle of every cell of the grid, [cells, 1 or 2]."""
    lowest, highest = points.min(dim=0).values, points.max(dim=0).values
    walls = torch.cat((lowest.unsqueeze(1), edges, highest.unsqueeze(1)), dim=1)
    middles = (walls[:, 1:] + walls[:, :-1]) / 2
    return torch.cartesian_prod(*middles).reshape(-1, len(edges))
