"""BERT: names and settings of its published form."""

from collections.abc import Sequence

from torch import Tensor

from lamina.networks.bert import BertConfig
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.networks.pretrained.family import Family, activation_of
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, Wanted, at_places, linear, words

EMBEDDINGS = (
    Row("embeddings.words.words.weight", ("embeddings.word_embeddings.weight",), words),
    *linear("embeddings.norm", "embeddings.LayerNorm"),
)
BLOCK = (
    *linear(
        "stack.{i}.attention.query_key_value",
        "encoder.layer.{i}.attention.self.query",
        "encoder.layer.{i}.attention.self.key",
        "encoder.layer.{i}.attention.self.value",
    ),
    *linear("stack.{i}.attention.output", "encoder.layer.{i}.attention.output.dense"),
    *linear("stack.{i}.attention_norm", "encoder.layer.{i}.attention.output.LayerNorm"),
    *linear("stack.{i}.feed_forward.inner", "encoder.layer.{i}.intermediate.dense"),
    *linear("stack.{i}.feed_forward.outer", "encoder.layer.{i}.output.dense"),
    *linear("stack.{i}.feed_forward_norm", "encoder.layer.{i}.output.LayerNorm"),
)
USELESS = ("pooler.*", "cls.*", "classifier.*", "qa_outputs.*", "embeddings.position_ids")
"""Heads of other tasks, and numbers that are the same in every file."""


def config_of(settings: Settings) -> BertConfig:
    """Return our settings of a published BERT.

    Args:
        settings: Its settings.
    """
    return BertConfig(
        blocks=blocks_of(settings), max_length=settings.integer("max_position_embeddings", 512)
    )


def blocks_of(settings: Settings) -> ClassicBlocksConfig:
    """Return our settings of the blocks of a published BERT, RoBERTa or ViT.

    Args:
        settings: Its settings.
    """
    settings.must_be(position_embedding_type="absolute", is_decoder=False)
    width = settings.integer("hidden_size")
    return ClassicBlocksConfig(
        depth=settings.integer("num_hidden_layers"),
        width=width,
        num_heads=settings.integer("num_attention_heads"),
        ratio=settings.integer("intermediate_size", 4 * width) / width,
        activation=activation_of(settings, "hidden_act"),
        epsilon=settings.number("layer_norm_eps", 1e-12),
        dropout=settings.number("hidden_dropout_prob", 0.1),
    )


def names_of(config: BertConfig, *, first_place: int = 0, prefix: str = "bert") -> Names:
    """Return the names of the tensors of a published BERT.

    Args:
        config: Our settings.
        first_place: Row of the table of positions that a text begins with.
        prefix: What may stand before every name.
    """

    def positions(tensors: Sequence[Tensor], wanted: Wanted) -> Tensor:
        places, types = tensors
        return places[first_place : first_place + wanted.shape[0]] + types[0]

    table = ("embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight")
    rows = (
        *EMBEDDINGS,
        Row("embeddings.positions.embedding.weight", table, positions),
        *at_places(BLOCK, ({"i": i} for i in range(config.blocks.depth))),
    )
    return Names(rows=rows, prefix=prefix, useless=USELESS)


BERT = Family(config=config_of, names=names_of, kind="text")
