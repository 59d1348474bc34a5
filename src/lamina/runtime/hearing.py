"""Sounds of any length with an exported model."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.base import AbstractReader
from lamina.runtime.modalities.sound import LOUDEST, SoundReader
from lamina.runtime.sound_blocks import heard_blocks
from lamina.runtime.transcription import Listener, tokens_of


def listener_of(
    form: AbstractForm,
    readers: Sequence[AbstractReader],
    name: str,
    run: Callable[[Mapping[str, np.ndarray]], np.ndarray],
) -> Listener:
    """Return a model as what hears sounds of any length.

    Args:
        form: How its answers are found.
        readers: What reads its columns.
        name: Name of the graph's input.
        run: The graph.

    Raises:
        DataError: The model writes no transcripts.
        BundleError: The file is too old, or damaged.
    """

    def score(samples: np.ndarray) -> np.ndarray:
        row = (samples[None].astype(np.float32) / LOUDEST).astype(np.float32)
        logs = run({name: row}).reshape(-1, listener.num_tokens)
        return logs[~np.isnan(logs[:, 0])]

    reader = readers[0]
    is_heard = len(readers) == 1 and isinstance(reader, SoundReader)
    rate, most = (reader.rate, reader.max_samples) if isinstance(reader, SoundReader) else (1, 1)
    listener = form.listener(score, rate=rate, max_samples=most)
    if not is_heard:
        raise BundleError("transcripts are of one sound: the file is damaged.")
    return listener


def heard_on(
    form: AbstractForm,
    listener: Listener,
    answers: Sequence[dict[str, Any]],
    samples: np.ndarray,
    cells: Sequence[Any],
) -> list[dict[str, Any]]:
    """Return answers in which recordings that were cut are heard to their end.

    Args:
        form: How answers are found.
        listener: The model.
        answers: One per recording.
        samples: The recordings as the graph saw them, float32 [rows, samples], NaN behind the end.
        cells: The raw recordings.
    """
    found, last = list(answers), listener.max_samples - 1
    if samples.shape[1] <= last:
        return found
    for place in np.flatnonzero(~np.isnan(samples[:, last])).tolist():
        cell = cells[place]
        if isinstance(cell, np.ndarray):
            blocks = heard_blocks([cell], listener.rate, rate=listener.rate)
        else:
            blocks = heard_blocks(io.BytesIO(cell), listener.rate)
        found[place] = form.heard(*tokens_of(listener, blocks))
    return found
