"""Language model: how likely each text is, token by token, from a network that writes.

Its outputs are not the scores of all tokens, which would be as large as the text times the
vocabulary, but what is measured of a text: nats, tokens and bytes. A text longer than the stretch
that the network was trained on is cut into stretches.

Source: Bengio et al. 2003, "A neural probabilistic language model"; Radford et al. 2019 (GPT-2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.continuous_cache import CachedDecoder
from lamina.networks.decoder import DecoderConfig
from lamina.networks.decoder_base import AbstractDecoder, AbstractDecoderConfig
from lamina.networks.decoders import DECODERS
from lamina.networks.layers.dropout import check_rate
from lamina.networks.layers.token_nats import token_nats
from lamina.networks.stepwise import MemoryForm, Port, StepGraph, Stepwise, kept
from lamina.runtime.transcript_search import MARK
from lamina.runtime.writers.next_token import VALUES, NextToken
from lamina.runtime.writers.steps import BEGINS, SCORES, TOKENS


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageModelConfig(AbstractModelConfig):
    """Settings of a language model."""

    decoder: AbstractDecoderConfig = part_field(  # noqa: RUF009
        DECODERS, DecoderConfig(), what="network that writes"
    )
    """The network that scores the next token."""
    context: int = 256
    """Tokens that are read at a time, at least 1."""
    answering_context: int | None = None
    """Tokens that are read at a time where texts are measured or written: None for as many as are
    learnt from. Recurrent networks know more in longer stretches than in those they learnt from."""
    cache_share: float = 0.0
    """Share of the probability that goes, where texts are measured or written, to the tokens that
    followed similar places of the same text, in [0, 1); 0 for none."""
    cache_sharpness: float = 8.0
    """How much more a more similar place counts there: factor of the cosine of the angle between
    two states, at least 0."""

    def __post_init__(self) -> None:
        check_rate("cache_share", self.cache_share)
        if self.cache_sharpness < 0:
            raise ConfigError(
                f"cache_sharpness must be at least 0, got {self.cache_sharpness!r}. Try 8.0."
            )
        if min(self.context, self.answering_context or 1) < 1:
            raise ConfigError(
                "context and answering_context must be at least 1 token, got "
                f"{self.context!r} and {self.answering_context!r}. Try 256 and null."
            )

    @property
    def measured(self) -> int:
        """Tokens that are read at a time where texts are measured."""
        return self.answering_context or self.context

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "LanguageModel":
        if len(inputs) != 1 or inputs[0].token_bytes is None or len(outputs) != 1:
            found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in inputs)
            raise ConfigError(
                f"a language model reads one text cut into bytes or byte pairs, got {found}. Name "
                "the other columns with --ignore."
            )
        return LanguageModel(self, inputs[0], outputs[0].name)


@final
class LanguageModel(AbstractModel):
    """Texts to nats, tokens and bytes.

    Args:
        config: Its settings.
        spec: What the data says about the text.
        output: Name of the output.

    Shape:
        {text: int64 [batch, length]} → {output: float [batch, 3]}; the first token is only read.

    Source:
        Bengio et al. 2003; see the file header.
    """

    token_bytes: Tensor

    def __init__(self, config: LanguageModelConfig, spec: InputSpec, output: str) -> None:
        super().__init__()
        assert spec.token_bytes is not None
        self.input_names, self.output_names = (spec.name,), (output,)
        self.context = config.measured
        # Three stretches: of one alone, exporters would take the number for fixed.
        self.traced_tokens = 2 * config.measured + 2
        decoder = config.decoder.build(spec.vocabulary_size)
        if config.cache_share:
            decoder = CachedDecoder(decoder, config.cache_share, config.cache_sharpness)
        self.decoder: AbstractDecoder = decoder
        self.out_features = self.decoder.width
        sizes = torch.from_numpy(spec.token_bytes.copy())
        self.register_buffer("token_bytes", sizes, persistent=False)

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        tokens = inputs[self.input_names[0]]
        pieces = self._stretches(tokens)
        read, truth = pieces[:, :-1], pieces[:, 1:]
        found = measured(self.decoder(read), truth, self.token_bytes)
        return {self.output_names[0]: found.reshape(tokens.shape[0], -1, 3).sum(dim=1)}

    @override
    def stepwise(self) -> Stepwise:
        example = torch.full((3, 5), MARK)
        memories = self.decoder.new_memories()
        self.decoder.states(example, memories)
        form = MemoryForm(memories)
        begins = Port(BEGINS, torch.zeros(3, dtype=torch.int64), (0,))
        step = StepGraph(
            _Step(self.decoder, self.token_bytes, form),
            (Port(TOKENS, example, (0, 1)), *((begins,) if form.grows else ()), *form.ports()),
            (VALUES, SCORES, *form.outputs()),
        )
        document: dict[str, Any] = {"context": self.context, "memories": form.to_document()}
        # Rows of different lengths can be written side by side.
        document["is_padded"] = True
        document["name"] = NextToken.name
        return Stepwise({"step": step}, document, answers_at_once=True)

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        tokens = inputs[self.input_names[0]]
        # Here no token may be met twice, so that stretches share none.
        size = min(self.context, tokens.shape[1])
        pieces = F.pad(tokens, (0, -tokens.shape[1] % size)).reshape(-1, size)
        states = self.decoder.states(pieces)
        is_real = (pieces > 0).unsqueeze(2).to(states.dtype)
        rows = tokens.shape[0]
        states, is_real = (
            value.reshape(rows, -1, value.shape[2]) for value in (states * is_real, is_real)
        )
        return states.sum(dim=1) / is_real.sum(dim=1).clamp(min=1.0)

    def _stretches(self, tokens: Tensor) -> Tensor:
        """Return int64 [batch * stretches, length]; the last of one is the first of the next."""
        length = tokens.shape[1]
        if not torch.compiler.is_exporting():
            if length == 1:
                return F.pad(tokens, (0, 1))
            if length <= self.context + 1:
                return tokens
        count = (length + self.context - 2) // self.context + (0 if length > 1 else 1)
        padded = F.pad(tokens, (0, count * self.context + 1 - length))
        starts = torch.arange(count, device=tokens.device) * self.context
        places = starts[:, None] + torch.arange(self.context + 1, device=tokens.device)
        return padded[:, places].flatten(0, 1)


def measured(scores: Tensor, truth: Tensor, token_bytes: Tensor) -> Tensor:
    """Return nats, tokens and bytes of stretches, float [batch, 3].

    Args:
        scores: float [batch, length, vocabulary].
        truth: int64 [batch, length], the tokens that came.
        token_bytes: Bytes of each token; marks and padding have none, and are no part of a text.
    """
    nats = token_nats(scores, truth)
    sizes = token_bytes[truth]
    counted = (sizes > 0).float()
    return torch.stack([(nats * counted).sum(1), counted.sum(1), sizes.float().sum(1)], dim=1)


@final
class _Step(nn.Module):
    """Tokens to what is measured of them, the scores of the next one, and what is remembered."""

    token_bytes: Tensor

    def __init__(self, decoder: AbstractDecoder, token_bytes: Tensor, form: MemoryForm) -> None:
        super().__init__()
        self.decoder, self.form = decoder, form
        self.register_buffer("token_bytes", token_bytes, persistent=False)

    @override
    def forward(self, tokens: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        memories = self.decoder.new_memories()
        begins, rest = (rest[0], rest[1:]) if self.form.grows else (None, rest)
        self.form.restore(memories, rest, begins)
        scores = self.decoder(tokens, memories)
        values = measured(scores[:, :-1], tokens[:, 1:], self.token_bytes)
        return values, scores[:, -1].float(), *kept(memories)


def decoder_of(model: nn.Module) -> AbstractDecoder:
    """Return the network that writes of a language model.

    Args:
        model: Any network.

    Raises:
        ConfigError: It is no language model.
    """
    if not isinstance(model, LanguageModel):
        raise ConfigError(
            "this model writes no texts. Train one that does with: lamina fit corpus.txt"
        )
    return model.decoder
