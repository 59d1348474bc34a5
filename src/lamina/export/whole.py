"""The part of the function that a graph can hold: from encoded inputs to calibrated numbers.

Views of pictures, members of a network, the temperature and the unit of a target are all in it, so
that whoever runs the graph decodes its numbers and does nothing else.
"""

import copy
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import polars as pl
import torch
from torch import Tensor, nn

from lamina.core.records import InputSpec
from lamina.data.augmentation import views
from lamina.data.histories import HistoryRows
from lamina.data.schema import Schema
from lamina.export.rows import rows_of
from lamina.networks.architecture import AbstractModel
from lamina.networks.stepwise import Stepwise
from lamina.tasks.base import AbstractTask

EXAMPLE_ROWS = 3
"""Rows of the inputs that a graph is traced with."""

EXAMPLE_TOKENS = 7
"""Tokens of their texts, where no network needs more (`AbstractModel.traced_tokens`)."""


EXAMPLE_STEPS = 7
"""Fewest steps of their series."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exportable:
    """A trained model with all that its answers depend on."""

    name: str
    """Name of the run."""
    task: AbstractTask
    """The question it answers."""
    schema: Schema
    """Fitted."""
    model: nn.Module
    """The network with its weights, on the CPU."""
    temperature: float = 1.0
    """Divides the logits; 1 for numbers."""
    num_views: int = 1
    """Views of each picture that are averaged."""
    is_mirrored: bool = False
    """Whether mirror images are among them."""
    is_running: bool = False
    """Whether texts run on over rows, so that a mark between two of them ends nothing."""

    def form(self) -> dict[str, Any]:
        """Return how the graph's numbers become answers, with what the network says about it."""
        own = self.model.decoding() if isinstance(self.model, AbstractModel) else {}
        return {**self.task.form(self.schema), **own}

    def stepwise(self) -> Stepwise | None:
        """Return the graphs that a search asks, where no single one answers; else None."""
        model = exportable(self.model)
        return model.stepwise() if isinstance(model, AbstractModel) else None

    def histories(self, frame: pl.DataFrame) -> HistoryRows | None:
        """Return the rows that ask for all samples of a table; None where its own rows do.

        Args:
            frame: Raw rows of the table.
        """
        return self.task.histories(frame, self.schema)

    def rows(self, frame: pl.DataFrame) -> Sequence[dict[str, Any]]:
        """Return the rows that ask for all samples of a table, with plain values.

        Args:
            frame: Raw rows of the table.
        """
        histories = self.histories(frame)
        return rows_of(frame, self.schema) if histories is None else histories

    def specs(self) -> tuple[InputSpec, ...]:
        """Return what a network must know about the inputs of the graph, answers left out."""
        return self.task.asked_inputs(self.schema)

    def graph_names(self) -> tuple[str, ...]:
        """Return the names of the graph's inputs, in the order of its input specs."""
        return tuple(
            spec.kind if spec.is_joined else spec.name if spec.is_made else f"input_{place}"
            for place, spec in enumerate(self.specs())
        )


@final
class WholeFunction(nn.Module):
    """Encoded inputs to float64 [rows, columns], as `Predictions.values`.

    Args:
        what: The trained model.
    """

    def __init__(self, what: Exportable) -> None:
        super().__init__()
        self.model = exportable(what.model)
        self._what = what
        self._names = tuple(spec.name for spec in what.specs())

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return calibrated numbers of rows.

        Args:
            *inputs: Tensors in the order of the input specs.
        """
        what = self._what
        named = dict(zip(self._names, inputs))
        versions = views(named, what.num_views, flip=what.is_mirrored)
        distinct = list({id(version): version for version in versions}.values())
        order = [next(i for i, one in enumerate(distinct) if one is v) for v in versions]
        together = {
            name: torch.cat([version[name] for version in distinct]) if len(distinct) > 1 else value
            for name, value in named.items()
        }
        outputs = {}
        for name, value in self.model(together).items():
            answers = value.float()
            if answers.dim() == 2 and len(distinct) == 1:
                outputs[name] = answers
                continue
            answers = answers[:, None] if answers.dim() == 2 else answers
            if len(distinct) > 1:
                # All versions went through the network at once; each row gets its own together.
                parts = answers.reshape(len(distinct), -1, *answers.shape[1:])
                own = [what.task.seen_back(part, place) for place, part in enumerate(parts)]
                answers = torch.cat([own[place] for place in order], dim=1)
            outputs[name] = what.task.combine(answers)
        return what.task.values(outputs, what.schema, temperature=what.temperature)


def exportable(model: nn.Module) -> nn.Module:
    """Return a copy of a network, in evaluation mode, whose parts every format knows.

    A part that computes with something no format knows may offer `for_export()`, the same function
    from other operations.

    Args:
        model: The network; it stays as it is.
    """
    found = copy.deepcopy(model).float().eval()
    for name, module in list(found.named_modules()):
        if hasattr(module, "for_export") and name:
            parent, _, own = name.rpartition(".")
            setattr(found.get_submodule(parent), own, module.for_export())
    return found.requires_grad_(False)


def example_inputs(what: Exportable) -> tuple[Tensor, ...]:
    """Return inputs that a graph can be traced with.

    Args:
        what: The trained model.
    """
    specs = what.specs()
    tokens = max(EXAMPLE_TOKENS, getattr(what.model, "traced_tokens", 0))
    found = []
    for spec in specs:
        if spec.kind in ("number", "window"):
            found.append(torch.zeros(EXAMPLE_ROWS, *spec.shape))
        elif spec.kind == "phase":
            found.append(torch.zeros(EXAMPLE_ROWS, dtype=torch.int64))
        elif spec.kind == "image":
            found.append(torch.zeros(EXAMPLE_ROWS, *spec.shape, dtype=torch.uint8))
        elif spec.kind == "sound":
            found.append(torch.zeros(EXAMPLE_ROWS, max(EXAMPLE_STEPS, spec.num_steps)))
        elif spec.kind == "series":
            found.append(torch.zeros(EXAMPLE_ROWS, max(EXAMPLE_STEPS, spec.num_steps), *spec.shape))
        elif spec.kind == "words":
            shape = (EXAMPLE_ROWS, tokens, *spec.shape)
            found.append(torch.ones(shape, dtype=torch.int64))
        else:
            shape = spec.shape or (tokens,)
            found.append(torch.ones(EXAMPLE_ROWS, *shape, dtype=torch.int64))
    return tuple(found)


def forget_kernels() -> None:
    """Let torch choose anew how recurrent cells are computed.

    After one of them was exported it remembers a form that is cut into the steps of the example's
    length, and the next export in the same process would be of that length only.
    """
    for cell in ("gru", "lstm"):
        packet = getattr(torch.ops.aten, cell)
        for overload in packet.overloads():
            getattr(packet, overload)._dispatch_cache.clear()


def free_sizes(specs: tuple[InputSpec, ...]) -> tuple[dict[int, object], ...]:
    """Return which sizes of the inputs are free: the rows, and the length of texts and series.

    Args:
        specs: What the schema says about the inputs.
    """
    free = torch.export.Dim.DYNAMIC
    return tuple({0: free, 1: free} if spec.has_free_length else {0: free} for spec in specs)


def sizes_as_given(module: nn.Module, sizes: tuple[dict[int, object], ...]) -> Any:
    """Return free sizes as torch wants them: those of `*inputs` in a tuple of their own.

    Args:
        module: What is traced.
        sizes: The free sizes of each input.
    """
    kinds = inspect.signature(module.forward).parameters.values()
    num_named = sum(kind.kind is not inspect.Parameter.VAR_POSITIONAL for kind in kinds)
    rest = sizes[num_named:]
    return (*sizes[:num_named], rest) if len(kinds) > num_named else sizes
