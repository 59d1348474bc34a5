"""Metrics of how likely a language model finds texts.

Source: Shannon 1948, "A mathematical theory of communication"; Jelinek et al. 1977 (perplexity).
"""

import math

import numpy as np

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import ratio, row_weights


def nats_per_token(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Mean negative log-likelihood of a token, over all tokens of the rows.

    Args:
        predictions: Likelihoods.
        targets: Ignored.
        weights: [..., rows].

    Units:
        Nats.

    Source:
        Shannon 1948.
    """
    del targets
    return _per(predictions, 1, weights)


def bits_per_byte(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Negative log-likelihood per byte of UTF-8, which models of any vocabulary share.

    Args:
        predictions: Likelihoods.
        targets: Ignored.
        weights: [..., rows].

    Units:
        Bits.

    Source:
        Shannon 1948.
    """
    del targets
    return _per(predictions, 2, weights) / math.log(2.0)


def perplexity(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Exponential of the nats per token.

    Args:
        predictions: Likelihoods.
        targets: Ignored.
        weights: [..., rows].

    Source:
        Jelinek et al. 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".
    """
    return np.exp(nats_per_token(predictions, targets, weights=weights))


def fill_accuracy(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of the hidden tokens for which the right one is the most probable.

    Args:
        predictions: Fill-ins.
        targets: Ignored.
        weights: [..., rows].

    Source:
        Devlin et al. 2018, arXiv:1810.04805.
    """
    del targets
    weights = row_weights(weights, predictions.num_rows)
    return ratio(weights @ predictions.values[:, 3], weights @ predictions.values[:, 1])


def _per(predictions: Predictions, column: int, weights: np.ndarray | None) -> np.ndarray:
    """Return nats of all rows by what another column counts."""
    weights = row_weights(weights, predictions.num_rows)
    return ratio(weights @ predictions.values[:, 0], weights @ predictions.values[:, column])
