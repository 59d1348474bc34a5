"""The simple model of pairs of texts: how much the words of the two overlap.

Source: Dagan et al. 2006, "The PASCAL recognising textual entailment challenge" (word overlap as
the baseline of entailment); Salton and Buckley 1988 (weighted cosines).
"""

from typing import Any

import numpy as np

from lamina.evaluation.baseline_models import (
    BaselineData,
    has_table,
    linear_answers,
    table_features,
)
from lamina.evaluation.predictions import MEASURED

_PLAIN = r"(?u)\S+"


def has_pair(data: BaselineData) -> bool:
    """Return whether there are two texts, cut into the same tokens, with a word in them.

    Args:
        data: The rows.
    """
    return (
        data.is_pair
        and data.kind not in MEASURED
        and any(text for texts in data.texts or [] for text in texts)
    )


def overlap(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:
    """Logistic or ridge regression on the overlap of two texts, and the table if any.

    Seen are the shares of the words of either text that the other has, weighted by how rare they
    are and not, of pairs of words, the cosine of weighted counts, and both lengths.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed: the fit has no chance in it.

    Source:
        Dagan et al. 2006.
    """
    del seed
    from sklearn.feature_extraction.text import TfidfVectorizer

    assert train.texts is not None, "`has_pair` asks for texts"
    parts: list[tuple[np.ndarray, ...]] = []
    for order in (1, 2):
        counts = TfidfVectorizer(
            ngram_range=(order, order), token_pattern=_PLAIN, sublinear_tf=True
        )
        try:
            counts.fit([text for texts in train.texts for text in texts])
        except ValueError:  # no text has two words
            continue
        parts.append(tuple(_overlaps(data, counts) for data in (train, test)))
    features, asked = (np.concatenate(columns, axis=1) for columns in zip(*parts))
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    features, asked = (features - mean) / deviation, (asked - mean) / deviation
    if has_table(train):
        from scipy.sparse import csr_matrix, hstack

        table = table_features(train, test)
        features, asked = (
            hstack([csr_matrix(own), csr_matrix(other)]).tocsr()
            for own, other in zip((features, asked), table)
        )
    return linear_answers(train, features, asked, test)


def _overlaps(data: BaselineData, counts: Any) -> np.ndarray:
    """Return what two texts share, float64 [rows, 8]."""
    assert data.texts is not None
    first, second = (counts.transform(texts) for texts in data.texts)
    both = first.minimum(second)
    hits = first.sign().multiply(second.sign())
    sizes = [np.asarray(own.sign().sum(1)).ravel() for own in (first, second)]
    weights = [np.asarray(own.sum(1)).ravel() for own in (first, second)]
    shared, weight = (np.asarray(own.sum(1)).ravel() for own in (hits, both))
    cosine = np.asarray(first.multiply(second).sum(1)).ravel()
    columns = [shared / np.maximum(size, 1) for size in sizes]
    columns += [weight / np.maximum(own, 1e-9) for own in weights]
    columns += [cosine, shared / np.maximum(sizes[0] + sizes[1] - shared, 1)]
    columns += [np.log1p(sizes[0]), np.log1p(sizes[1])]
    return np.stack(columns, axis=1)
