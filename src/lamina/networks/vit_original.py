"""The Vision Transformer exactly as published, with a class token and learned positions.

`vit.py` is the better network to train from fresh weights; this one is for trained weights.

Source: Dosovitskiy et al. 2020, "An image is worth 16×16 words", arXiv:2010.11929.
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.core.table import look_up
from lamina.networks.layers.attention import SelfAttention
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig, PreNormBlock
from lamina.networks.layers.dropout import Dropout
from lamina.networks.layers.pictures import PictureScale, check_side
from lamina.networks.layers.pooling import POOLINGS
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class OriginalViTConfig(AbstractEncoderConfig):
    """Settings of the published Vision Transformer."""

    kinds: ClassVar[tuple[str, ...]] = ("image",)

    blocks: ClassicBlocksConfig = field(default_factory=ClassicBlocksConfig)
    """The stack of blocks."""
    patch_size: int = 16
    """Side of a patch in pixels."""
    pooling: str = "first"
    """Name in the table of poolings; the first position is the class token."""

    def __post_init__(self) -> None:
        if self.patch_size < 1:
            raise ConfigError(f"patch_size must be at least 1, got {self.patch_size!r}. Try 16.")

    @override
    def build(self, spec: InputSpec) -> "OriginalViT":
        return OriginalViT(self, spec)


@final
class OriginalViT(AbstractEncoder):
    """Published Vision Transformer, uint8 [batch, channels, height, width] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Raises:
        ConfigError: The pictures are smaller than a patch.

    Source:
        arXiv:2010.11929. What is left of a picture beside whole patches is not seen.
    """

    def __init__(self, config: OriginalViTConfig, spec: InputSpec) -> None:
        super().__init__()
        check_side(spec, config.patch_size)
        self.embeddings = _Embeddings(config, spec)
        blocks = config.blocks
        self.stack = nn.ModuleList(
            PreNormBlock(blocks, SelfAttention(blocks.width, blocks.num_heads))
            for _ in range(blocks.depth)
        )
        self.norm = blocks.norm()
        self.pooling = look_up(POOLINGS, config.pooling, what="pooling")
        self.out_features = blocks.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        sequence = self.sequence(inputs)
        return self.pooling(sequence, sequence.new_ones(sequence.shape[:2], dtype=torch.bool))

    def sequence(self, inputs: Tensor) -> Tensor:
        """Return the features of the class token and every patch, float [batch, 1 + n, width].

        Args:
            inputs: Pictures on the scale of 0 to 255.
        """
        sequence = self.embeddings(inputs)
        for block in self.stack:
            sequence = block(sequence)
        outputs: Tensor = self.norm(sequence)
        return outputs

    @override
    def layers_in_order(self) -> tuple[nn.Module, ...]:
        return (self.embeddings, *self.stack, self.norm)


class _Embeddings(nn.Module):
    """The class token and the patches, with the vectors of their places."""

    def __init__(self, config: OriginalViTConfig, spec: InputSpec) -> None:
        super().__init__()
        width, size = config.blocks.width, config.patch_size
        num_patches = (spec.shape[1] // size) * (spec.shape[2] // size)
        self.scale = PictureScale(spec)
        self.patches = nn.Conv2d(spec.shape[0], width, size, stride=size)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 1 + num_patches, width) * 0.02)
        self.dropout = Dropout(config.blocks.dropout)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        patches = self.patches(self.scale(inputs)).flatten(2).transpose(1, 2)
        token = self.token.to(patches.dtype).expand(patches.shape[0], -1, -1)
        outputs: Tensor = self.dropout(torch.cat((token, patches), dim=1) + self.positions)
        return outputs
