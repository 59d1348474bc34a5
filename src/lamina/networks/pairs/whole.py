"""Pairs of texts: one reader reads both, a comparison puts them side by side.

What stands beside the texts in a row (numbers, categories, pictures) has its own encoders; a trunk
and heads join all of it, as in the joined network.

Source: Bromley et al. 1993; Conneau et al. 2017, arXiv:1705.02364; Parikh et al. 2016,
arXiv:1606.01933.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import name_of, part_from_document, part_to_document
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import AbstractJoined, ModelConfig, encoders_of
from lamina.networks.pairs.base import AbstractComparison, AbstractComparisonConfig
from lamina.networks.pairs.shared import SharedWords
from lamina.networks.pairs.siamese import SiameseConfig
from lamina.networks.pairs.table import COMPARISONS
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, AbstractTrunk
from lamina.networks.table import NETWORKS
from lamina.networks.text_cnn import TextCNNConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class PairConfig(AbstractModelConfig):
    """Settings of a network that compares two texts."""

    reader: AbstractEncoderConfig = field(default_factory=TextCNNConfig)
    """What reads both texts."""
    comparison: AbstractComparisonConfig = field(default_factory=SiameseConfig)
    """What puts them side by side."""
    counts_shared: bool = True
    """Whether the shares of words and of pairs of words that both texts have are seen, too."""
    joined: ModelConfig = field(default_factory=lambda: ModelConfig(trunk=MLPConfig(depth=1)))
    """Encoders of all other inputs, trunk and head; a plan holds them beside the two above."""

    def __post_init__(self) -> None:
        if "text" not in self.reader.kinds:
            raise ConfigError(
                f"the reader of a pair reads texts, and {type(self.reader).__name__} reads "
                f"{' or '.join(self.reader.kinds)}. Use {' or '.join(encoders_of('text'))}."
            )

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Pair":
        texts = [spec for spec in inputs if spec.kind == "text"]
        if len(texts) != 2:
            found = ", ".join(repr(spec.name) for spec in texts) or "none"
            raise ConfigError(
                f"a pair network compares two texts, and the rows have {len(texts)}: {found}. Name "
                "the others with --ignore, or set network to joined."
            )
        if not texts[0].shares_tokens(texts[1]):
            raise ConfigError(
                f"{texts[0].name!r} and {texts[1].name!r} are cut into different tokens, and one "
                "reader reads both. Set data.fitting.is_joint to true."
            )
        rest = [spec for spec in inputs if spec.kind != "text"]
        reader = self.reader.build(texts[0])
        comparison = self.comparison.build(reader)
        others = {spec.name: self.joined.encoder_of(spec).build(spec) for spec in rest}
        shared = None
        if self.counts_shared:
            size, is_symmetric = texts[0].vocabulary_size, self.comparison.is_symmetric
            shared = SharedWords(size, is_symmetric=is_symmetric)
        seen = comparison.out_features + (shared.out_features if shared else 0)
        blocks = ((seen,), *(encoder.blocks() for encoder in others.values()))
        trunk = self.joined.trunk.build(sum(map(sum, blocks)), blocks)
        heads = {
            spec.name: self.joined.head.build(
                trunk.out_features, spec.size, num_members=trunk.num_members
            )
            for spec in outputs
        }
        names = tuple(spec.name for spec in inputs)
        return Pair(names, reader, comparison, shared, others, trunk, heads)

    @override
    def encoder_of(self, spec: InputSpec) -> AbstractEncoderConfig:
        return self.reader if spec.kind == "text" else self.joined.encoder_of(spec)

    @override
    def to_document(self) -> dict[str, Any]:
        return {
            "reader": part_to_document(name_of(NETWORKS, self.reader), self.reader),
            "comparison": part_to_document(name_of(COMPARISONS, self.comparison), self.comparison),
            "counts_shared": self.counts_shared,
            **self.joined.to_document(),
        }

    @classmethod
    @override
    def from_document(cls, document: Mapping[str, Any]) -> "PairConfig":
        rest, parts = dict(document), {}
        counts_shared = rest.pop("counts_shared", True)
        if not isinstance(counts_shared, bool):
            raise ConfigError(f"counts_shared must be true or false, got {counts_shared!r}.")
        for name, rows in (("reader", NETWORKS), ("comparison", COMPARISONS)):
            if name in rest:
                parts[name] = part_from_document(rows, rest.pop(name), what=name)
        reader = parts.get("reader")
        if reader is not None and not isinstance(reader, AbstractEncoderConfig):
            raise ConfigError(
                f"{name_of(NETWORKS, reader)!r} reads nothing, it is a {reader.role}. Use "
                f"{' or '.join(encoders_of('text'))}."
            )
        usual = cls()
        joined = ModelConfig.from_document({**usual.joined.to_document(), **rest})
        return cls(**parts, counts_shared=counts_shared, joined=joined)


@final
class Pair(AbstractJoined):
    """Two texts and what stands beside them → outputs.

    Args:
        names: Its inputs, in the order of the data; the first of the texts comes first.
        reader: What reads both.
        comparison: What puts them side by side.
        shared: What counts the words that both have; None for none.
        others: Encoders of all other inputs, by name.
        trunk: Joins the features.
        heads: By output name.

    Source:
        arXiv:1705.02364.
    """

    answering = ("heads.",)

    def __init__(
        self,
        names: tuple[str, ...],
        reader: AbstractEncoder,
        comparison: AbstractComparison,
        shared: SharedWords | None,
        others: Mapping[str, AbstractEncoder],
        trunk: AbstractTrunk,
        heads: Mapping[str, nn.Module],
    ) -> None:
        super().__init__(names, (reader, *others.values()), trunk, heads)
        self.comparison, self.shared = comparison, shared
        self.texts = tuple(name for name in names if name not in others)
        self._other_names = tuple(others)

    @property
    def reader(self) -> AbstractEncoder:
        """What reads both texts."""
        return cast(AbstractEncoder, self.encoders[0])

    @override
    def taught_encoders(self) -> Mapping[str, AbstractEncoder]:
        return {self.texts[0]: self.reader}

    @override
    def encoded(self, inputs: Mapping[str, Tensor]) -> Tensor:
        first, second = (inputs[name] for name in self.texts)
        found = [self.comparison(self.reader, first, second)]
        if self.shared is not None:
            found.append(self.shared(first, second).to(found[0].dtype))
        found += [encoder(inputs[name]) for name, encoder in self._others()]
        return torch.cat(found, dim=1)

    @override
    def initialise_encoders(self, inputs: Mapping[str, Tensor], targets: dict[str, Tensor]) -> None:
        both = _stacked(*(inputs[name] for name in self.texts))
        if self.shared is not None:
            self.shared.learn(both)
        self.reader.initialise(
            both, {name: torch.cat((value, value)) for name, value in targets.items()}
        )
        for name, encoder in self._others():
            encoder.initialise(inputs[name], targets)

    def _others(self) -> list[tuple[str, AbstractEncoder]]:
        encoders = (cast(AbstractEncoder, encoder) for encoder in self.encoders[1:])
        return list(zip(self._other_names, encoders))


def _stacked(first: Tensor, second: Tensor) -> Tensor:
    """Return texts below each other, padded to one length."""
    length = max(first.shape[1], second.shape[1])
    return torch.cat([F.pad(ids, (0, length - ids.shape[1])) for ids in (first, second)])
