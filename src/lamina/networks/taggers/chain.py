"""What all taggers share: how words look, and a chain of tags behind what is known of each.

Given the tags a tagger measures how likely they are; without them it answers the most probable
ones.

Source: Lafferty et al. 2001 (conditional random fields); Huang et al. 2015, arXiv:1508.01991 (on
top of a network); Ma and Hovy 2016, arXiv:1603.01354 (letters by convolution). Differs: words
outside the vocabulary have vectors of how they begin and end; words of the vocabulary are taken for
such ones now and then while training.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.random import keyed_mask
from lamina.core.records import InputSpec, OutputSpec
from lamina.core.spelling import NUM_PIECES
from lamina.networks.answers import LIKELIHOOD, AbstractMeasurer
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.layers.dropout import SequenceDropout, check_rate
from lamina.networks.layers.embeddings import token_embedding
from lamina.networks.layers.linear_chain import LinearChain
from lamina.networks.layers.word_vectors import WordVectors
from lamina.networks.taggers.base import AbstractContextConfig, AbstractSpellerConfig
from lamina.networks.taggers.contexts import CONTEXTS, RecurrentContextConfig
from lamina.networks.taggers.spellers import SPELLERS, ConvolutionSpellerConfig
from lamina.runtime.modalities.words import NUM_LETTERS

_SHAPE_WIDTH = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class AbstractTaggerConfig(AbstractModelConfig):
    """Settings that all taggers share."""

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


class AbstractTagger(AbstractMeasurer):
    """Words to the likelihood of given tags, or to the most probable ones.

    A tagger is made of its parts in this order: `look_at` where it knows single words, what is its
    own, `look_around`.

    Args:
        spec: What the data says about the words.
        output: What it says about the tags; their name is that of the further input, too.

    Shape:
        words int64 [batch, length, 22 or 38] and tags int64 [batch, length] → "likelihood" float
        [batch, 3]: nats, tags, 0; words alone → float [batch, 2 + length] under the name of
        the tags: nats, tags, then the ids of the tags, padded with 0; in a graph to be exported the
        scores of all tags, [batch, length × tags], NaN at padding.

    Source:
        arXiv:1508.01991.
    """

    answering: ClassVar[tuple[str, ...]] = ("scores.", "chain.")

    def __init__(self, spec: InputSpec, output: OutputSpec) -> None:
        super().__init__()
        self.input_names, self.output_names = (spec.name,), (output.name,)
        self.target = output.name
        # Does nothing: explanations take gradients at what is known of each word.
        self.known = nn.Identity()

    def look_at(self, config: AbstractTaggerConfig, spec: InputSpec) -> int:
        """Make what knows single words, for `seen`; return its features.

        Args:
            config: Its settings.
            spec: What the data says about the words.
        """
        num_shapes, num_letters = spec.cardinalities
        self.unknown = config.unknown
        self.vectors_of_words = WordVectors(spec, config.embedding_width, deviation=0.1)
        self.shapes = token_embedding(num_shapes, _SHAPE_WIDTH, deviation=0.1)
        self.speller = config.speller.build(num_letters)
        return config.embedding_width + _SHAPE_WIDTH + self.speller.out_features

    def seen(self, words: Tensor) -> Tensor:
        """Return what is known of each word alone, float [batch, length, features].

        Args:
            words: int64 [batch, length, numbers].
        """
        ids, shapes, letters = words[..., 0], words[..., 1], words[..., 2 : 2 + NUM_LETTERS]
        spelt = self.speller(letters.flatten(0, 1)).unflatten(0, ids.shape)
        known = self.vectors_of_words(self._some_unknown(ids))
        return torch.cat((known, self.shapes(shapes), spelt), dim=2)

    def look_around(
        self, config: AbstractTaggerConfig, in_features: int, output: OutputSpec
    ) -> None:
        """Make what reads the words around, and what scores the tags.

        Args:
            config: Its settings.
            in_features: Features of a word alone.
            output: What the data says about the tags.
        """
        assert output.follows is not None
        self.dropout = SequenceDropout(config.dropout)
        self.context = config.context.build(in_features)
        self.out_features = self.context.out_features
        self.scores = nn.Linear(self.out_features, output.size - 1)
        self.chain = LinearChain(output.follows)

    @abstractmethod
    def alone(self, words: Tensor) -> Tensor:
        """Return what is known of each word before the words around are read by the context.

        Args:
            words: int64 [batch, length, numbers].

        Returns:
            float [batch, length, features].
        """

    def places(self, words: Tensor, valid: Tensor) -> Tensor:
        """Return what is known at each place, float [batch, length, out_features].

        Args:
            words: int64 [batch, length, numbers].
            valid: Where there are words.
        """
        known = self.known(self.alone(words))
        found: Tensor = self.dropout(self.context(self.dropout(known), valid))
        return found

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        words = inputs[self.input_names[0]]
        valid = _valid(words)
        scores = self.scores(self.places(words, valid))
        if torch.compiler.is_exporting():
            # Graphs of any length know no search: whoever reads the scores searches them.
            return {self.target: scores.masked_fill(~valid.unsqueeze(2), torch.nan).flatten(1)}
        with torch.autocast(scores.device.type, enabled=False):
            scores = scores if scores.dtype == torch.float64 else scores.float()
            counts = valid.sum(dim=1, keepdim=True).to(scores.dtype)
            if self.target in inputs:
                tags = (inputs[self.target] - 1).clamp_min(0)
                nats = self.chain.nats(scores, tags, valid).unsqueeze(1)
                return {LIKELIHOOD: torch.cat((nats, counts, torch.zeros_like(nats)), dim=1)}
            # Two sums over a long sentence nearly cancel out: in float32 the fourth digit is lost.
            exact = scores.double()
            best, score = self.chain.best(exact, valid)
            nats = (self.chain.log_partition(exact, valid) - score).unsqueeze(1).to(scores.dtype)
            ids = ((best + 1) * valid).to(scores.dtype)
            return {self.target: torch.cat((nats, counts, ids), dim=1)}

    @override
    def token_nats(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return what each tag costs, whatever the others are, float [batch, length].

        Args:
            inputs: Words, and their tags.
        """
        words = inputs[self.input_names[0]]
        valid = _valid(words)
        tags = (inputs[self.target] - 1).clamp_min(0)
        # In float64: what is left of a sure tag's probability is told apart.
        scores = self.scores(self.places(words, valid)).double()
        return self.chain.tag_nats(scores, tags, valid).float()

    @override
    def decoding(self) -> dict[str, Any]:
        return {"chain": self.chain.table()}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        words = inputs[self.input_names[0]]
        valid = _valid(words)
        states = self.places(words, valid) * valid.unsqueeze(2)
        return states.sum(dim=1) / valid.sum(dim=1, keepdim=True)

    def _some_unknown(self, ids: Tensor) -> Tensor:
        """Return ids of which some became those of unknown words of the same spelling."""
        spelt = self.vectors_of_words.spelt
        if not self.training or self.unknown == 0.0 or spelt is None:
            return ids
        size = self.vectors_of_words.vocabulary_size
        kept = keyed_mask(tuple(ids.shape), self.unknown, ids.device) | (ids < 2)
        first, last = spelt(ids).unbind(-1)
        return torch.where(kept, ids, size + first + NUM_PIECES * (last - NUM_PIECES))


def check_tagged(inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> InputSpec:
    """Return what the data say about the words of which tags are to be told.

    Args:
        inputs: What they say about each input; one may be the tags.
        outputs: What the network must answer.

    Raises:
        ConfigError: There is not one column of words, with a tag for each.
    """
    names = {spec.name for spec in outputs}
    read = [spec for spec in inputs if spec.name not in names]
    if [spec.kind for spec in read] != ["words"] or len(outputs) != 1:
        found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in read)
        raise ConfigError(
            f"a tagger reads one column of words and answers one tag for each, got {found}. "
            "Name the other columns with --ignore."
        )
    if outputs[0].follows is None:
        raise ConfigError("a tagger must be told which tag may stand behind which.")
    return read[0]


def _valid(words: Tensor) -> Tensor:
    """Return where there are words, bool [batch, length]; the first place counts always."""
    first = torch.arange(words.shape[1], device=words.device) == 0
    return (words[..., 0] != 0) | first
