"""A tagger that reads sentences in pieces of words, with the encoder of another network or its own.

A Transformer reads the pieces of a whole sentence; what it knows of a word's first piece stands for
the word, beside what is known of the word alone. So a tagger can start from a network that has
learnt to fill in (`masked_language_model.py`), or from a published one.

Source: Devlin et al. 2018, "BERT", arXiv:1810.04805, section 5.3 (the first piece stands for the
word; an LSTM in both directions over what the encoder knows); Akbik et al. 2018, "Contextual string
embeddings for sequence labeling" (beside vectors of words, under a chain of tags). Differs: of a
word its first 16 pieces are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.random import folded
from lamina.core.records import InputSpec, OutputSpec
from lamina.core.table import Entry, table
from lamina.networks.bert import BertConfig
from lamina.networks.layers.dropout import AbstractDropout, StochasticDepth
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.parts import AbstractEncoder, AbstractEncoderConfig
from lamina.networks.taggers.chain import AbstractTagger, AbstractTaggerConfig, check_tagged
from lamina.networks.transformer import TransformerConfig
from lamina.runtime.modalities.words import NUM_PIECES, WIDTH

READERS: Mapping[str, Entry[type[AbstractEncoderConfig]]] = table(
    Entry("transformer", TransformerConfig, "Transformer encoder.", "arXiv:1706.03762"),
    Entry("bert", BertConfig, "BERT and its kin, as published.", "arXiv:1810.04805"),
)
"""All encoders that know something of each piece, by name."""

_SMALL = TransformerConfig(
    blocks=TransformerBlocksConfig(depth=2, width=128, num_heads=4, dropout=0.0)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PieceTaggerConfig(AbstractTaggerConfig):
    """Settings of a tagger that reads pieces."""

    encoder: AbstractEncoderConfig = part_field(  # noqa: RUF009
        READERS, _SMALL, what="encoder of pieces"
    )
    """What reads pieces; another network may have taught it."""
    stretch: int = 128
    """Pieces that it reads at a time, marks around them included; at least 8."""
    is_alone: bool = False
    """Whether the pieces are all that is known of a word: no vector, shape or letters beside."""

    def __post_init__(self) -> None:
        # Classes with slots are made anew, so that a bare `super()` would not find its class.
        AbstractTaggerConfig.__post_init__(self)
        if self.stretch < 8:
            raise ConfigError(f"stretch must be at least 8, got {self.stretch!r}. Try 128.")

    @override
    def encoder_of(self, spec: InputSpec) -> AbstractEncoderConfig | None:
        return self.encoder if spec.kind == "words" else None

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "PieceTagger":
        spec = check_tagged(inputs, outputs)
        if spec.pieces is None:
            raise ConfigError(
                f"a piece_tagger reads pieces of words, and the words of {spec.name!r} are cut "
                "into none. Set data.fitting.tokens to byte_pairs, or start from a network of "
                "pieces with --from."
            )
        return PieceTagger(self, spec, spec.pieces, outputs[0])


@final
class PieceTagger(AbstractTagger):
    """A tagger that knows words by what an encoder knows of their first pieces.

    Args:
        config: Its settings.
        spec: What the data says about the words.
        pieces: What it says about their pieces.
        output: What it says about the tags.

    Source:
        arXiv:1810.04805, section 5.3.
    """

    first: Tensor
    last: Tensor

    def __init__(
        self, config: PieceTaggerConfig, spec: InputSpec, pieces: InputSpec, output: OutputSpec
    ) -> None:
        super().__init__(spec, output)
        # In a list, as in a joined network, where the same encoder has the same name.
        self.encoders = nn.ModuleList([config.encoder.build(pieces)])
        for name, marks in zip(("first", "last"), pieces.marks):
            self.register_buffer(name, torch.tensor(marks, dtype=torch.int64), persistent=False)
        self.room = config.stretch - len(self.first) - len(self.last)
        # Two stretches: of one alone, exporters would take the number for fixed.
        self.traced_tokens = self.room // NUM_PIECES + 2
        width, self.is_alone = self.encoder.out_features, config.is_alone
        if not config.is_alone:
            width += self.look_at(config, spec)
        self.look_around(config, width, output)

    @property
    def encoder(self) -> AbstractEncoder:
        """What reads pieces."""
        found = self.encoders[0]
        assert isinstance(found, AbstractEncoder)
        return found

    @override
    def taught_encoders(self) -> Mapping[str, AbstractEncoder]:
        return {self.input_names[0]: self.encoder}

    @override
    def alone(self, words: Tensor) -> Tensor:
        known = self._first_pieces(words[..., WIDTH : WIDTH + NUM_PIECES])
        return known if self.is_alone else torch.cat((known, self.seen(words)), dim=2)

    def _first_pieces(self, pieces: Tensor) -> Tensor:
        """Return what the encoder knows of the first piece of each word.

        Args:
            pieces: int64 [batch, length, 16], padded with 0.

        Returns:
            float [batch, length, width].
        """
        packed, places = _packed(pieces)
        if not torch.compiler.is_compiling() and not self._draws_masks():
            packed = packed[:, : max(1, int((packed != 0).sum(dim=1).max()))]
        batch, room = packed.shape[0], self.room
        count = (packed.shape[1] + room - 1) // room
        rows = F.pad(packed, (0, count * room - packed.shape[1])).reshape(-1, room)
        with folded(count):
            states = self.encoder.states(self._marked(rows))
        assert states is not None, "an encoder of the table knows its places"
        start, width = len(self.first), states.shape[2]
        states = states[:, start : start + room].reshape(batch, -1, width)
        return states.gather(1, places.unsqueeze(2).expand(-1, -1, width))

    def _draws_masks(self) -> bool:
        """Return whether masks are drawn for each piece: then none may be cut off.

        How many pieces a sentence has differs between the parts of a batch, and masks must not.
        """
        return self.training and any(
            module.rate > 0.0
            for module in self.encoder.modules()
            if isinstance(module, (AbstractDropout, StochasticDepth))
        )

    def _marked(self, rows: Tensor) -> Tensor:
        """Return stretches with the marks that stand around a text."""
        if len(self.last):
            behind = (rows != 0).sum(dim=1, keepdim=True)
            ends = behind + torch.arange(len(self.last), device=rows.device)
            rows = F.pad(rows, (0, len(self.last)))
            rows = rows.scatter(1, ends, self.last.expand(rows.shape[0], -1))
        if len(self.first):
            rows = torch.cat((self.first.expand(rows.shape[0], -1), rows), dim=1)
        return rows


def _packed(pieces: Tensor) -> tuple[Tensor, Tensor]:
    """Return the pieces of sentences without padding between, and where each word begins.

    Args:
        pieces: int64 [batch, length, 16], padded with 0.

    Returns:
        int64 [batch, length × 16], padded with 0, and int64 [batch, length].
    """
    flat = pieces.flatten(1)
    is_piece = flat != 0
    places = is_piece.long().cumsum(dim=1) - 1
    # Padding goes to one further place, which is cut off.
    wanted = torch.where(is_piece, places, flat.shape[1])
    packed = torch.zeros_like(F.pad(flat, (0, 1))).scatter(1, wanted, flat)[:, :-1]
    begins = places.unflatten(1, (-1, pieces.shape[2]))[..., 0].clamp_min(0)
    return packed, begins
