"""Network that hears speech: log-mel bands, convolutions, layers over time, a score of each token.

Given the answer as an input, its output is how likely that is, over all ways in which it can lie in
time; given the sound alone, it is the likeliest answer that a search finds.

Source: Graves et al. 2006, "Connectionist temporal classification"; Amodei et al. 2016,
arXiv:1512.02595 (convolutions below layers over time); Park et al. 2019, arXiv:1904.08779.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.config import part_field, to_document
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.alignment import alignment
from lamina.networks.answers import LIKELIHOOD, AbstractHearer
from lamina.networks.architecture import AbstractModelConfig
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.pooling import mean_pooling
from lamina.networks.layers.sound_bands import SoundBands, SoundBandsConfig
from lamina.networks.layers.sound_maps import SoundGroups
from lamina.networks.ngram_memory import NgramMemory
from lamina.networks.taggers.base import AbstractContextConfig
from lamina.networks.taggers.contexts import CONTEXTS, ConvolutionalContextConfig
from lamina.networks.transcript_search import TranscriptSearchConfig, transcribe
from lamina.runtime.transcript_search import BLANK

_NEVER = -1e4  # the log-probability of what is no part of a text; exporters know no infinity


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriberConfig(SoundBandsConfig, AbstractModelConfig):
    """Settings of a network that hears speech."""

    frames_per_step: int = 4
    """Frames that a step stands for, 2 or 4."""
    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of each group of two convolutions; each group halves the bands first, and the first
    ones the frames."""
    activation: str = "silu"
    """Name in the table of activations."""
    context: AbstractContextConfig = part_field(  # noqa: RUF009
        CONTEXTS,
        ConvolutionalContextConfig(),
        what="layers over time",
    )
    """What reads the steps around."""
    hidden_frames: float = 0.05
    """Longest run of frames hidden while training, as a share of all, in [0, 1); two are drawn."""
    dropout: float = 0.1
    """Share of the features dropped while training, in [0, 1)."""
    search: TranscriptSearchConfig = field(default_factory=TranscriptSearchConfig)
    """How answers are looked for."""

    def __post_init__(self) -> None:
        self.check_bands()
        check_rate("dropout", self.dropout)
        if self.frames_per_step not in (2, 4):
            raise ConfigError(f"frames_per_step must be 2 or 4, got {self.frames_per_step!r}.")
        if min(self.widths, default=0) < 1 or 2 ** len(self.widths) < self.frames_per_step:
            raise ConfigError(
                "widths must name at least one group, and two where frames_per_step is 4, each of "
                f"at least one channel, got {self.widths!r}. Try (32, 64, 128)."
            )

    @property
    def halvings(self) -> int:
        """How many groups of convolutions halve the frames."""
        return self.frames_per_step.bit_length() - 1

    @override
    def build(self, inputs: Sequence[InputSpec], outputs: Sequence[OutputSpec]) -> "Transcriber":
        names = {output.name for output in outputs}
        heard = [spec for spec in inputs if spec.name not in names]
        written = [spec for spec in inputs if spec.name in names]
        fits = [spec.kind for spec in (*heard, *written)] == ["sound", "text"]
        if not fits or written[0].token_bytes is None:
            found = ", ".join(f"{spec.name!r} ({spec.kind})" for spec in inputs)
            raise ConfigError(
                "a network that hears speech reads one sound and writes one text cut into bytes or "
                f"byte pairs, got {found}. Name the other columns with --ignore."
            )
        return Transcriber(self, heard[0], written[0])


@final
class Transcriber(AbstractHearer):
    """A sound, and perhaps its transcript, to the likelihood of that, or to the likeliest one.

    Args:
        config: Its settings.
        heard: What the data says about the sound.
        written: What they say about the transcript.

    Shape:
        {sound: float [batch, samples], answer: int64 [batch, length]} → {likelihood: float [batch,
        3]}; {sound} → {answer: float [batch, 2 + length]}.

    Source:
        Graves et al. 2006; see the file header.
    """

    token_bytes: Tensor
    is_mark: Tensor

    def __init__(self, config: TranscriberConfig, heard: InputSpec, written: InputSpec) -> None:
        super().__init__()
        assert written.token_bytes is not None
        self.config = config
        self.input_names, self.output_names = (heard.name,), (written.name,)
        self.bands = SoundBands(config, heard.rate)
        self.groups = SoundGroups(
            config.widths,
            config.activation,
            num_bands=config.num_bands,
            halvings=config.halvings,
        )
        features = self.groups.out_features
        self.norm = nn.LayerNorm(features)
        self.dropout = Dropout(config.dropout)
        self.context = config.context.build(features)
        self.out_features = self.context.out_features
        self.head = nn.Linear(self.out_features, written.vocabulary_size)
        self.language = NgramMemory(config.search.order)
        sizes = torch.from_numpy(written.token_bytes.copy())
        self.register_buffer("token_bytes", sizes, persistent=False)
        is_mark = sizes == 0
        is_mark[BLANK] = False
        self.register_buffer("is_mark", is_mark, persistent=False)

    @override
    def decoding(self) -> dict[str, Any]:
        settings = to_document(self.config.search)
        language = self.language.table().to_document()
        return {"search": settings, "language": language, "step": self.samples_per_step}

    @override
    def initialise(self, inputs: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> None:
        del inputs
        self.language.learn(targets[self.output_names[0]])

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        name, sounds = self.output_names[0], inputs[self.input_names[0]]
        if name in inputs:
            return {LIKELIHOOD: self._likelihood(*self.steps(sounds), inputs[name])}
        logs, valid = self.scores(sounds)
        if torch.compiler.is_exporting():
            # Graphs know no search: whoever reads the scores searches them.
            return {name: logs.masked_fill(~valid.unsqueeze(2), torch.nan).flatten(1)}
        return {name: transcribe(logs, valid, self.config.search, self.language)}

    @override
    def features(self, inputs: Mapping[str, Tensor]) -> Tensor:
        states, valid = self._states(inputs[self.input_names[0]])
        return mean_pooling(states, valid)

    @override
    def looks(self, inputs: Mapping[str, Tensor]) -> Tensor:
        logs, valid = self.steps(inputs[self.input_names[0]])
        answer = inputs[self.output_names[0]][0, 1:]
        return alignment(logs[0, valid[0]].cpu(), answer[answer > 0].cpu())

    @override
    def scores(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        logs, valid = self.steps(sounds)
        return logs.masked_fill(self.is_mark, _NEVER), valid

    @property
    @override
    def samples_per_step(self) -> int:
        return self.bands.mel.hop * self.config.frames_per_step

    @property
    @override
    def seconds_per_place(self) -> float:
        return self.config.hop_s * self.config.frames_per_step

    def steps(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-probabilities of each token at each step, and where there is sound.

        Args:
            sounds: float [batch, samples], NaN behind the end.

        Returns:
            float [batch, steps, tokens] and bool [batch, steps].
        """
        states, valid = self._states(sounds)
        return self.head(states).float().log_softmax(dim=2), valid

    def _states(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        maps, valid = self.groups(*self.bands(sounds))
        sequence, steps = self.dropout(self.norm(maps.transpose(1, 2))), valid[:, 0]
        found: Tensor = self.context(sequence, steps)
        return self.dropout(found), steps

    def _likelihood(self, logs: Tensor, valid: Tensor, answer: Tensor) -> Tensor:
        """Return nats, tokens and bytes of answers, [batch, 3], their marks left out."""
        wanted = answer[:, 1:]
        lengths = (wanted > 0).sum(dim=1)
        nats = F.ctc_loss(
            logs.transpose(0, 1),
            wanted,
            valid.sum(dim=1),
            lengths,
            blank=BLANK,
            reduction="none",
            zero_infinity=True,  # a sound too short for its transcript teaches nothing
        )
        sizes = self.token_bytes[wanted].sum(dim=1)
        return torch.stack([nats, lengths.to(nats.dtype), sizes.to(nats.dtype)], dim=1)
