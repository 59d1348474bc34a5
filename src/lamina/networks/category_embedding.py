"""Categories as one-hot vectors where there are few, as learned vectors where there are many.

Two categories give one number, -1 or +1; up to `one_hot_up_to` give one number each; more give an
embedding. The id 0, missing or never seen, gives zeros in the first two and has a learned vector,
zero at first, in the last.

Source: Holzmüller et al. 2024, "Better by default", arXiv:2407.04491 (RealMLP's encoding); Guo and
Berkhahn 2016, arXiv:1604.06737 (entity embeddings).
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryEmbeddingConfig(AbstractEncoderConfig):
    """Settings of the category encoder."""

    kinds: ClassVar[tuple[str, ...]] = ("category",)

    one_hot_up_to: int = 9
    """Categories up to which a column is one-hot, the id 0 not counted."""
    width: int = 8
    """Numbers per embedded column."""

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ConfigError(f"width must be at least 1, got {self.width!r}. Try 8.")

    @override
    def build(self, spec: InputSpec) -> "CategoryEmbedding":
        return CategoryEmbedding(self, spec)


@final
class CategoryEmbedding(AbstractEncoder):
    """One-hot and embedded categories, int64 [batch, columns] → [batch, out_features].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Source:
        arXiv:2407.04491, section 3. Differs: the few come first, then the many.
    """

    few: Tensor
    few_slots: Tensor
    few_values: Tensor
    few_starts: Tensor
    few_owners: Tensor
    few_raised: Tensor
    few_lowered: Tensor
    many: Tensor
    many_starts: Tensor

    def __init__(self, config: CategoryEmbeddingConfig, spec: InputSpec) -> None:
        super().__init__()
        limit = max(config.one_hot_up_to, 0)
        few = [c for c, size in enumerate(spec.cardinalities) if size - 1 <= limit]
        many = [c for c, size in enumerate(spec.cardinalities) if size - 1 > limit]
        self._few_blocks = self._build_few(few, [spec.cardinalities[c] for c in few])
        self._has_two = any(spec.cardinalities[c] == 3 for c in few)
        sizes = [spec.cardinalities[c] for c in many]
        self._keep("many", many)
        self._keep("many_starts", [sum(sizes[:i]) for i in range(len(sizes))])
        self.width = config.width
        self.embedding = nn.Embedding(sum(sizes), config.width) if many else None
        if self.embedding is not None:
            with torch.no_grad():
                self.embedding.weight[self.many_starts] = 0.0
        self.out_features = sum(self._few_blocks) + config.width * len(many)

    @override
    def blocks(self) -> tuple[int, ...]:
        return self._few_blocks + (self.width,) * len(self.many)

    @override
    def vectors(self) -> Vectors:
        columns = torch.cat((self.few, self.many))
        return Vectors(self, columns.repeat_interleave(torch.tensor(self.blocks()).to(columns)))

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if self.embedding is None:
            return self._encode_few(inputs)
        ids = inputs.index_select(1, self.many) + self.many_starts
        embedded = self.embedding(ids).flatten(1)
        if not self._few_blocks:
            return embedded
        return torch.cat((self._encode_few(inputs).to(embedded.dtype), embedded), dim=1)

    def _encode_few(self, inputs: Tensor) -> Tensor:
        if torch.compiler.is_exporting():
            # A third of the operations, which is what a single row waits for.
            ids = inputs.index_select(1, self.few_owners)
            raised = (ids == self.few_raised).float()
            return raised - (ids == self.few_lowered).float() if self._has_two else raised
        ids = inputs.index_select(1, self.few) + self.few_starts
        slots, values = self.few_slots[ids], self.few_values[ids]
        # Columns have slots of their own, so no two values meet.
        empty = values.new_zeros((inputs.shape[0], sum(self._few_blocks)))
        return empty.scatter(1, slots, values)

    def _build_few(self, columns: list[int], sizes: list[int]) -> tuple[int, ...]:
        """Write down slot and value of every id of the one-hot columns; return their widths."""
        slots: list[int] = []
        values: list[float] = []
        starts: list[int] = []
        blocks: list[int] = []
        ids: list[tuple[int, int, int]] = []
        for column, size in zip(columns, sizes):
            # Column of each slot, and the ids that give it +1 and -1; no id is below 0.
            ids += [(column, 2, 1)] if size == 3 else [(column, n, -1) for n in range(1, size)]
            ids += [(column, -1, -1)] if size == 1 else []
            first = sum(blocks)
            starts.append(len(slots))
            if size == 3:
                slots += [first] * 3
                values += [0.0, -1.0, 1.0]
                blocks.append(1)
                continue
            slots += [first, *range(first, first + size - 1)]
            values += [0.0] + [1.0] * (size - 1)
            blocks.append(max(size - 1, 1))
        self._keep("few", columns)
        self._keep("few_slots", slots)
        self._keep("few_starts", starts)
        self._keep("few_owners", [owner for owner, _, _ in ids])
        self._keep("few_raised", [raised for _, raised, _ in ids])
        self._keep("few_lowered", [lowered for _, _, lowered in ids])
        self.register_buffer("few_values", torch.tensor(values), persistent=False)
        return tuple(blocks)

    def _keep(self, name: str, numbers: list[int]) -> None:
        # Decided by the schema, so no part of the weights.
        self.register_buffer(name, torch.tensor(numbers, dtype=torch.int64), persistent=False)
