"""Metrics of written answers: translations, transcripts.

Each is a corpus figure: counts of all rows are summed before they are divided, so that resamples of
rows (weights) give intervals without counting anew.

Source: Papineni et al. 2002 (BLEU), counted by `sacrebleu` (Post 2018, arXiv:1804.08771); Popović
2015 (chrF); Levenshtein 1966 (edit distance).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lamina.core.errors import MissingExtraError
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.weights import ratio, row_weights

CHRF_ORDER = 6
"""Longest pieces of characters that chrF compares."""

_ORDER = 4  # of BLEU
_BETA = 2.0  # of chrF: recall weighs so many times as much as precision


def bleu_library() -> Any:
    """Return the module that counts for BLEU.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        from sacrebleu.metrics import bleu
    except ImportError as error:
        purpose = "Scoring written texts by BLEU"
        raise MissingExtraError("sacrebleu", extra="translate", purpose=purpose) from error
    return bleu


def bleu(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Geometric mean of the precision of pieces of one to four words, times a brevity penalty.

    Args:
        predictions: Texts.
        targets: object [rows].
        weights: [..., rows].

    Units:
        0 to 100, as usual.

    Raises:
        MissingExtraError: `sacrebleu` is not installed.

    Source:
        Papineni et al. 2002; words as in "13a", zero counts smoothed exponentially: sacrebleu's
        defaults, to which the figure of all rows is equal.
    """
    sums = row_weights(weights, predictions.num_rows) @ _bleu_counts(*_pairs(predictions, targets))
    correct, total = sums[..., :_ORDER], sums[..., _ORDER : 2 * _ORDER]
    written, true = sums[..., -2], sums[..., -1]
    # The first order without a match counts as half a match, the next as a quarter, and so on.
    zeros = np.cumsum((correct == 0) & (total > 0), axis=-1)
    smoothed = np.where(correct > 0, correct, 0.5**zeros)
    shares = smoothed / np.where(total > 0, total, 1.0)
    logs = np.log(shares).mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        brevity = np.where(written < true, np.exp(1.0 - true / np.maximum(written, 1e-9)), 1.0)
    is_nothing = (total[..., -1] == 0) | (correct.sum(axis=-1) == 0)
    return np.where(is_nothing, 0.0, 100.0 * brevity * np.exp(logs))


def chrf(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """F-score of pieces of one to six characters, recall twice as heavy.

    Args:
        predictions: Texts.
        targets: object [rows].
        weights: [..., rows].

    Units:
        0 to 100, as usual.

    Source:
        Popović 2015, "chrF: character n-gram F-score"; sacrebleu's chrF2, blanks left out.
    """
    sums = row_weights(weights, predictions.num_rows) @ _chrf_counts(*_pairs(predictions, targets))
    correct, written, true = np.split(sums, 3, axis=-1)
    is_there = (written > 0) & (true > 0)
    precision = ratio(correct, np.where(is_there, written, 1.0))
    recall = ratio(correct, np.where(is_there, true, 1.0))
    orders = np.maximum(is_there.sum(axis=-1), 1)
    precision, recall = (
        np.where(is_there, v, 0).sum(axis=-1) / orders for v in (precision, recall)
    )
    weight = _BETA**2
    below = weight * precision + recall
    score = (1 + weight) * precision * recall / np.where(below > 0, below, 1.0)
    return 100.0 * score


def exact_match(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Share of answers that are right to the letter, blanks at their ends left out.

    Args:
        predictions: Texts.
        targets: object [rows].
        weights: [..., rows].
    """
    written, true = _pairs(predictions, targets)
    is_same = np.array([a.strip() == b.strip() for a, b in zip(written, true)], dtype=np.float64)
    weights = row_weights(weights, predictions.num_rows)
    return ratio(weights @ is_same, weights.sum(axis=-1))


def word_error_rate(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Words to be changed, put in or left out, by the words of the truth; may exceed 1.

    Args:
        predictions: Texts.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Levenshtein 1966.
    """
    return _error_rate(predictions, targets, weights, str.split)


def character_error_rate(
    predictions: Predictions, targets: np.ndarray, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Characters to be changed, put in or left out, by those of the truth; may exceed 1.

    Args:
        predictions: Texts.
        targets: object [rows].
        weights: [..., rows].

    Source:
        Levenshtein 1966.
    """
    return _error_rate(predictions, targets, weights, tuple)


def edit_distance(written: Sequence[Any], true: Sequence[Any]) -> int:
    """Return the fewest items to be changed, put in or left out to make two sequences equal.

    Args:
        written: One of them.
        true: The other.

    Source:
        Wagner and Fischer 1974.
    """
    row = np.arange(len(true) + 1)
    codes: dict[Any, int] = {}
    wanted = np.array([codes.setdefault(item, len(codes)) for item in true], dtype=np.int64)
    steps = np.arange(len(true) + 1)
    for place, item in enumerate(written, start=1):
        changed = row[:-1] + (wanted != codes.get(item, -1))
        best = np.minimum(row + 1, np.concatenate([[place], changed]))
        # An item put in costs one more than the place before: a running minimum along the row.
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def _error_rate(
    predictions: Predictions,
    targets: np.ndarray,
    weights: np.ndarray | None,
    cut: Callable[[str], Sequence[str]],
) -> np.ndarray:
    counts = _edits(*_pairs(predictions, targets), cut)
    weights = row_weights(weights, predictions.num_rows)
    return ratio(weights @ counts[:, 0], weights @ counts[:, 1])


def _pairs(
    predictions: Predictions, targets: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return predictions.texts, tuple(targets)


@lru_cache(maxsize=8)
def _edits(
    written: tuple[str, ...], true: tuple[str, ...], cut: Callable[[str], Sequence[str]]
) -> np.ndarray:
    """Return float64 [rows, 2]: edits, and the length of the truth."""
    rows = [(edit_distance(cut(a), cut(b)), len(cut(b))) for a, b in zip(written, true)]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


@lru_cache(maxsize=8)
def _bleu_counts(written: tuple[str, ...], true: tuple[str, ...]) -> np.ndarray:
    """Return float64 [rows, 10]: matches and pieces of each order, words written, words true."""
    scorer = bleu_library().BLEU()
    rows = []
    for own, right in zip(written, true):
        found = scorer.corpus_score([own], [[right]])
        rows.append([*found.counts, *found.totals, found.sys_len, found.ref_len])
    return np.array(rows, dtype=np.float64).reshape(-1, 2 * _ORDER + 2)


@lru_cache(maxsize=8)
def _chrf_counts(written: tuple[str, ...], true: tuple[str, ...]) -> np.ndarray:
    """Return float64 [rows, 18]: per order the pieces shared, those written, those true."""
    rows = []
    for own, right in zip(written, true):
        pieces = [_characters(text) for text in (own, right)]
        shared = [sum((a & b).values()) for a, b in zip(*pieces)]
        true_counts = [sum(order.values()) for order in pieces[1]]
        # Pieces longer than the whole truth count for nothing, as in sacrebleu.
        own_counts = [sum(a.values()) if t else 0 for a, t in zip(pieces[0], true_counts)]
        rows.append([*shared, *own_counts, *true_counts])
    return np.array(rows, dtype=np.float64).reshape(-1, 3 * CHRF_ORDER)


def _characters(text: str) -> list[Counter[str]]:
    joined = "".join(text.split())
    return [
        Counter(joined[start : start + order] for start in range(len(joined) - order + 1))
        for order in range(1, CHRF_ORDER + 1)
    ]
