"""A whole tagger: vectors of words, their shapes and letters; the words around; a chain of tags.

Source: Huang et al. 2015, "Bidirectional LSTM-CRF models for sequence tagging", arXiv:1508.01991;
Ma and Hovy 2016, arXiv:1603.01354 (letters by convolution); Lample et al. 2016, arXiv:1603.01360.
Differs: see `chain.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.parts import Vectors
from lamina.networks.taggers.chain import AbstractTagger, AbstractTaggerConfig, check_tagged


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggerConfig(AbstractTaggerConfig):
    """Settings of a whole tagger."""

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
        self.look_around(config, self.look_at(config, spec), output)

    @override
    def vectors(self) -> Mapping[str, Vectors]:
        # A tagger of pieces has none: what it knows of a word holds the words around already.
        return {self.input_names[0]: Vectors(self.known)}

    @override
    def alone(self, words: Tensor) -> Tensor:
        return self.seen(words)
