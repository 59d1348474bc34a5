"""Vision Transformer: a picture as a sequence of patches.

Source: Dosovitskiy et al. 2020, "An image is worth 16×16 words", arXiv:2010.11929; Beyer, Zhai and
Kolesnikov 2022, "Better plain ViT baselines", arXiv:2205.01580 (sine-cosine positions, mean).
"""

from dataclasses import dataclass, field
from typing import ClassVar, final

from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec
from lamina.networks.layers.dropout import Dropout
from lamina.networks.layers.embeddings import grid_positions
from lamina.networks.layers.pictures import PictureScale, check_side
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class ViTConfig(AbstractEncoderConfig):
    """Settings of the Vision Transformer."""

    kinds: ClassVar[tuple[str, ...]] = ("image",)

    blocks: TransformerBlocksConfig = field(
        default_factory=lambda: TransformerBlocksConfig(width=128)
    )
    """The stack of blocks; its width must be a multiple of 4."""
    patch_size: int = 4
    """Side of a patch in pixels; 4 for pictures of 32, 16 for pictures of 224."""

    def __post_init__(self) -> None:
        if self.patch_size < 1:
            raise ConfigError(f"patch_size must be at least 1, got {self.patch_size!r}. Try 4.")
        grid_positions(1, 1, self.blocks.width)

    @override
    def build(self, spec: InputSpec) -> "ViT":
        return ViT(self, spec)


@final
class ViT(AbstractEncoder):
    """Vision Transformer, uint8 [batch, channels, height, width] → [batch, width].

    Args:
        config: Its settings.
        spec: What the data says about the input.

    Raises:
        ConfigError: The pictures are smaller than a patch.

    Source:
        arXiv:2205.01580. Differs: pictures that patches do not tile get a border of the mean.
    """

    def __init__(self, config: ViTConfig, spec: InputSpec) -> None:
        super().__init__()
        check_side(spec, config.patch_size)
        self.scale = PictureScale(spec)
        self.patches = nn.Conv2d(
            spec.shape[0], config.blocks.width, config.patch_size, stride=config.patch_size
        )
        self.dropout = Dropout(config.blocks.dropout)
        self.stack = config.blocks.build()
        self.out_features = config.blocks.width

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        size = self.patches.kernel_size[0]
        below, right = -inputs.shape[2] % size, -inputs.shape[3] % size
        pictures = F.pad(self.scale(inputs), (0, right, 0, below))
        patches = self.patches(pictures)
        height, width = patches.shape[2:]
        places = grid_positions(height, width, self.out_features, device=patches.device)
        sequence = patches.flatten(2).transpose(1, 2) + places.to(patches.dtype)
        outputs: Tensor = self.stack(self.dropout(sequence))
        return outputs.mean(dim=1)
