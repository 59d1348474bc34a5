"""The three roles of a network's parts: encoder, trunk and head.

An encoder maps one input to features [batch, features]; the trunk joins the features of all
encoders; a head maps the trunk's features to one output. Each part is an `nn.Module` whose frozen
config says in class attributes which role it plays and, for encoders, which kinds it takes.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from lamina.core.records import InputSpec

Blocks = tuple[tuple[int, ...], ...]
"""For each encoder, in order, the widths that its features fall into: of columns or of readers."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Where an encoder has turned integers into vectors, so that gradients can be asked for."""

    module: nn.Module
    """The encoder or a part of it: float [batch, words, width], or [batch, width] with `owners`."""
    owners: Tensor | None = None
    """Column of the input that each number of the output is made from, int64 [width]."""


@dataclass(frozen=True, slots=True)
class MapSpec:
    """One map of features that an encoder gives of a picture."""

    channels: int
    """Features of each place."""
    stride: int
    """Pixels of the picture from one place to the next."""


class AbstractEncoder(nn.Module):
    """Maps one input tensor to float features [batch, out_features]."""

    out_features: int
    """Width of the features."""
    map_specs: tuple[MapSpec, ...] = ()
    """What `feature_maps` gives, finest first; () of encoders that keep no places."""
    is_tied: ClassVar[bool] = False
    """Its tensors index each other or hold targets of training rows: another run's are of use all
    together and for the same data only."""

    def blocks(self) -> tuple[int, ...]:
        """Return the width of each column's or reader's features; their sum is `out_features`."""
        return (self.out_features,)

    def vectors(self) -> Vectors | None:
        """Return where integers have become vectors; None for floats, or where n-grams mix them."""
        return None

    def feature_maps(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """Return maps of features of a picture at ever coarser places, as `map_specs` says.

        They are what its features are drawn from, so that a detector or a segmenter begins where a
        classifier ended.

        Args:
            inputs: This input's tensor, of any height and width that the network can halve.

        Returns:
            float [batch, channels, height, width] each; () of encoders that keep no places.
        """
        del inputs
        return ()

    def states(self, inputs: Tensor) -> Tensor | None:
        """Return what is known at each place of a text; None of encoders that keep no places.

        Args:
            inputs: int64 [batch, length], token ids.

        Returns:
            float [batch, length, out_features]; shorter where the end of a text is not read.
        """
        del inputs
        return None

    def keeps_places(self) -> bool:
        """Return whether `states` gives what is known at each place of a text."""
        return type(self).states is not AbstractEncoder.states

    def layers_in_order(self) -> tuple[nn.Module, ...]:
        """Return its layers from the input to the features: freezing and rates go by them."""
        return (self,)

    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        """Set weights that depend on the data; most encoders have none.

        Args:
            inputs: This input's tensor of some training samples.
            targets: Their targets by name.
        """


class AbstractTrunk(nn.Module):
    """Maps [batch, in_features] to [batch, out_features] or [batch, members, out_features]."""

    out_features: int
    """Width of the features handed to the heads."""
    num_members: int = 1
    """Networks in one; above 1 the output has a dimension for them."""

    def initialise(self, inputs: Tensor, targets: dict[str, Tensor]) -> None:
        """Set weights that depend on the data; most trunks have none.

        Args:
            inputs: Features of some training samples, float [batch, in_features].
            targets: Their targets by name.
        """


class AbstractHead(nn.Module):
    """Maps [batch, features] or [batch, members, features] to one output of the same form."""

    def initialise(self, inputs: Tensor, targets: Tensor) -> None:
        """Set weights that depend on the data; most heads have none.

        Args:
            inputs: The trunk's features of some training samples.
            targets: Their targets for this output.
        """


class AbstractEncoderConfig(ABC):
    """Config of an encoder."""

    __slots__ = ()
    role: ClassVar[str] = "encoder"
    kinds: ClassVar[tuple[str, ...]] = ()
    """Kinds of input it takes."""

    @abstractmethod
    def build(self, spec: InputSpec) -> AbstractEncoder:
        """Return an encoder with fresh weights.

        Args:
            spec: What the data says about the input.
        """


class AbstractTrunkConfig(ABC):
    """Config of a trunk."""

    __slots__ = ()
    role: ClassVar[str] = "trunk"

    @abstractmethod
    def build(self, in_features: int, blocks: Blocks = ()) -> AbstractTrunk:
        """Return a trunk with fresh weights.

        Args:
            in_features: Width of the joined features.
            blocks: Width of each encoder's blocks, in order; () where unknown.
        """


class AbstractHeadConfig(ABC):
    """Config of a head."""

    __slots__ = ()
    role: ClassVar[str] = "head"

    @abstractmethod
    def build(self, in_features: int, out_features: int, *, num_members: int) -> AbstractHead:
        """Return a head with fresh weights.

        Args:
            in_features: Width of the trunk's features.
            out_features: Numbers per sample.
            num_members: Members of the trunk; above 1, each has weights of its own.
        """
