"""Occlusion: how much the answer falls when a feature is taken away.

Works on any function, integers included, because it only asks. For a column this is the mean over
values spread over the training values of the column; for pictures a window slides over the patches
and each patch gets the mean of the windows that cover it.

Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks",
arXiv:1311.2901; Robnik-Šikonja and Kononenko 2008 (columns). Differs: several values stand in.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.explanation.base import AbstractMethod, Attributions
from lamina.explanation.features import Patches, Windows
from lamina.explanation.question import Question


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Occlusion(AbstractMethod):
    """How much the answer falls without each feature."""

    window: int = 1
    """Side of what is taken away of a picture at once, in patches, and of a series, in windows."""

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ConfigError(f"window must be at least 1 patch, got {self.window!r}.")

    @override
    def suits(self, question: Question) -> tuple[str, ...]:
        return tuple(question.features)

    @override
    def attribute(self, question: Question) -> Attributions:
        counts = question.counts()
        total = sum(counts.values())
        windows, start = [], 0
        for name, count in counts.items():
            own = self._windows(question, name, count)
            placed = torch.zeros(len(own), total, dtype=torch.bool)
            placed[:, start : start + count] = own
            windows.append(placed)
            start += count
        removed = torch.cat(windows)
        fall = question.value() - question.answers_without(removed)
        covered = removed.float()
        found = (fall @ covered) / covered.sum(dim=0).clamp_min(1.0)
        return Attributions(question.split(found), {})

    def _windows(self, question: Question, name: str, count: int) -> Tensor:
        """Return what is taken away at once, bool [windows, features of the input]."""
        own = question.features[name]
        if isinstance(own, Windows):
            places = torch.arange(count)
            wide = min(self.window, count)
            offsets = places - torch.arange(count - wide + 1)[:, None]
            return (offsets >= 0) & (offsets < wide)
        if self.window == 1 or not isinstance(own, Patches):
            return torch.eye(count, dtype=torch.bool)
        rows, columns = own.grid(question.inputs[name])
        tall, wide = min(self.window, rows), min(self.window, columns)
        windows = []
        for top in range(rows - tall + 1):
            for left in range(columns - wide + 1):
                window = torch.zeros(rows, columns, dtype=torch.bool)
                window[top : top + tall, left : left + wide] = True
                windows.append(window.flatten())
        return torch.stack(windows)
