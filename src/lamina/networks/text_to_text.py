"""Text to text: how likely each right answer is, or the likeliest answer, from a text that is read.

Given the answer as an input, its outputs are what is measured of it: nats, tokens, bytes, and nats
of all tokens, for label smoothing. Given the text alone, its output is the answer that beam search
finds: its nats and tokens, then its tokens.

Source: Sutskever et al. 2014, arXiv:1409.3215; Szegedy et al. 2016, arXiv:1512.00567 (smoothing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.answers import LIKELIHOOD, MARK, AbstractWriter
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.beam_search import SearchConfig, search
from lamina.networks.layers.token_nats import token_nats_and_mean
from lamina.networks.stepwise import Stepwise
from lamina.networks.translator import TranslatorConfig
from lamina.networks.translator_base import AbstractTranslator, AbstractTranslatorConfig
from lamina.networks.translator_steps import translator_steps
from lamina.networks.translators import TRANSLATORS


@dataclass(frozen=True, kw_only=True, slots=True)
class TextToTextConfig(AbstractModelConfig):
    """Settings of a network from text to text."""

    translator: AbstractTranslatorConfig = part_field(  # noqa: RUF009
        TRANSLATORS, TranslatorConfig(), what="network that answers texts"
    )
    """The network that reads and writes."""
    search: SearchConfig = field(default_factory=SearchConfig)
    """How answers are looked for."""
    is_shared: bool = True
    """Whether texts read and written are cut into the same tokens, which share vectors then."""

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "TextToText":
        read = [spec for spec in inputs if spec.name not in {output.name for output in outputs}]
        written = [spec for spec in inputs if spec not in read]
        fits = len(read) == len(written) == 1 and read[0].kind == written[0].kind == "text"
        if not fits or written[0].token_bytes is None:
            found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in inputs)
            raise ConfigError(
                "a network from text to text reads one text and writes one, both cut into bytes or "
                f"byte pairs, got {found}. Name the other columns with --ignore."
            )
        if self.is_shared and read[0].vocabulary_size != written[0].vocabulary_size:
            raise ConfigError(
                f"the texts read have {read[0].vocabulary_size:,} tokens, those written "
                f"{written[0].vocabulary_size:,}, so they share none. Set network.is_shared to "
                "false."
            )
        return TextToText(self, read[0], written[0])


@final
class TextToText(AbstractWriter):
    """A text, and perhaps its answer, to the likelihood of that answer, or to the likeliest one.

    Args:
        config: Its settings.
        read: What the data says about the text.
        written: What they say about the answer.

    Shape:
        {text: int64 [batch, length], answer: int64 [batch, length]} → {likelihood: float [batch,
        4]}; {text} → {answer: float [batch, 2 + length]}. Each text begins with a mark, which also
        ends what is written.

    Source:
        arXiv:1409.3215; see the file header.
    """

    token_bytes: Tensor

    def __init__(self, config: TextToTextConfig, read: InputSpec, written: InputSpec) -> None:
        super().__init__()
        assert written.token_bytes is not None
        self.input_names, self.output_names = (read.name,), (written.name,)
        self.search = config.search
        self.translator: AbstractTranslator = config.translator.build(
            read.vocabulary_size, written.vocabulary_size, is_shared=config.is_shared
        )
        self.out_features = self.translator.width
        sizes = torch.from_numpy(written.token_bytes.copy())
        self.register_buffer("token_bytes", sizes, persistent=False)

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        read, name = inputs[self.input_names[0]], self.output_names[0]
        if name in inputs:
            return {LIKELIHOOD: self._likelihood(read, inputs[name])}
        found = search(self.translator, read, self.search, mark=MARK, banned=self._unwritable())
        figures = torch.stack([found.nats, found.counts.to(found.nats.dtype)], dim=1)
        return {name: torch.cat([figures, found.tokens.to(figures.dtype)], dim=1)}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        return self.translator.gist(self.translator.read(inputs[self.input_names[0]]))

    @override
    def stepwise(self) -> Stepwise:
        return translator_steps(self.translator, self.search, banned=self._unwritable())

    @override
    def token_nats(self, inputs: Mapping[str, Tensor]) -> Tensor:
        read, answer = inputs[self.input_names[0]], inputs[self.output_names[0]]
        return self._each(read, answer)[0]

    @override
    def looks(self, inputs: Mapping[str, Tensor]) -> Tensor:
        reading = self.translator.read(inputs[self.input_names[0]])
        # Each state foresees the token behind it; the last one foresees the end.
        return self.translator.looks(inputs[self.output_names[0]], reading)[0, :-1]

    def _likelihood(self, read: Tensor, answer: Tensor) -> Tensor:
        """Return nats, tokens and bytes of answers, and the mean nats of all tokens."""
        nats, spread, truth = self._each(read, answer)
        counted = truth > 0
        sizes = (self.token_bytes[truth] * counted).float()
        rows = (nats, counted.float(), sizes, spread)
        return torch.stack([row.sum(dim=1) for row in rows], dim=1)

    def _each(self, read: Tensor, answer: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return nats of each token, the mean nats of all tokens there, and the tokens."""
        lengths = (answer > 0).sum(dim=1, keepdim=True)
        places = torch.arange(answer.shape[1], device=answer.device)
        after = torch.cat([answer[:, 1:], torch.zeros_like(answer[:, :1])], dim=1)
        truth = torch.where(places == lengths - 1, MARK, after)
        states = self.translator.states(answer, self.translator.read(read))
        # Only places that count are scored: the vocabulary is most of the work.
        counted = truth > 0
        found = token_nats_and_mean(self.translator.scores(states[counted]), truth[counted])
        nats, spread = (_placed(value, counted) for value in found)
        return nats, spread, truth

    def _unwritable(self) -> Tensor:
        """Return the tokens that are no part of any text, the mark left out."""
        nothing = torch.nonzero(self.token_bytes == 0).squeeze(1)
        return nothing[nothing != MARK]


def _placed(values: Tensor, counted: Tensor) -> Tensor:
    """Return values at the places that count, 0 at the others, float [batch, length]."""
    return torch.zeros(counted.shape, dtype=values.dtype, device=values.device).masked_scatter(
        counted, values
    )
