"""Loss of tags of words: how unlikely those of a sentence are, all together."""

from dataclasses import dataclass

from torch import Tensor

from lamina.objectives.members import Objective


def all_tags(output: Tensor, target: Tensor) -> Tensor:
    """Negative log-likelihood of the tags of a sentence, together; so every word weighs the same.

    Args:
        output: float [batch], nats of all tags.
        target: [batch], how many they are; not used.

    Returns:
        float [batch].

    Units:
        Nats per sentence.

    Source:
        Lafferty, McCallum and Pereira 2001, "Conditional random fields", equation 2.
    """
    del target
    return output


@dataclass(frozen=True, kw_only=True, slots=True)
class AllTagsConfig:
    """Settings of the loss of tags of words."""

    def build(self, *, class_counts: Tensor | None = None) -> Objective:
        """Return the objective.

        Args:
            class_counts: Not used.
        """
        del class_counts
        return all_tags
