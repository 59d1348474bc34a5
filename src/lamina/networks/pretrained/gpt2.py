"""GPT-2: names and settings of its published form; its matrices lie the other way round."""

from lamina.networks.gpt2 import GPT2Config
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.networks.pretrained.family import Family, activation_of
from lamina.networks.pretrained.files import Settings
from lamina.networks.pretrained.names import Names, Row, at_places, linear, turned, words

REST = (
    Row("embeddings.words.words.weight", ("wte.weight",), words),
    Row("embeddings.positions.embedding.weight", ("wpe.weight",)),
    *linear("norm", "ln_f"),
)
BLOCK = (
    *linear("stack.{i}.attention_norm", "h.{i}.ln_1"),
    *linear("stack.{i}.attention.query_key_value", "h.{i}.attn.c_attn", make=turned),
    *linear("stack.{i}.attention.output", "h.{i}.attn.c_proj", make=turned),
    *linear("stack.{i}.feed_forward_norm", "h.{i}.ln_2"),
    *linear("stack.{i}.feed_forward.inner", "h.{i}.mlp.c_fc", make=turned),
    *linear("stack.{i}.feed_forward.outer", "h.{i}.mlp.c_proj", make=turned),
)
_USELESS = ("h.*.attn.bias", "h.*.attn.masked_bias", "lm_head.weight", "score.weight")


def config_of(settings: Settings) -> GPT2Config:
    """Return our settings of a published GPT-2.

    Args:
        settings: Its settings.
    """
    settings.must_be(
        scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False, add_cross_attention=False
    )
    width = settings.integer("n_embd")
    has_ratio = settings.has("n_inner")
    blocks = ClassicBlocksConfig(
        depth=settings.integer("n_layer"),
        width=width,
        num_heads=settings.integer("n_head"),
        ratio=settings.integer("n_inner") / width if has_ratio else 4.0,
        activation=activation_of(settings, "activation_function", "gelu_new"),
        epsilon=settings.number("layer_norm_epsilon", 1e-5),
        dropout=settings.number("resid_pdrop", 0.1),
    )
    return GPT2Config(blocks=blocks, max_length=settings.integer("n_positions", 1024))


def names_of(config: GPT2Config) -> Names:
    """Return the names of the tensors of a published GPT-2.

    Args:
        config: Our settings.
    """
    blocks = at_places(BLOCK, ({"i": i} for i in range(config.blocks.depth)))
    return Names(rows=(*REST, *blocks), prefix="transformer", useless=_USELESS)


GPT2 = Family(config=config_of, names=names_of, kind="text")
