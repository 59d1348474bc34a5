"""A whole tagger: vectors of words, their shapes and letters; the words around; a chain of tags.

Source: Huang et al. 2015, "Bidirectional LSTM-CRF models for sequence tagging", arXiv:1508.01991;
Ma and Hovy 2016, arXiv:1603.01354 (letters by convolution); Lample et al. 2016, arXiv:1603.01360.
Differs: see `chain.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.layers.dropout import SequenceDropout, check_rate
from lamina.networks.taggers.base import AbstractContextConfig, AbstractSpellerConfig
from lamina.networks.taggers.chain import AbstractTagger, check_tagged
from lamina.networks.taggers.contexts import CONTEXTS, RecurrentContextConfig
from lamina.networks.taggers.spellers import SPELLERS, ConvolutionSpellerConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggerConfig(AbstractModelConfig):
    """Settings of a whole tagger."""

    embedding_width: int = 100
    """Numbers per word of the vocabulary."""
    speller: AbstractSpellerConfig = part_field(  # noqa: RUF009
        SPELLERS, ConvolutionSpellerConfig(), what="speller"
    )
    """What reads letters."""
    context: AbstractContextConfig = part_field(  # noqa: RUF009
        CONTEXTS, RecurrentContextConfig(), what="context"
    )
    """What reads the words around."""
    dropout: float = 0.5
    """Share of a word's features dropped while training, before and behind the context, the same
    ones at every word of a sentence; in [0, 1)."""
    unknown: float = 0.05
    """Share of words that are taken for unknown ones while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        check_rate("unknown", self.unknown)
        if self.embedding_width < 1:
            raise ConfigError(
                f"embedding_width must be at least 1, got {self.embedding_width!r}. Try 100."
            )

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Tagger":
        return Tagger(self, check_tagged(inputs, outputs), outputs[0])


@final
class Tagger(AbstractTagger):
    """A tagger that knows words by their vectors, shapes and letters.

    Args:
        config: Its settings.
        spec: What the data says about the words.
        output: What it says about the tags.

    Source:
        arXiv:1508.01991, arXiv:1603.01354.
    """

    def __init__(self, config: TaggerConfig, spec: InputSpec, output: OutputSpec) -> None:
        super().__init__(spec, output)
        width = self.look_at(
            spec,
            width=config.embedding_width,
            speller=config.speller,
            unknown=config.unknown,
        )
        self.dropout = SequenceDropout(config.dropout)
        self.context = config.context.build(width)
        self.answer_from(self.context.out_features, output)

    @override
    def places(self, words: Tensor, valid: Tensor) -> Tensor:
        found: Tensor = self.dropout(self.context(self.dropout(self.seen(words)), valid))
        return found
