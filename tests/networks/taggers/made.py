"""A small column of words and its tags, which the tests of taggers share."""

import numpy as np
import polars as pl
import torch
from torch import nn

from lamina.core.random import draws
from lamina.core.records import OutputSpec
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.modalities.words import Words
from lamina.networks.bert import BertConfig
from lamina.networks.layers.classic_blocks import ClassicBlocksConfig
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.taggers.chain import AbstractTagger
from lamina.networks.taggers.contexts import (
    ConvolutionalContextConfig,
    NoContextConfig,
    RecurrentContextConfig,
    TransformerContextConfig,
)
from lamina.networks.taggers.pieces import PieceTaggerConfig
from lamina.networks.taggers.spellers import ConvolutionSpellerConfig, RecurrentSpellerConfig
from lamina.networks.taggers.whole import TaggerConfig
from lamina.networks.transformer import TransformerConfig

SENTENCES = [
    ["EU", "rejects", "German", "call"],
    ["Peter", "Blackburn"],
    ["a", "call", "to", "Bonn"],
    ["no"],
]
TAGS = [
    ["B-ORG", "O", "B-MISC", "O"],
    ["B-PER", "I-PER"],
    ["O", "O", "O", "B-LOC"],
    ["O"],
]
_WORDS = Words.fit(pl.Series("w", SENTENCES), role="input", options=ModalityOptions())
_TAGS = TagSequence.fit(pl.Series("t", TAGS), role="target", options=ModalityOptions())
_CUT = Words.fit(
    pl.Series("w", SENTENCES),
    role="input",
    options=ModalityOptions(tokens="byte_pairs", max_pieces=270),
)
SPEC = _WORDS.input_spec("words")
CUT_SPEC = _CUT.input_spec("words")
OUTPUT = OutputSpec("tags", _TAGS.output_size, _TAGS.follows())

SMALL = {
    "convolution": ConvolutionSpellerConfig(embedding_width=4, width=6),
    "recurrent": RecurrentSpellerConfig(embedding_width=4, width=3),
}
NEAR = {
    "recurrent": RecurrentContextConfig(width=5, depth=2),
    "transformer": TransformerContextConfig(
        blocks=TransformerBlocksConfig(depth=1, width=8, num_heads=2)
    ),
    "convolutional": ConvolutionalContextConfig(width=8, depth=1, kernel_size=3),
    "none": NoContextConfig(),
}

READ = {
    "transformer": TransformerConfig(
        blocks=TransformerBlocksConfig(depth=1, width=8, num_heads=2, dropout=0.0)
    ),
    "bert": BertConfig(
        blocks=ClassicBlocksConfig(depth=1, width=8, num_heads=2, dropout=0.0), max_length=64
    ),
}


def inputs(*, with_tags: bool = False, is_cut: bool = False) -> dict[str, torch.Tensor]:
    """Return the sentences as a network sees them, with their pieces where words are cut."""
    index = torch.arange(len(SENTENCES))
    words = (_CUT if is_cut else _WORDS).encode(pl.Series("w", SENTENCES)).values.select(index)
    tags = _TAGS.encode(pl.Series("t", TAGS)).values.select(index)
    return {"words": words, "tags": tags} if with_tags else {"words": words}


def build(speller: str = "convolution", context: str = "recurrent", **settings):
    """Return a small tagger."""
    torch.manual_seed(1)
    config = TaggerConfig(
        embedding_width=6, speller=SMALL[speller], context=NEAR[context], **settings
    )
    return config.build([SPEC], [OUTPUT])


def build_of_pieces(name: str = "transformer", spec=CUT_SPEC, **settings):
    """Return a small tagger that reads pieces."""
    torch.manual_seed(1)
    config = PieceTaggerConfig(
        **{
            "encoder": READ[name],
            "embedding_width": 6,
            "speller": SMALL["convolution"],
            "context": NEAR["recurrent"],
            **settings,
        }
    )
    return config.build([spec], [OUTPUT])


def names(ids: torch.Tensor) -> list[list[str]]:
    """Return ids as tags."""
    return _TAGS.decode(ids).to_list()


def lengths() -> np.ndarray:
    """Return the words of each sentence."""
    return np.array([len(words) for words in SENTENCES])


def check_splits(model: AbstractTagger, shown: dict[str, torch.Tensor]) -> None:
    """Check that four sentences drop the same together as one and three do."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.eval()  # statistics of a batch depend on it by design
    with torch.no_grad():
        with draws(1, 2, start=0, batch_size=4):
            together = model(shown)["likelihood"]
        parts = []
        for start, stop in ((0, 1), (1, 4)):
            with draws(1, 2, start=start, batch_size=4):
                parts.append(model({n: v[start:stop] for n, v in shown.items()})["likelihood"])
    torch.testing.assert_close(torch.cat(parts), together, atol=1e-4, rtol=1e-4)
