"""Simple models in the same table as the network: fitted on training rows, scored on test rows.

A network that does not beat them has not earned its keep. scikit-learn is imported where it is
used; threads are pinned to one; work is bounded by taking a random part of the training rows, which
the result states; a model that would take too long all the same is left out.

Source: scikit-learn (Pedregosa et al. 2011); Ke et al. 2017 (histogram gradient boosting);
Wang and Manning 2012 (linear models on word pairs as text baseline); Cover and Hart 1967 (nearest
neighbours).
"""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lamina.core.errors import DataError
from lamina.core.random import permutation
from lamina.core.table import Entry, look_up, table
from lamina.evaluation import baseline_models as models
from lamina.evaluation import baseline_ngrams as runs
from lamina.evaluation import baseline_pairs as pairs
from lamina.evaluation.baseline_models import BaselineData
from lamina.evaluation.predictions import MEASURED, Predictions

_FEWEST_ROWS = 500
_UNTAUGHT = ("constant", "unigrams", "ngrams")  # what needs no two different targets
_TEXT_FIT = 0.2  # time of one fit as a share of that of counting the words, measured
_TREE = 500  # cells: half a millisecond, which a tree takes on however few rows, measured
_BIN = 0.1  # cells for each bin of each column of a tree, as above


@dataclass(frozen=True, slots=True)
class Baseline:
    """One simple model."""

    answer: Callable[[BaselineData, BaselineData, int], np.ndarray]
    """`(train, test, seed)` → values as in `Predictions`."""
    applies: Callable[[BaselineData], bool]
    """Whether it can be fitted on such data."""
    cells_per_second: float
    """Work it does in a second on one core, measured; bounds the rows taken."""


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """Answers of one simple model."""

    name: str
    """Name in BASELINES."""
    predictions: Predictions | None
    """Its answers to the test rows; None where it would have taken too long."""
    num_rows: int
    """Training rows it was fitted on."""
    note: str
    """How it was fitted, with the part of the rows taken; why not, where it was left out."""
    seconds: float
    """Wall time taken."""


BASELINES: Mapping[str, Entry[Baseline]] = table(
    Entry(
        "constant",
        Baseline(models.constant, lambda data: data.kind not in MEASURED, 0.0),
        "Shares of the classes, mean or quantiles of the training rows.",
        "textbook",
    ),
    Entry(
        "linear",
        Baseline(models.linear, models.has_table, 3e6),
        "Logistic or ridge regression on standardised numbers and one-hot categories.",
        "Cox 1958; Hoerl and Kennard 1970",
    ),
    Entry(
        "gradient_boosting",
        Baseline(models.gradient_boosting, models.has_table, 8e5),
        "Up to a hundred rounds of boosted trees on binned columns.",
        "Ke et al. 2017",
    ),
    Entry(
        "text_linear",
        Baseline(models.text_linear, models.has_texts, 2.6e4),
        "Logistic or ridge regression on weighted words and pairs of words.",
        "Wang and Manning 2012",
    ),
    Entry(
        "text_overlap",
        Baseline(pairs.overlap, pairs.has_pair, 3e4),
        "Logistic or ridge regression on how much the words of two texts overlap.",
        "Dagan et al. 2006",
    ),
    Entry(
        "pixel_linear",
        Baseline(models.pixel_linear, models.has_images, 1e7),
        "Logistic or ridge regression on pixels.",
        "Cox 1958",
    ),
    Entry(
        "pixel_neighbours",
        Baseline(models.pixel_neighbours, models.has_images, 1.5e10),
        "The five nearest training pictures by pixels.",
        "Cover and Hart 1967",
    ),
    Entry(
        "unigrams",
        Baseline(runs.unigrams, runs.has_tokens, 2e6),
        "Tokens as likely as they are frequent.",
        "Shannon 1948",
    ),
    Entry(
        "ngrams",
        Baseline(runs.ngrams, runs.has_tokens, 5e5),
        "Counted runs of up to five tokens.",
        "Witten and Bell 1991",
    ),
)


def run_baselines(
    train: BaselineData,
    test: BaselineData,
    *,
    seed: int,
    names: tuple[str, ...] | None = None,
    max_seconds: float = 15.0,
    num_threads: int = 1,
    num_training_rows: int | None = None,
) -> tuple[BaselineResult, ...]:
    """Fit simple models on training rows and let them answer test rows.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Seed of the run; it decides which part of the rows is taken.
        names: Which of BASELINES; None for all that apply.
        max_seconds: About what each model may take.
        num_threads: Threads of scikit-learn.
        num_training_rows: Training rows in all, where `train` is a part of them.

    Returns:
        One result per model that applies, in the order of the table; without predictions where even
        500 rows would take too long. A training part with one class only leaves the constant.

    Raises:
        ConfigError: A name is unknown.
        DataError: The training part is empty, or the two parts are of different kinds.
    """
    if train.num_rows == 0:
        raise DataError("simple models need training rows, got none.")
    if (train.kind, train.num_outputs) != (test.kind, test.num_outputs):
        raise DataError(
            f"training rows ask for {train.num_outputs} {train.kind}, test rows for "
            f"{test.num_outputs} {test.kind}; they must be the same."
        )
    chosen = tuple(BASELINES) if names is None else names
    results = []
    for name in chosen:
        baseline = look_up(BASELINES, name, what="baseline")
        if baseline.applies(train) and (name in _UNTAUGHT or models.has_two_targets(train)):
            results.append(
                _run(
                    name,
                    baseline,
                    train,
                    test,
                    seed=seed,
                    max_seconds=max_seconds,
                    num_threads=num_threads,
                    num_training_rows=num_training_rows or train.num_rows,
                )
            )
    return tuple(results)


def _run(
    name: str,
    baseline: Baseline,
    train: BaselineData,
    test: BaselineData,
    *,
    seed: int,
    max_seconds: float,
    num_threads: int,
    num_training_rows: int,
) -> BaselineResult:
    from threadpoolctl import threadpool_limits

    start = time.perf_counter()
    limit = _row_limit(baseline, train, test, name=name, max_seconds=max_seconds)
    if limit < min(_FEWEST_ROWS, train.num_rows):
        note = f"left out: even {_FEWEST_ROWS} rows would take more than {max_seconds:g} s"
        return BaselineResult(name, None, 0, note, 0.0)
    part = train
    if limit < train.num_rows:
        chosen = permutation(seed, f"baseline {name}", 0, train.num_rows)[:limit].numpy()
        part = train.rows(np.sort(chosen))
        part = part if name in _UNTAUGHT or models.has_two_targets(part) else train
    note = f"fitted on {part.num_rows:,} of {num_training_rows:,} training rows to keep to time"
    if part.num_rows == num_training_rows:
        note = f"fitted on all {num_training_rows:,} training rows"
    with threadpool_limits(num_threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = baseline.answer(part, test, seed)
    predictions = Predictions(train.kind, values, train.levels)
    return BaselineResult(name, predictions, part.num_rows, note, time.perf_counter() - start)


def _row_limit(
    baseline: Baseline, train: BaselineData, test: BaselineData, *, name: str, max_seconds: float
) -> int:
    """Return how many training rows fit the time; at least a quarter of it goes to them."""
    if name == "constant":
        return train.num_rows
    outputs = 1 if train.kind == "classes" and train.num_outputs == 2 else train.num_outputs
    fixed = 0.0
    if name in ("unigrams", "ngrams"):
        per_row = float(np.mean([text.count(" ") + 1 for text in (train.texts or [[""]])[0][:500]]))
    elif name in ("text_linear", "text_overlap"):
        lengths = [len(text) for texts in train.texts or [] for text in texts[:500]]
        once = max(0.5, float(np.mean(lengths or [1])) / 100) * len(train.texts or [])
        fixed = once * test.num_rows
        # The words are counted once, and every output is a fit of its own.
        per_row = once * (1 + _TEXT_FIT * (outputs - 1))
    elif name == "pixel_neighbours":
        per_row = float(models.pixel_columns(train) * test.num_rows)
    elif name == "pixel_linear":
        per_row = float(models.pixel_columns(train) * outputs)
    else:
        weight = 3 if name == "linear" else 1  # one category becomes several columns
        columns = train.numbers.shape[1] + weight * train.categories.shape[1]
        per_row = float(columns * outputs)
    budget = max_seconds * baseline.cells_per_second
    if name == "gradient_boosting":
        rounds, bins = models.boosting_size(train)
        budget -= rounds * outputs * (_TREE + _BIN * bins * columns)
    return int(max(budget / 4, budget - fixed) / max(per_row, 1e-9))
