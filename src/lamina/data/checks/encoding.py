"""Plain features of any rows for the quick models of the checks."""

from typing import Any

import numpy as np
import polars as pl

from lamina.data.checks.context import CheckContext

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
    """Return weighted words of all text columns, a sparse matrix.

    Args:
        context: What to look at.
        rows: Which rows.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    parts = []
    for name in context.texts:
        text = context.frame[name].cast(pl.String).gather(rows).str.slice(0, _TEXT_CHARACTERS)
        words = TfidfVectorizer(
            min_df=2, max_features=20_000, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"
        )
        parts.append(words.fit_transform(text.fill_null("").to_list()))
    return hstack(parts).tocsr()
