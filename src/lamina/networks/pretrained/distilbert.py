"""DistilBERT: BERT without types of tokens, under names of its own."""

from lamina.networks.bert import BertConfig
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.networks.pretrained.family import Family, activation_of
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, at_places, linear, words

EMBEDDINGS = (
    Row("embeddings.words.words.weight", ("embeddings.word_embeddings.weight",), words),
    Row("embeddings.positions.embedding.weight", ("embeddings.position_embeddings.weight",)),
    *linear("embeddings.norm", "embeddings.LayerNorm"),
)
BLOCK = (
    *linear(
        "stack.{i}.attention.query_key_value",
        "transformer.layer.{i}.attention.q_lin",
        "transformer.layer.{i}.attention.k_lin",
        "transformer.layer.{i}.attention.v_lin",
    ),
    *linear("stack.{i}.attention.output", "transformer.layer.{i}.attention.out_lin"),
    *linear("stack.{i}.attention_norm", "transformer.layer.{i}.sa_layer_norm"),
    *linear("stack.{i}.feed_forward.inner", "transformer.layer.{i}.ffn.lin1"),
    *linear("stack.{i}.feed_forward.outer", "transformer.layer.{i}.ffn.lin2"),
    *linear("stack.{i}.feed_forward_norm", "transformer.layer.{i}.output_layer_norm"),
)
_USELESS = (
    "vocab_transform.*",
    "vocab_layer_norm.*",
    "vocab_projector.*",
    "pre_classifier.*",
    "classifier.*",
    "qa_outputs.*",
    "embeddings.position_ids",
)


def config_of(settings: Settings) -> BertConfig:
    """Return our settings of a published DistilBERT.

    Args:
        settings: Its settings.
    """
    width = settings.integer("dim")
    blocks = ClassicBlocksConfig(
        depth=settings.integer("n_layers"),
        width=width,
        num_heads=settings.integer("n_heads"),
        ratio=settings.integer("hidden_dim", 4 * width) / width,
        activation=activation_of(settings, "activation"),
        epsilon=1e-12,
        dropout=settings.number("dropout", 0.1),
    )
    return BertConfig(blocks=blocks, max_length=settings.integer("max_position_embeddings", 512))


def names_of(config: BertConfig) -> Names:
    """Return the names of the tensors of a published DistilBERT.

    Args:
        config: Our settings.
    """
    blocks = at_places(BLOCK, ({"i": i} for i in range(config.blocks.depth)))
    return Names(rows=(*EMBEDDINGS, *blocks), prefix="distilbert", useless=_USELESS)


DISTILBERT = Family(config=config_of, names=names_of, kind="text")
