"""Losses of networks with several members (ensembles inside one network).

A trunk with members gives [batch, members, size]; each member is charged for its own answer, so
that the members stay different, and a sample's loss is the mean over them.

Source: Gorishniy et al. 2025, "TabM: advancing tabular deep learning with parameter-efficient
ensembling", arXiv:2410.24210, section 3.2. Differs: works for any objective of this folder.
"""

from collections.abc import Callable

from torch import Tensor

from lamina.core.errors import ConfigError

Objective = Callable[[Tensor, Tensor], Tensor]
"""A loss: output and target to one number per sample, [batch]."""


def mean_over_members(objective: Objective, output: Tensor, target: Tensor) -> Tensor:
    """Return the loss per sample, averaged over members where there are any.

    Args:
        objective: Loss of one answer per sample.
        output: float [batch, size] or [batch, members, size].
        target: [batch, ...], shared by the members.

    Returns:
        float [batch].

    Raises:
        ConfigError: `output` has neither two nor three dimensions.

    Source:
        Gorishniy et al. 2025, arXiv:2410.24210.
    """
    if output.dim() <= 2:
        return objective(output, target)
    if output.dim() != 3:
        raise ConfigError(
            f"outputs must be [batch, size] or [batch, members, size], got {list(output.shape)}. "
            "Flatten the other dimensions."
        )
    batch, members, _ = output.shape
    losses = objective(output.flatten(0, 1), target.repeat_interleave(members, dim=0))
    return losses.view(batch, members).mean(1)
