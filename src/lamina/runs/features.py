"""Features of frozen encoders, computed once instead of in every pass.

An encoder of which nothing is trained gives the same features for the same row every time, as long
as no augmentation changes the row. So they are computed once for the rows of training and
validation, and what is left of the network is trained on them; the finished model has its encoder
back.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.hardware import describe_hardware
from lamina.data.augmentation import AugmentationConfig
from lamina.data.dataset import Dataset
from lamina.networks.model import Model
from lamina.networks.parts import AbstractEncoder
from lamina.runs.plan import Plan

MEMORY_SHARE = 0.25
"""Largest share of the main memory that features may take."""

_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Computed:
    """A network without its frozen encoders, and the data that it is trained on."""

    model: Model
    """It shares trunk, heads and all other encoders with the whole network."""
    dataset: Dataset
    """Features in the place of the inputs of frozen encoders."""
    seconds: float
    """What computing them took."""


@final
class Passed(AbstractEncoder):
    """In the place of a frozen encoder: takes its features and hands them on.

    Args:
        encoder: The encoder.
    """

    def __init__(self, encoder: AbstractEncoder) -> None:
        super().__init__()
        self.out_features = encoder.out_features
        self._blocks = encoder.blocks()

    @override
    def blocks(self) -> tuple[int, ...]:
        return self._blocks

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs


def with_features(plan: Plan, model: nn.Module, dataset: Dataset, rows: Tensor) -> Computed | None:
    """Return what is left to train once the features of frozen encoders are computed.

    Args:
        plan: Every decision.
        model: The network; it is not changed.
        dataset: Encoded rows on its device.
        rows: Row numbers of training and validation; others get no features.

    Returns:
        None where no encoder is frozen as a whole, augmentation changes the rows, or the features
        would take too much memory.
    """
    if not isinstance(model, Model) or plan.recipe.augmentation != AugmentationConfig():
        return None
    frozen = {
        name: encoder
        for name, encoder in zip(model.input_names, model.encoders)
        if isinstance(encoder, AbstractEncoder) and _is_frozen(encoder)
    }
    num_bytes = 4 * dataset.num_rows * sum(encoder.out_features for encoder in frozen.values())
    if not frozen or num_bytes > MEMORY_SHARE * (describe_hardware().memory_bytes or num_bytes):
        return None
    begin = time.monotonic()
    inputs = dict(dataset.inputs)
    for name, encoder in frozen.items():
        inputs[name] = _features(encoder, dataset, name, rows)
    encoders: Mapping[str, AbstractEncoder] = {
        name: Passed(encoder) if name in frozen else encoder
        for name, encoder in zip(model.input_names, model.encoders)
        if isinstance(encoder, AbstractEncoder)
    }
    light = Model(encoders, model.trunk, dict(zip(model.output_names, model.heads)))
    return Computed(light, replace(dataset, inputs=inputs), time.monotonic() - begin)


def _is_frozen(encoder: AbstractEncoder) -> bool:
    parameters = list(encoder.parameters())
    return bool(parameters) and not any(p.requires_grad for p in parameters)


@torch.no_grad()
def _features(encoder: AbstractEncoder, dataset: Dataset, name: str, rows: Tensor) -> Tensor:
    """Return float32 [all rows, features]; rows of about one length are computed together."""
    alone = replace(dataset, inputs={name: dataset.inputs[name]}, targets={})
    rows = rows[alone.by_length(rows)]
    features = torch.zeros(dataset.num_rows, encoder.out_features, device=rows.device)
    was_training = encoder.training
    encoder.eval()
    for some in torch.split(rows, _TOGETHER):
        features[some] = encoder(alone.batch(some).inputs[name]).float()
    encoder.train(was_training)
    return features
