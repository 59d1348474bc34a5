"""What a report says of embeddings: how identities fall apart, and which are mixed up."""

from typing import Any

import numpy as np
import polars as pl

from lamina.data.modalities.cells import as_text
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.verification import error_curve, nearest, vectors_of

MOST_MISTAKES = 12
"""Rows shown whose nearest other row is of another identity."""


def recognised(
    found: Predictions, truth: np.ndarray, cells: pl.Series | None, rows: np.ndarray
) -> dict[str, Any]:
    """Return the curve of both kinds of errors, and rows that lie closest to another identity.

    Args:
        found: Embeddings of the test rows.
        truth: Numbers of identities, as metrics read them.
        cells: Raw identities of the test rows; None where the rows are streamed.
        rows: int64, row number of each.
    """
    document: dict[str, Any] = {"error_curve": error_curve(found, truth)}
    if cells is None:
        return {**document, "mistakes": []}
    names = as_text(cells).to_list()
    own, other = nearest(vectors_of(found), truth[:, 0])
    gaps = np.where(np.isfinite(own) & np.isfinite(other), other - own, -np.inf)
    worst = np.argsort(-gaps, kind="stable")[:MOST_MISTAKES]
    known = sorted(set(names))
    place_of = {name: place for place, name in enumerate(known)}
    mistakes = []
    for place in worst[gaps[worst] > 0].tolist():
        twin = _twin(found, truth, place)
        mistakes.append(
            {
                "row": int(rows[place]),
                "place": place,
                "true": [place_of[names[place]]],
                "answered": [place_of[names[twin]]],
                "error": float(gaps[place]),
                "confidence": None,
                "note": f"nearest is row {int(rows[twin]):,} (cosine {other[place]:.2f}; of its "
                f"own identity {own[place]:.2f})",
            }
        )
    return {**document, "mistakes": mistakes, "identity_names": known}


def _twin(found: Predictions, truth: np.ndarray, place: int) -> int:
    """Return the nearest row of another identity."""
    vectors = vectors_of(found)
    cosines = np.where(truth[:, 0] == truth[place, 0], -np.inf, vectors @ vectors[place])
    return int(cosines.argmax())
