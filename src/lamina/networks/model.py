"""Encoder–trunk–head: one encoder per input, a trunk that joins them, one head per output.

So a table with a picture, a description and numbers needs no code of its own. A plan holds
`{"encoders": {"number": {"name": "number_linear"}}, "trunk": {"name": "mlp", "depth": 3}}`.

Source: Gorishniy et al. 2021, "Revisiting deep learning models for tabular data", arXiv:2106.11959
(feature encoders before one backbone); Erickson et al. 2022 (several modalities, late fusion).
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import name_of, part_from_document, part_to_document
from lamina.core.errors import ConfigError, unknown_name
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.mlp import MLPConfig
from lamina.networks.parts import (
    AbstractEncoder,
    AbstractEncoderConfig,
    AbstractHead,
    AbstractHeadConfig,
    AbstractTrunk,
    AbstractTrunkConfig,
    Vectors,
)
from lamina.networks.table import NETWORKS

KINDS = ("number", "category", "image", "text", "series", "sound")
"""Kinds of input that have encoders; see `core.records.InputSpec`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig(AbstractModelConfig):
    """Architecture of a whole model."""

    encoders: Mapping[str, AbstractEncoderConfig] = field(default_factory=dict)
    """Encoder by input name or, for all inputs without one of their own, by kind."""
    trunk: AbstractTrunkConfig = field(default_factory=MLPConfig)
    """What joins the encoders' features."""
    head: AbstractHeadConfig = field(default_factory=LinearHeadConfig)
    """What maps the trunk's features to each output."""

    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Model":
        """Return a model with fresh weights.

        Args:
            inputs: What the data says about each input.
            outputs: What the model must answer.

        Raises:
            ConfigError: An input has no fitting encoder, or an encoder no input.
        """
        known = {spec.name for spec in inputs}.union(KINDS)
        for name in self.encoders:
            if name not in known:
                raise ConfigError(unknown_name("input or kind of an encoder", name, known))
        encoders = [self.encoder_of(spec).build(spec) for spec in inputs]
        blocks = tuple(encoder.blocks() for encoder in encoders)
        trunk = self.trunk.build(sum(map(sum, blocks)), blocks)
        heads = [
            self.head.build(trunk.out_features, spec.size, num_members=trunk.num_members)
            for spec in outputs
        ]
        return Model(
            {spec.name: encoder for spec, encoder in zip(inputs, encoders)},
            trunk,
            {spec.name: head for spec, head in zip(outputs, heads)},
        )

    @override
    def encoder_of(self, spec: InputSpec) -> AbstractEncoderConfig:
        """Return the encoder chosen for an input.

        Args:
            spec: What the data says about the input.

        Raises:
            ConfigError: There is none, or it takes other kinds.
        """
        config = self.encoders.get(spec.name, self.encoders.get(spec.kind))
        fitting = encoders_of(spec.kind)
        if config is None:
            raise ConfigError(
                f"input {spec.name!r} ({spec.kind}) has no encoder. Add one under the key "
                f"{spec.kind!r}: {' or '.join(fitting)}."
            )
        if spec.kind not in config.kinds:
            raise ConfigError(
                f"encoder {type(config).__name__} takes {' or '.join(config.kinds)}, but input "
                f"{spec.name!r} is of kind {spec.kind!r}. Use {' or '.join(fitting)}."
            )
        return config

    def to_document(self) -> dict[str, Any]:
        """Return the config as a plan holds it."""
        return {
            "encoders": {
                name: part_to_document(name_of(NETWORKS, part), part)
                for name, part in self.encoders.items()
            },
            "trunk": part_to_document(name_of(NETWORKS, self.trunk), self.trunk),
            "head": part_to_document(name_of(NETWORKS, self.head), self.head),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ModelConfig":
        """Return the config that a plan holds.

        Args:
            document: As `to_document` returns it; parts left out keep their defaults.

        Raises:
            ConfigError: A name or a setting is unknown or wrong, or a part plays another role.
        """
        for name in document:
            if name not in ("encoders", "trunk", "head"):
                known = ("encoders", "trunk", "head")
                raise ConfigError(unknown_name("part of the network", str(name), known))
        encoders = document.get("encoders", {})
        if not isinstance(encoders, Mapping):
            raise ConfigError(
                f"network.encoders must map inputs or kinds to encoders, got {encoders!r}."
            )
        parts = {name: _part(value, "encoder") for name, value in encoders.items()}
        single = {
            role: _part(document[role], role) for role in ("trunk", "head") if role in document
        }
        return cls(encoders=parts, **single)


def encoders_of(kind: str) -> tuple[str, ...]:
    """Return the names of the encoders that take a kind of input.

    Args:
        kind: One of `KINDS`.
    """
    names = []
    for name, entry in NETWORKS.items():
        if issubclass(entry.value, AbstractEncoderConfig) and kind in entry.value.kinds:
            names.append(name)
    return tuple(names)


def _part(document: Any, role: str) -> Any:
    config = part_from_document(NETWORKS, document, what=role)
    if config.role != role:
        names = [name for name, entry in NETWORKS.items() if entry.value.role == role]
        raise ConfigError(
            f"{name_of(NETWORKS, config)!r} is not of the role {role}, but {config.role}; known: "
            f"{', '.join(names)}."
        )
    return config


class AbstractJoined(AbstractModel):
    """A network whose encoders' features a trunk joins, and heads answer from.

    Args:
        names: Inputs it reads.
        encoders: What reads them; one may read several.
        trunk: Joins their features.
        heads: By output name.
    """

    trunk: AbstractTrunk

    def __init__(
        self,
        names: Iterable[str],
        encoders: Iterable[AbstractEncoder],
        trunk: AbstractTrunk,
        heads: Mapping[str, nn.Module],
    ) -> None:
        super().__init__()
        # Column names may hold dots, which module names may not: they are kept beside.
        self.input_names = tuple(names)
        self.output_names = tuple(heads)
        self.encoders = nn.ModuleList(encoders)
        self.trunk = trunk
        self.out_features = trunk.out_features
        self.heads = nn.ModuleList(heads.values())

    @property
    @override
    def num_members(self) -> int:
        return self.trunk.num_members

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        features = self.features(inputs)
        return {name: head(features) for name, head in zip(self.output_names, self.heads)}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        features: Tensor = self.trunk(self.encoded(inputs))
        return features

    @override
    def mixed(self) -> frozenset[str]:
        return frozenset(self.input_names) - set(self.vectors())

    @override
    def initialise(self, inputs: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> None:
        was_training = self.training
        self.eval()
        with torch.no_grad():
            self.initialise_encoders(inputs, dict(targets))
            # Features of tens of thousands of samples are large: only for parts that look at them.
            if type(self.trunk).initialise is not AbstractTrunk.initialise:
                self.trunk.initialise(self.encoded(inputs), dict(targets))
            for name, head in zip(self.output_names, self.heads):
                if isinstance(head, AbstractHead) and (
                    type(head).initialise is not AbstractHead.initialise
                ):
                    head.initialise(self.features(inputs), targets[name])
        self.train(was_training)

    @abstractmethod
    def encoded(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the features that the trunk joins.

        Args:
            inputs: Input tensors by name.

        Returns:
            float [batch, features].
        """

    @abstractmethod
    def initialise_encoders(self, inputs: Mapping[str, Tensor], targets: dict[str, Tensor]) -> None:
        """Set the encoders' weights that depend on the data.

        Args:
            inputs: Input tensors of some training samples by name.
            targets: Their targets by name.
        """


@final
class Model(AbstractJoined):
    """A whole network from encoded inputs to outputs, with an encoder for each input.

    Args:
        encoders: By input name.
        trunk: Joins their features.
        heads: By output name.

    Source:
        arXiv:2106.11959.
    """

    def __init__(
        self,
        encoders: Mapping[str, AbstractEncoder],
        trunk: AbstractTrunk,
        heads: Mapping[str, nn.Module],
    ) -> None:
        super().__init__(encoders, encoders.values(), trunk, heads)

    @override
    def vectors(self) -> Mapping[str, Vectors]:
        encoders = (cast(AbstractEncoder, encoder) for encoder in self.encoders)
        found = {name: encoder.vectors() for name, encoder in zip(self.input_names, encoders)}
        return {name: vectors for name, vectors in found.items() if vectors is not None}

    @override
    def taught_encoders(self) -> Mapping[str, AbstractEncoder]:
        encoders = (cast(AbstractEncoder, encoder) for encoder in self.encoders)
        return dict(zip(self.input_names, encoders))

    @override
    def encoded(self, inputs: Mapping[str, Tensor]) -> Tensor:
        encoded = [encoder(inputs[name]) for name, encoder in zip(self.input_names, self.encoders)]
        return encoded[0] if len(encoded) == 1 else torch.cat(encoded, dim=1)

    @override
    def initialise_encoders(self, inputs: Mapping[str, Tensor], targets: dict[str, Tensor]) -> None:
        for name, encoder in zip(self.input_names, self.encoders):
            cast(AbstractEncoder, encoder).initialise(inputs[name], targets)
