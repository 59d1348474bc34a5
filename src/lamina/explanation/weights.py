"""The randomised-weights test: an explanation of a network must change when its weights do.

All weights are shuffled inside their tensors, which keeps their spread and destroys what was
learnt, and the rank correlation of the attributions before and after is measured. An explanation
that stays the same tells about the sample (its edges, its rare words) and not about the network.

Source: Adebayo et al. 2018, "Sanity checks for saliency maps", arXiv:1810.03292. Differs: shuffled
in place of drawn anew, all layers at once; signed ranks, because a patch that is blank is
rightly given nothing by any network.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core.random import generator
from lamina.explanation.base import AbstractMethod
from lamina.explanation.question import Question


def with_shuffled_weights(network: nn.Module, seed: int) -> nn.Module:
    """Return a copy of a network whose weights are shuffled inside their tensors.

    Running statistics of normalisers keep their values, so that the copy still computes numbers of
    an ordinary size.

    Args:
        network: It stays as it is.
        seed: Decides the order.
    """
    changed = copy.deepcopy(network)
    with torch.no_grad():
        for number, (name, tensor) in enumerate(changed.state_dict().items()):
            if not tensor.is_floating_point() or name.rpartition(".")[2].startswith("running_"):
                continue
            source = generator(seed, "shuffled weights", number)
            order = torch.randperm(tensor.numel(), generator=source).to(tensor.device)
            tensor.copy_(tensor.flatten()[order].view_as(tensor))
    return changed.eval()


def similarity(
    method: AbstractMethod,
    question: Question,
    found: Mapping[str, Tensor],
    shuffled: nn.Module,
) -> float:
    """Return the rank correlation of attributions with those of a shuffled network, in [-1, 1].

    Args:
        method: The method.
        question: What is asked.
        found: What the method found of the network itself.
        shuffled: The copy with shuffled weights.
    """
    after = method.attribute(replace(question, network=shuffled)).values
    return rank_correlation(
        torch.cat([found[name] for name in found]).numpy(),
        torch.cat([after[name] for name in found]).numpy(),
    )


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation, with mean ranks of ties; 0 where one does not vary.

    Args:
        first: float [numbers].
        second: float [numbers].
    """
    ranks = [_ranks(values) for values in (first, second)]
    centred = [own - own.mean() for own in ranks]
    scale = float(np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    return float((centred[0] * centred[1]).sum() / scale) if scale > 0 else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    lasts = np.cumsum(counts)
    return (lasts - (counts - 1) / 2)[places]
