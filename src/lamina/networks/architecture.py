"""What every whole network offers: from the encoded inputs of samples to their outputs.

Most data are served by an encoder per input, a trunk and heads (`model.py`). What cannot be cut
that way, such as a network that writes texts, is an architecture of its own beside it; the table is
in `architectures.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from torch import Tensor, nn

from lamina.core.config import from_document, to_document
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig, Vectors
from lamina.networks.stepwise import Stepwise


class AbstractModel(nn.Module, ABC):
    """A whole network."""

    input_names: tuple[str, ...]
    """Inputs it reads."""
    output_names: tuple[str, ...]
    """Outputs it gives."""
    out_features: int
    """Width of its features."""
    answering: ClassVar[tuple[str, ...]] = ()
    """How the names of tensors begin that stand for the answers, where none of them fits others."""
    traced_tokens: int = 0
    """Tokens that texts must have for every branch to be seen when the network is traced."""

    @property
    def num_members(self) -> int:
        """Networks in one; above 1, outputs have a dimension for them."""
        return 1

    @abstractmethod
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return what the network knows of samples just before it answers.

        Args:
            inputs: Input tensors by name.

        Returns:
            float [batch, features] or [batch, members, features].
        """

    def vectors(self) -> Mapping[str, Vectors]:
        """Return where the integers of inputs become vectors, by name of the input."""
        return {}

    def taught_encoders(self) -> Mapping[str, AbstractEncoder]:
        """Return the encoders that another network may have taught, by name of the input."""
        return {}

    def mixed(self) -> frozenset[str]:
        """Return the inputs without vectors of their own: floats, and words that n-grams mix."""
        return frozenset()

    def decoding(self) -> dict[str, Any]:
        """Return what answers are found with where a graph holds the network, JSON-like.

        Most networks answer in the graph, and need nothing.
        """
        return {}

    def stepwise(self) -> Stepwise | None:
        """Return the graphs that a search asks step by step; None where one graph answers."""
        return None

    def initialise(self, inputs: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> None:
        """Set all weights that depend on the data; most networks have none.

        Args:
            inputs: Input tensors of some training samples by name.
            targets: Their targets by name.
        """


class AbstractModelConfig(ABC):
    """Config of a whole network."""

    __slots__ = ()

    @abstractmethod
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> AbstractModel:
        """Return a network with fresh weights.

        Args:
            inputs: What the data says about each input.
            outputs: What the network must answer.

        Raises:
            ConfigError: The network cannot read these inputs.
        """

    def encoder_of(self, spec: InputSpec) -> AbstractEncoderConfig | None:
        """Return the encoder that reads an input alone; None where none does.

        Args:
            spec: What the data says about the input.
        """
        del spec
        return None

    def to_document(self) -> dict[str, Any]:
        """Return the config as a plan holds it: the fields of the dataclass."""
        return to_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the config that a plan holds.

        Args:
            document: As `to_document` returns it; what is left out keeps its default.

        Raises:
            ConfigError: A name or a setting is unknown or wrong.
        """
        return from_document(cls, document, where="network")
