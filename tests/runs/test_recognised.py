"""What a report says of embeddings."""

import numpy as np
import polars as pl

from lamina.evaluation.predictions import Predictions
from lamina.runs.recognised import recognised


def test_rows_that_lie_closest_to_another_identity_are_named() -> None:
    angles = np.radians([0, 40, 50, 90])
    values = np.stack([0 * angles, 0 * angles, np.cos(angles), np.sin(angles)], axis=1)
    found, truth = Predictions("embeddings", values), np.array([[5.0], [5.0], [9.0], [9.0]])
    told = recognised(found, truth, pl.Series(["al", "al", "eve", "eve"]), np.array([3, 4, 7, 8]))
    assert told["identity_names"] == ["al", "eve"]
    assert [one["row"] for one in told["mistakes"]] == [4, 7]
    first = told["mistakes"][0]
    assert (first["true"], first["answered"]) == ([0], [1])
    assert first["note"].startswith("nearest is row 7 (cosine 0.98")
    assert told["error_curve"][0] == (-1.0, 1.0, 0.0)


def test_streamed_rows_have_no_list() -> None:
    found = Predictions("embeddings", np.array([[0.0, 0.0, 1.0]] * 3))
    told = recognised(found, np.array([[1.0], [1.0], [2.0]]), None, np.arange(3))
    assert told["mistakes"] == []
