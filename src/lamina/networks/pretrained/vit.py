"""ViT: names and settings of its published form."""

from lamina.networks.pretrained.bert import blocks_of
from lamina.networks.pretrained.family import Family
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, at_places, linear
from lamina.networks.vit_original import OriginalViTConfig

REST = (
    Row("embeddings.token", ("embeddings.cls_token",)),
    Row("embeddings.positions", ("embeddings.position_embeddings",)),
    *linear("embeddings.patches", "embeddings.patch_embeddings.projection"),
    *linear("norm", "layernorm"),
)
BLOCK = (
    *linear("stack.{i}.attention_norm", "encoder.layer.{i}.layernorm_before"),
    *linear(
        "stack.{i}.attention.query_key_value",
        "encoder.layer.{i}.attention.attention.query",
        "encoder.layer.{i}.attention.attention.key",
        "encoder.layer.{i}.attention.attention.value",
    ),
    *linear("stack.{i}.attention.output", "encoder.layer.{i}.attention.output.dense"),
    *linear("stack.{i}.feed_forward_norm", "encoder.layer.{i}.layernorm_after"),
    *linear("stack.{i}.feed_forward.inner", "encoder.layer.{i}.intermediate.dense"),
    *linear("stack.{i}.feed_forward.outer", "encoder.layer.{i}.output.dense"),
)
_USELESS = ("pooler.*", "classifier.*", "embeddings.mask_token", "decoder.*")


def config_of(settings: Settings) -> OriginalViTConfig:
    """Return our settings of a published ViT.

    Args:
        settings: Its settings.
    """
    settings.must_be(qkv_bias=True, num_channels=3)
    return OriginalViTConfig(
        blocks=blocks_of(settings), patch_size=settings.integer("patch_size", 16)
    )


def names_of(config: OriginalViTConfig) -> Names:
    """Return the names of the tensors of a published ViT.

    Args:
        config: Our settings.
    """
    blocks = at_places(BLOCK, ({"i": i} for i in range(config.blocks.depth)))
    return Names(rows=(*REST, *blocks), prefix="vit", useless=_USELESS)


VIT = Family(config=config_of, names=names_of, kind="image")
