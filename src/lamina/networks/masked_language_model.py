"""Masked language model: a Transformer that sees a text from both sides fills in hidden tokens.

While training, places are drawn anew each time a text is met; most of them show a mark, some a
random token, some what stands there. Where texts are measured, each token is hidden exactly once,
together with every seventh or so, so that nothing is left to chance.

Source: Devlin et al. 2018, "BERT", arXiv:1810.04805; Liu et al. 2019, arXiv:1907.11692 (places
drawn anew); Salazar et al. 2020, arXiv:1910.14659 (each token hidden once). Differs: as many places
of each text are hidden as the share says, to the nearest whole; tokens are hidden some at a time
where texts are measured, not one by one; the encoder's blocks normalise first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import folded, keyed_uniform
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.architecture import AbstractModel, AbstractModelConfig
from lamina.networks.layers.pooling import attendable, mean_pooling
from lamina.networks.layers.token_nats import token_nats
from lamina.networks.transformer import Transformer, TransformerConfig

HIDDEN = 1
"""The id that a hidden token shows: no text cut into pieces has it."""

_FIRST = 2  # ids below are padding and the mark


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskedLanguageModelConfig(AbstractModelConfig):
    """Settings of a masked language model."""

    encoder: TransformerConfig = field(default_factory=TransformerConfig)
    """The network that reads; another network of texts can start from it."""
    context: int = 128
    """Tokens that are read at a time, at least 2."""
    hidden: float = 0.2
    """Share of the tokens that are to be found, in (0, 0.5]."""
    replaced: float = 0.1
    """Share of these that show a random token instead of the mark."""
    kept: float = 0.1
    """Share of these that show themselves."""

    def __post_init__(self) -> None:
        if self.context < 2:
            raise ConfigError(f"context must be at least 2 tokens, got {self.context!r}. Try 128.")
        if not 0 < self.hidden <= 0.5:
            raise ConfigError(f"hidden must be above 0 and at most 0.5, got {self.hidden!r}.")
        if min(self.replaced, self.kept) < 0 or self.replaced + self.kept > 1:
            raise ConfigError(
                "replaced and kept must be shares of at most 1 together, got "
                f"{self.replaced!r} and {self.kept!r}. Try 0.1 and 0.1."
            )

    @override
    def build(
        self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]
    ) -> "MaskedLanguageModel":
        if len(inputs) != 1 or inputs[0].token_bytes is None or len(outputs) != 1:
            found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in inputs)
            raise ConfigError(
                f"a masked language model reads one text cut into what spells it, got {found}. "
                "Name the other columns with --ignore."
            )
        return MaskedLanguageModel(self, inputs[0], outputs[0].name)


@final
class MaskedLanguageModel(AbstractModel):
    """Texts to nats, number and bytes of tokens that were hidden, and how many were found.

    Args:
        config: Its settings.
        spec: What the data says about the text.
        output: Name of the output.

    Shape:
        {text: int64 [batch, length]} → {output: float [batch, 4]}.

    Source:
        arXiv:1810.04805; see the file header.
    """

    token_bytes: Tensor

    def __init__(self, config: MaskedLanguageModelConfig, spec: InputSpec, output: str) -> None:
        super().__init__()
        assert spec.token_bytes is not None
        self.input_names, self.output_names = (spec.name,), (output,)
        self.config, self.context = config, config.context
        # Two stretches: of one alone, exporters would take the number for fixed.
        self.traced_tokens = config.context + 2
        # In a list, as in a joined network, where the same encoder has the same name.
        self.encoders = nn.ModuleList([config.encoder.build(spec)])
        width = config.encoder.blocks.width
        self.out_features = width
        self.transform = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(spec.vocabulary_size))
        sizes = torch.from_numpy(spec.token_bytes.copy())
        self.register_buffer("token_bytes", sizes, persistent=False)

    @property
    def encoder(self) -> Transformer:
        """The network that reads."""
        found = self.encoders[0]
        assert isinstance(found, Transformer)
        return found

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        tokens = inputs[self.input_names[0]]
        pieces = self._stretches(tokens)
        count = pieces.shape[0] // tokens.shape[0]
        if self.training:
            with folded(count):
                states, truth, counted = self._drawn(pieces)
        else:
            states, truth, counted = self._each_once(pieces)
        scores = self.scores(states)
        nats = token_nats(scores, truth)
        is_found = (scores.argmax(dim=2) == truth).float()
        sizes = self.token_bytes[truth].float()
        rows = [nats * counted, counted, sizes * counted, is_found * counted]
        found = torch.stack([row.reshape(tokens.shape[0], -1).sum(dim=1) for row in rows], dim=1)
        return {self.output_names[0]: found}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        tokens = inputs[self.input_names[0]]
        pieces = self._stretches(tokens)
        states, valid = self.encoder.states(pieces), pieces > 0
        rows = tokens.shape[0]
        states, valid = states.reshape(rows, -1, states.shape[2]), valid.reshape(rows, -1)
        # A text without any token counts as its first place.
        return mean_pooling(states, attendable(valid.long()))

    def scores(self, states: Tensor) -> Tensor:
        """Return the scores of every token, float [..., vocabulary].

        Args:
            states: What the encoder knows at some places, float [..., width].
        """
        known = self.norm(F.gelu(self.transform(states)))
        return F.linear(known, self.encoder.embedding.words.weight, self.bias)

    def fill(self, tokens: Tensor) -> Tensor:
        """Return the scores of every token at each place of texts with hidden ones.

        Args:
            tokens: int64 [batch, length], at most as long as the context; `HIDDEN` where hidden.

        Returns:
            float [batch, length, vocabulary]; of what is no part of a text the lowest score.
        """
        scores = self.scores(self.encoder.states(tokens)).float()
        return scores.masked_fill(self.token_bytes == 0, torch.finfo(scores.dtype).min)

    def _drawn(self, pieces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return states of drawn places, what stands there, and whether each counts."""
        own, chance = self.config, keyed_uniform((*pieces.shape, 3), pieces.device)
        is_text = self.token_bytes[pieces] > 0
        wanted = max(1, round(own.hidden * pieces.shape[1]))
        # As many of each stretch, so that shapes do not depend on chance; padding comes last.
        order = torch.where(is_text, chance[..., 0], chance[..., 0] + 1.0)
        places = order.topk(wanted, dim=1, largest=False).indices
        most = (own.hidden * is_text.sum(dim=1, keepdim=True)).ceil()
        counted = is_text.gather(1, places) & (
            torch.arange(wanted, device=pieces.device) < most.clamp(max=wanted)
        )
        truth = pieces.gather(1, places)
        how = chance[..., 1].gather(1, places)
        any_token = chance[..., 2].gather(1, places) * (len(self.token_bytes) - _FIRST)
        shown = torch.where(how < own.replaced, any_token.long() + _FIRST, HIDDEN)
        shown = torch.where(how >= 1.0 - own.kept, truth, shown)
        seen = pieces.scatter(1, places, torch.where(counted, shown, truth))
        states = self.encoder.states(seen)
        index = places.unsqueeze(2).expand(-1, -1, states.shape[2])
        return states.gather(1, index), truth, counted.float()

    def _each_once(self, pieces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the state of each place from a reading in which it was hidden, and the same."""
        rounds = max(2, round(1.0 / self.config.hidden))
        places = torch.arange(pieces.shape[1], device=pieces.device)
        is_hidden = places % rounds == torch.arange(rounds, device=pieces.device)[:, None]
        is_text = self.token_bytes[pieces] > 0
        states: Tensor | None = None
        for hidden in is_hidden:
            seen = torch.where(hidden & is_text, HIDDEN, pieces)
            found = self.encoder.states(seen)
            states = found if states is None else torch.where(hidden[:, None], found, states)
        assert states is not None
        return states, pieces, is_text.float()

    def _stretches(self, tokens: Tensor) -> Tensor:
        """Return int64 [batch * stretches, length], padded with 0; no longer than texts need."""
        length = tokens.shape[1]
        # In exported programs, too: a size that is known when they run.
        size = torch.sym_min(length, self.context)
        count = (length + self.context - 1) // self.context
        return F.pad(tokens, (0, count * size - length)).reshape(-1, size)
