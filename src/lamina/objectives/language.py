"""Loss of texts: how unlikely their tokens are."""

from dataclasses import dataclass

from torch import Tensor

from lamina.objectives.members import Objective


def next_token(output: Tensor, target: Tensor) -> Tensor:
    """Mean negative log-likelihood of the tokens of a text, each given those before it.

    Args:
        output: float [batch], nats of all tokens together.
        target: [batch], how many tokens they are.

    Returns:
        float [batch].

    Units:
        Nats per token.

    Source:
        Bengio et al. 2003, "A neural probabilistic language model". Differs: never reduced over the
        batch; the sum over tokens is the network's.
    """
    return output / target.clamp(min=1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class NextTokenConfig:
    """Settings of the loss of the next token."""

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used.
        """
        del class_counts
        return next_token
