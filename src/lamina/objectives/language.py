"""Loss of texts: how unlikely their tokens are."""

from dataclasses import dataclass
from functools import partial

from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.objectives.members import Objective


def next_token(output: Tensor, target: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Mean negative log-likelihood of the tokens of a text, each given those before it.

    Args:
        output: float [batch], nats of all tokens together; with smoothing [batch, 2], behind them
            the mean over the vocabulary of the nats of each token at each place, summed.
        target: [batch], how many tokens they are.
        smoothing: Share of the weight that is spread over the vocabulary.

    Returns:
        float [batch].

    Units:
        Nats per token.

    Source:
        Bengio et al. 2003, "A neural probabilistic language model". Differs: never reduced over the
        batch; the sum over tokens is the network's. Smoothing: Szegedy et al. 2016,
        arXiv:1512.00567, section 7.
    """
    if output.dim() == 2:
        output = (1.0 - smoothing) * output[:, 0] + smoothing * output[:, 1]
    return output / target.clamp(min=1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class NextTokenConfig:
    """Settings of the loss of the next token."""

    label_smoothing: float = 0.0
    """Share of each token's weight that is spread over all tokens, in [0, 1)."""

    def __post_init__(self) -> None:
        if not 0 <= self.label_smoothing < 1:
            raise ConfigError(
                f"label_smoothing must be in [0, 1), got {self.label_smoothing!r}. Try 0.1."
            )

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used.
        """
        del class_counts
        return partial(next_token, smoothing=self.label_smoothing)


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskedConfig:
    """Settings of the loss of hidden tokens: how unlikely they are, given those around them.

    Source:
        Devlin et al. 2018, arXiv:1810.04805.
    """

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used.
        """
        del class_counts
        return next_token


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptConfig:
    """Settings of the loss of transcripts: how unlikely they are wherever their tokens lie.

    Source:
        Graves et al. 2006, "Connectionist temporal classification".
    """

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used.
        """
        del class_counts
        return next_token
