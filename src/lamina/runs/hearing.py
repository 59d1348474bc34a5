"""Sounds of any length with a run: transcripts as they arrive, recordings heard to their end."""

import io
from collections.abc import Iterator, Mapping
from typing import Any, final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.data.dataset import Dataset
from lamina.data.modalities.sound import Sound
from lamina.data.parts import Part
from lamina.data.ragged import Ragged
from lamina.data.schema import Schema, input_name
from lamina.networks.answers import AbstractHearer
from lamina.networks.architecture import AbstractModel
from lamina.runtime.answers.table import FORMS
from lamina.runtime.modalities.sound import LOUDEST
from lamina.runtime.sound_blocks import heard_blocks
from lamina.runtime.transcription import Listener, tokens_of
from lamina.tasks.base import AbstractTask
from lamina.training.execution import Execution


def listener_of(
    model: AbstractModel, task: AbstractTask, schema: Schema, execution: Execution
) -> Listener:
    """Return a trained network as what hears sounds of any length.

    Args:
        model: The network.
        task: The question it answers.
        schema: The fitted schema.
        execution: How it is computed on this machine.

    Raises:
        ConfigError: It writes no transcripts.
    """
    if not isinstance(model, AbstractHearer):
        raise ConfigError(
            "this model writes no transcripts. Train one that does with: lamina fit "
            "recordings.csv --target text"
        )
    sound = schema.inputs[0].fitted
    assert isinstance(sound, Sound), "a network that hears reads one sound"
    document = {**task.form(schema), **model.decoding()}
    form = FORMS[document["name"]].from_document(document)
    scores, device = _Scores(model), next(model.parameters()).device

    def score(samples: np.ndarray) -> np.ndarray:
        row = torch.from_numpy(samples[None].astype(np.float32) / np.float32(LOUDEST))
        with execution.active(model), torch.inference_mode():
            logs = execution.forward(scores, {"sound": row.to(device)})["scores"][0]
        return logs.float().cpu().numpy()

    model.eval()
    return form.listener(score, rate=sound.rate, max_samples=sound.max_samples)


def heard_on(
    listener: Listener, part: Part, frame: pl.DataFrame, outputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return answers in which recordings that were cut are heard to their end.

    Args:
        listener: The network.
        part: The samples that were answered, encoded rows.
        frame: The raw rows.
        outputs: The answers, float [samples, 2 + length].
    """
    ((name, found),) = outputs.items()
    assert isinstance(part.samples, Dataset)
    column = part.samples.schema.inputs[0].name
    sounds = part.samples.inputs[input_name(column)]
    assert isinstance(sounds, Ragged)
    lengths, rows = sounds.lengths.cpu()[part.rows()], list(found)
    for place in torch.nonzero(lengths >= listener.max_samples).flatten().tolist():
        cell = frame[column][int(part.rows()[place])]
        tokens, nats = tokens_of(listener, _blocks(cell, listener.rate))
        rows[place] = torch.tensor([nats, len(tokens), *tokens], dtype=found.dtype)
    longest = max((len(row) for row in rows), default=found.shape[1])
    padded = [F.pad(row, (0, longest - len(row))) for row in rows]
    return {name: torch.stack(padded) if padded else found}


def _blocks(cell: Any, rate: int) -> Iterator[np.ndarray]:
    return heard_blocks(io.BytesIO(cell) if isinstance(cell, bytes) else cell, rate)


@final
class _Scores(nn.Module):
    """A network cut before its search."""

    def __init__(self, model: AbstractHearer) -> None:
        super().__init__()
        self.model = model

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        logs, _ = self.model.scores(inputs["sound"])
        return {"scores": logs}
