"""What networks share that answer the class of every pixel of a picture.

Pictures are folded first: squares of pixels become channels, so that no layer works at the full
size, and the answers are unfolded in the same way, so that they are as fine as the picture.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.layers.dense_blocks import folded, unfolded
from lamina.networks.layers.dropout import ChannelDropout
from lamina.networks.layers.pictures import PictureScale


class AbstractSegmenter(AbstractModel):
    """A network from a picture to the logits of each pixel, [batch, 1, classes, height, width].

    Args:
        inputs: What the data says about the picture.
        outputs: What must be answered.
        step: Side of the squares of pixels that become channels.
        width: Channels of the maps that answers are read from.
        dropout: Share of their channels that is left out while training.
    """

    def __init__(
        self,
        inputs: Sequence[InputSpec],
        outputs: Sequence[OutputSpec],
        *,
        step: int,
        width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.input_names = tuple(spec.name for spec in inputs)
        self.output_names = tuple(spec.name for spec in outputs)
        self.out_features = width
        self.step = step
        self.scale = PictureScale(inputs[0])
        self.dropout = ChannelDropout(dropout)
        self.head = nn.Conv2d(width, outputs[0].size * step * step, 1)

    @abstractmethod
    def maps(self, images: Tensor) -> Tensor:
        """Return what the network knows of each square of pixels.

        Args:
            images: float [batch, channels × step², rows, columns], folded.

        Returns:
            float [batch, width, rows, columns].
        """

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        picture = inputs[self.input_names[0]]
        height, width = picture.shape[-2:]
        maps = self.dropout(self.maps(folded(self.scale(picture), self.step)))
        logits = unfolded(self.head(maps), self.step, (height, width))
        return {self.output_names[0]: logits[:, None]}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        picture = inputs[self.input_names[0]]
        return self.maps(folded(self.scale(picture), self.step)).mean(dim=(2, 3))

    @override
    def initialise(self, inputs: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> None:
        """Set the biases of the answers to how frequent the classes are."""
        del inputs
        masks = targets[self.output_names[0]]
        size = self.head.out_channels // (self.step * self.step)
        counts = torch.bincount(masks.flatten().long(), minlength=256)[:size].float() + 1
        logs = (counts / counts.sum()).log()
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.copy_(logs.repeat_interleave(self.step * self.step))


class AbstractSegmenterConfig(AbstractModelConfig):
    """Config of such a network: its fields are its document."""

    __slots__ = ()

    def check(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> None:
        """Refuse what it cannot read or answer.

        Args:
            inputs: What the data says about each input.
            outputs: What the network must answer.

        Raises:
            ConfigError: It is not one picture and one mask.
        """
        kinds = [spec.kind for spec in inputs]
        if kinds != ["image"] or len(outputs) != 1:
            raise ConfigError(
                f"a network for masks reads one picture and answers one mask, got the inputs "
                f"{', '.join(kinds) or 'none'} and {len(outputs)} outputs. Leave other columns out "
                "with --ignore."
            )
