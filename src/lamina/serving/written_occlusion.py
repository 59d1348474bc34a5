"""What an answer of free length came from: it stays as it is, and its row is changed.

Source: Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2 (occlusion). Differs: what falls is the
log-probability of a text, and of each of its words given those before it; or of tags of words, and
of each tag whatever the others are.
"""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lamina.runtime.errors import DataError
from lamina.serving.claims import LOG_PROBABILITY, traced_claim, traced_in
from lamina.serving.function import Function
from lamina.serving.occlusion import Occlusions, occlusions
from lamina.serving.refusal import Refusal

ROWS_AT_A_TIME = 16
"""Changed rows that are measured together; between two such steps it is seen how late it is."""


class TooLateError(Exception):
    """The time for an explanation is over."""


def traced(
    function: Function, row: Mapping[str, Any], *, until: float = math.inf
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Return the answer to a row, and what each part of the row contributed to it.

    Args:
        function: A model that answers texts, or tags of words.
        row: Raw cells by column.
        until: When it is too late, in seconds of `time.perf_counter`.

    Returns:
        The answer, and the explanation as JSON-like values.

    Raises:
        Refusal: The row cannot be explained; 422.
        TooLateError: It took too long.
    """
    answer = traced_in(function.signature)
    assert answer is not None, "who asks has looked"
    planned = occlusions(function.signature, row)
    assert isinstance(planned, Occlusions), "histories are answered by numbers"
    rows, found = planned.rows(), []
    try:
        tracing = function.trace(row)
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            if time.perf_counter() > until:
                raise TooLateError
            found.append(tracing.measure(rows[start : start + ROWS_AT_A_TIME]))
    except DataError as error:
        raise Refusal(422, str(error), where=("row",)) from error
    logs = np.concatenate(found)
    explained = traced_claim(answer, tracing.trace.shown)
    told = planned.told([{LOG_PROBABILITY: one} for one in logs[:, 0]], explained)
    told["written"] = _rests(planned, told, tracing.trace.parts, logs[:, 1:])
    return tracing.answer, told


def _rests(
    planned: Occlusions, told: Mapping[str, Any], parts: Sequence[str], logs: np.ndarray
) -> dict[str, Any] | None:
    """Return what each part of the answer rests on; None where parts or places are not told apart.

    Args:
        planned: What was asked.
        told: The explanation of the whole answer.
        parts: Its words.
        logs: Their log-probabilities, float64 [rows, parts]: of the row, and its versions.
    """
    features = told["inputs"][0]["features"] if len(told["inputs"]) == 1 else []
    if not parts or not features or told["inputs"][0]["kind"] != "words":
        return None
    falls = logs[0] - logs[1 : 1 + len(planned.versions)]
    falls = np.where(np.isfinite(falls), falls, 0.0).round(4)
    return {
        "name": told["inputs"][0]["name"],
        "parts": list(parts),
        "places": [one["label"] for one in features],
        "falls": falls.T.tolist(),
        # Where a network looks is inside of it; from outside only what it answers is seen.
        "looks": [],
    }
