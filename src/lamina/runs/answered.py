"""Written answers for a report: some of the test part, and what some of them rest on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.data.dataset import Dataset
from lamina.data.modalities.text import Text
from lamina.data.parts import Part
from lamina.data.schema import input_name
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.written import edit_distance
from lamina.networks.answers import MARK, AbstractWriter
from lamina.runs.predictor import Predictor
from lamina.tasks.base import modality_of

MOST_ANSWERS = 24
"""Answers that are shown: half of them the worst, half as they come."""

MOST_LOOKS = 4
"""Answers of which is drawn what they rest on."""

MOST_PLACES = 60
"""Most tokens read or written of an answer that is drawn; most steps of a sound are twice that."""

MOST_CHARACTERS = 600
"""Most characters of a text that are shown."""

_SEARCHED = 2_000  # answers among which the worst are looked for


def written_answers(
    predictor: Predictor, part: Part, found: Predictions, truth: np.ndarray
) -> dict[str, Any]:
    """Return answers with what was read and what is right, and what some of them rest on.

    Args:
        predictor: The model.
        part: The test samples.
        found: The answers to them.
        truth: The right answers.
    """
    assert isinstance(part.samples, Dataset)
    pairs = list(zip(found.texts, truth))[:_SEARCHED]
    errors = np.array([edit_distance(own, right) / max(1, len(right)) for own, right in pairs])
    worst = np.argsort(-errors, kind="stable")[: MOST_ANSWERS // 2]
    worst = worst[errors[worst] > 0]
    usual = np.linspace(0, len(pairs) - 1, min(len(pairs), MOST_ANSWERS // 2)).astype(np.int64)
    rows = part.rows()
    shown = [
        {
            "row": int(rows[place]),
            "read": _read(predictor, part, place)[:MOST_CHARACTERS],
            "answer": found.texts[place][:MOST_CHARACTERS],
            "truth": str(truth[place])[:MOST_CHARACTERS],
            "error": float(errors[place]),
        }
        for place in dict.fromkeys([*worst.tolist(), *usual.tolist()])
    ]
    drawn = [_looks(predictor, part, place, found.texts[place]) for place in usual[:MOST_LOOKS]]
    return {"rows": shown, "looks": [one for one in drawn if one is not None]}


def _read(predictor: Predictor, part: Part, place: int) -> str:
    """Return the text that was read; nothing where it was no text."""
    column = predictor.schema.inputs[0]
    if not isinstance(column.fitted, Text):
        return ""
    batch = part.samples.batch(part.index[place : place + 1])
    (tokens,) = batch.inputs[input_name(column.name)].tolist()
    return column.fitted.write([token for token in tokens if token > 0])


def _looks(predictor: Predictor, part: Part, place: int, answer: str) -> dict[str, Any] | None:
    """Return how much each token of an answer rests on each place of the input."""
    model, schema = predictor.model, predictor.schema
    written = modality_of(schema, schema.targets[0].name)
    assert isinstance(model, AbstractWriter)
    assert isinstance(written, Text)
    batch = part.samples.batch(part.index[place : place + 1])
    tokens = written.read(answer)
    given = {schema.targets[0].name: torch.tensor([tokens], device=batch.index.device)}
    model.eval()
    with torch.inference_mode():
        shares = model.looks({**batch.inputs, **given}).float().cpu()
    down = [written.spell(token) for token in tokens if token != MARK]
    seconds, most = model.seconds_per_place, MOST_PLACES
    if seconds is not None:
        across = [f"{place * seconds:.2f} s" for place in range(shares.shape[1])]
        most *= 2  # times are narrower than words
    else:
        (read,) = batch.inputs[input_name(schema.inputs[0].name)].tolist()
        across = _spelt(schema.inputs[0].fitted, read)
    if not 0 < len(down) <= MOST_PLACES or not 0 < len(across) <= most:
        return None
    return {
        "row": int(part.rows()[place]),
        "across": across,
        "down": down,
        "shares": _rounded(shares),
    }


def _spelt(modality: Any, tokens: Sequence[int]) -> list[str]:
    return ["(start)" if token == MARK else modality.spell(token) for token in tokens if token]


def _rounded(shares: Tensor) -> list[list[float]]:
    return [[round(value, 3) for value in row] for row in shares.tolist()]
