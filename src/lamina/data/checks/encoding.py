"""Plain features of any rows for the quick models of the checks."""

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from lamina.data.checks.context import CheckContext
from lamina.data.modalities.text import tokenise

_TEXT_CHARACTERS = 600
_MAX_LEVELS = 200


def table_features(context: CheckContext, rows: np.ndarray) -> np.ndarray:
    """Return numbers and category codes, float64 [rows, columns], NaN where missing.

    Args:
        context: What to look at.
        rows: Which rows.
    """
    parts = [
        column.values[rows]
        for column in context.columns
        if not column.is_category or np.nanmax(column.values, initial=0.0) < _MAX_LEVELS
    ]
    return np.stack(parts, 1) if parts else np.zeros((len(rows), 0))


def text_features(context: CheckContext, rows: np.ndarray) -> Any:
    """Return weighted words of all text columns, a sparse matrix; None where no word recurs.

    Args:
        context: What to look at.
        rows: Which rows.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    parts = []
    for name in context.texts:
        text = context.frame[name].cast(pl.String).gather(rows).str.slice(0, _TEXT_CHARACTERS)
        tokens = [[] if found is None else found for found in tokenise(text).to_list()]
        # Fewer than two texts with a word in common leave no term, which is refused.
        counts = Counter(word for found in tokens for word in set(found))
        if max(counts.values(), default=0) < 2:
            continue
        words = TfidfVectorizer(min_df=2, max_features=20_000, sublinear_tf=True, analyzer=list)
        parts.append(words.fit_transform(tokens))
    return hstack(parts).tocsr() if parts else None
