"""The simple models themselves, each a function of training rows, test rows and a seed.

Source: scikit-learn (Pedregosa et al. 2011). Differs: class shares are mixed with a little of the
training shares, so that a class a model never saw costs finitely many nats; quantiles of linear
and neighbour models are those of their training residuals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.core.errors import DataError
from lamina.evaluation.predictions import MEASURED

_MAX_PIXELS = 28
_MAX_CATEGORIES = 100
_PRIOR = 1e-4
_NEIGHBOURS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineData:
    """Rows for simple models, as plain arrays."""

    numbers: np.ndarray
    """float [rows, columns], NaN where missing; [rows, 0] where there are none."""
    categories: np.ndarray
    """int [rows, columns], 0 where missing or unseen; [rows, 0] where there are none."""
    texts: list[list[str]] | None = None
    """By text column: one text per row."""
    images: np.ndarray | None = None
    """uint8 [rows, channels, height, width]."""
    target: np.ndarray
    """As in `Predictions`: int [rows] classes, else float [rows, columns]."""
    kind: str
    """"classes", "labels", "numbers" or "quantiles"."""
    num_outputs: int
    """Classes, labels, targets or quantiles."""
    levels: tuple[float, ...] = ()
    """Of quantiles: their levels."""
    token_bytes: np.ndarray | None = None
    """Of texts cut without loss: int64 [vocabulary], bytes of each token; 0 for marks."""
    is_pair: bool = False
    """Whether there are two texts, and a word is the same word in both."""

    def __post_init__(self) -> None:
        rows = len(self.target)
        sizes = [len(self.numbers), len(self.categories), *map(len, self.texts or [])]
        if self.images is not None:
            sizes.append(len(self.images))
        if any(size != rows for size in sizes):
            raise DataError(
                f"all parts must have the {rows} rows of the target, got {sorted(set(sizes))}."
            )

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.target)

    def rows(self, index: np.ndarray) -> "BaselineData":
        """Return some of the rows.

        Args:
            index: Row numbers.
        """
        return BaselineData(
            numbers=self.numbers[index],
            categories=self.categories[index],
            texts=None if self.texts is None else [[t[i] for i in index] for t in self.texts],
            images=None if self.images is None else self.images[index],
            target=self.target[index],
            kind=self.kind,
            num_outputs=self.num_outputs,
            levels=self.levels,
            token_bytes=self.token_bytes,
            is_pair=self.is_pair,
        )


def has_table(data: BaselineData) -> bool:
    """Return whether there are category columns, or number columns with a number in them.

    Args:
        data: The rows.
    """
    return data.categories.shape[1] > 0 or bool(np.isfinite(data.numbers).any())


def has_texts(data: BaselineData) -> bool:
    """Return whether there are texts with at least one word to answer from.

    Args:
        data: The rows.
    """
    return data.kind not in MEASURED and any(
        any(character.isalnum() for character in text)
        for texts in data.texts or []
        for text in texts
    )


def has_images(data: BaselineData) -> bool:
    """Return whether there are pictures.

    Args:
        data: The rows.
    """
    return data.images is not None


def has_two_targets(data: BaselineData) -> bool:
    """Return whether there is anything to learn: two rows and two different targets.

    Args:
        data: The rows.
    """
    return data.num_rows > 1 and bool((data.target != data.target[:1]).any())


def pixel_columns(data: BaselineData) -> int:
    """Return how many pixels of a picture the pixel models see.

    Args:
        data: Rows with pictures.
    """
    assert data.images is not None
    return shrunk_pixels(*data.images.shape[1:])


def shrunk_pixels(channels: int, height: int, width: int) -> int:
    """Return how many numbers the pixel models see of a picture of some size.

    Args:
        channels: 1 or 3.
        height: Pixels from top to bottom.
        width: Pixels from left to right.
    """
    step = _pixel_step(height, width)
    return channels * -(-height // step) * -(-width // step)


def shrunk(images: np.ndarray) -> np.ndarray:
    """Return pictures averaged over squares, so that the longer side has at most 28 pixels.

    Args:
        images: uint8 [rows, channels, height, width].

    Returns:
        uint8; small pictures as they are.
    """
    means = _averaged(images)
    return images if means is images else np.round(means).astype(np.uint8)


def constant(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:  # noqa: ARG001
    """Answer every row alike: class shares, label shares, means or quantiles.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed.

    Source:
        Textbook.
    """
    if train.kind == "classes":
        counts = np.bincount(train.target.reshape(-1), minlength=train.num_outputs) + 1e-9
        answer = counts / counts.sum()
    elif train.kind == "quantiles":
        answer = np.quantile(train.target.reshape(-1), train.levels)
    else:
        answer = train.target.reshape(train.num_rows, -1).mean(0)
    return np.tile(answer, (test.num_rows, 1))


def linear(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:  # noqa: ARG001
    """Logistic or ridge regression on standardised numbers and one-hot categories.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed: the fit has no chance in it.

    Source:
        Cox 1958; Hoerl and Kennard 1970.
    """
    return linear_answers(train, *table_features(train, test), test)


def gradient_boosting(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:
    """Up to a hundred rounds of boosted trees on binned columns.

    Many columns times many classes, labels, targets or quantiles get fewer rounds and coarser bins,
    since each tree has a cost that no thinning of rows takes away.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: For the rows that place the bins.

    Source:
        Ke et al. 2017, "LightGBM"; scikit-learn's histogram gradient boosting.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    rounds, max_bins = boosting_size(train)
    # At most one category per bin can be split as such; more are cut like numbers.
    small = train.categories.max(0, initial=0) < max_bins
    seen = np.where(small, np.minimum(test.categories, max_bins - 1), test.categories)
    features = _finite(np.concatenate([train.numbers, train.categories], 1))
    asked = _finite(np.concatenate([test.numbers, seen], 1))
    known = ~np.isnan(features).all(0)
    features, asked = features[:, known], asked[:, known]
    is_category = np.concatenate([np.zeros(train.numbers.shape[1], dtype=bool), small])[known]
    options: dict[str, Any] = {
        "max_iter": rounds,
        "learning_rate": min(0.3, 10 / rounds),
        "max_bins": max_bins,
        "categorical_features": is_category if is_category.any() else None,
        "early_stopping": False,  # its split fails where a class has a single row
        "random_state": seed % 2**31,
    }
    if train.kind == "classes":
        model = HistGradientBoostingClassifier(**options).fit(features, train.target)
        return _spread(model.predict_proba(asked), model.classes_, train)
    if train.kind == "labels":
        return _each_label(
            train, features, asked, lambda: HistGradientBoostingClassifier(**options)
        )
    if train.kind == "quantiles":
        answers = [
            HistGradientBoostingRegressor(loss="quantile", quantile=level, **options)
            .fit(features, train.target.reshape(-1))
            .predict(asked)
            for level in train.levels
        ]
        return np.sort(np.stack(answers, 1), axis=1)
    columns = [
        HistGradientBoostingRegressor(**options).fit(features, column).predict(asked)
        for column in train.target.reshape(train.num_rows, -1).T
    ]
    return np.stack(columns, 1)


def boosting_size(data: BaselineData) -> tuple[int, int]:
    """Return how many rounds trees are boosted, and into how many bins columns are cut.

    Args:
        data: The rows.
    """
    num_columns = data.numbers.shape[1] + data.categories.shape[1]
    num_trees = max(1, num_columns * data.num_outputs)
    return int(np.clip(40_000 / num_trees, 30, 100)), 63 if num_trees > 400 else 255


def text_linear(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:  # noqa: ARG001
    """Logistic or ridge regression on weighted words, pairs of words, and the table if any.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed: the fit has no chance in it.

    Source:
        Wang and Manning 2012, "Baselines and bigrams". Differs: tf-idf weights.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    features, asked = [], []
    for known, new in zip(train.texts or [], test.texts or [], strict=True):
        rare = 2 if train.num_rows > 1000 else 1
        words = TfidfVectorizer(
            ngram_range=(1, 2),
            min_df=rare,
            max_features=100_000,
            sublinear_tf=True,
            token_pattern=r"(?u)\b\w+\b",
        )
        try:
            features.append(words.fit_transform(known))
        except ValueError:  # a column without a single word
            continue
        asked.append(words.transform(new))
    if has_table(train):
        own, own_asked = table_features(train, test)
        features.append(csr_matrix(own))
        asked.append(csr_matrix(own_asked))
    return linear_answers(train, hstack(features).tocsr(), hstack(asked).tocsr(), test, strength=10)


def pixel_linear(train: BaselineData, test: BaselineData, seed: int) -> np.ndarray:  # noqa: ARG001
    """Logistic or ridge regression on pixels, averaged down to at most 28 by 28.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed: the fit has no chance in it.

    Source:
        Cox 1958.
    """
    features, asked = _pixels(train), _pixels(test)
    mean, deviation = features.mean(0), features.std() + 1e-6
    for values in (features, asked):  # in place: a second copy of many pictures is large
        values -= mean
        values /= deviation
    return linear_answers(train, features, asked, test, strength=0.01)


def pixel_neighbours(
    train: BaselineData,
    test: BaselineData,
    seed: int,  # noqa: ARG001
) -> np.ndarray:
    """Mean answer of the five nearest training pictures by pixels.

    Args:
        train: Rows to fit on.
        test: Rows to answer.
        seed: Not needed: the fit has no chance in it.

    Source:
        Cover and Hart 1967, "Nearest neighbor pattern classification".
    """
    features, asked = _pixels(train), _pixels(test)
    lengths = (features**2).sum(1)
    count = min(_NEIGHBOURS, len(features))
    near = np.empty((len(asked), count), dtype=np.int64)
    for start in range(0, len(asked), 1024):
        part = asked[start : start + 1024]
        distance = lengths - 2 * part @ features.T
        near[start : start + 1024] = np.argpartition(distance, count - 1, axis=1)[:, :count]
    if train.kind == "classes":
        votes = np.eye(train.num_outputs)[train.target.reshape(-1)][near].sum(1)
        prior = constant(train, test, 0)
        return (votes + prior) / (count + 1)
    targets = train.target.reshape(train.num_rows, -1)
    if train.kind == "quantiles":
        return np.quantile(targets[:, 0][near], train.levels, axis=1).T
    return targets[near].mean(1)


def table_features(train: BaselineData, test: BaselineData) -> tuple[Any, Any]:
    """Return features of training and test rows.

    Standardised numbers with marks for missing ones, and one column per frequent category.

    Args:
        train: Rows to learn scales and categories from.
        test: Rows to answer.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.preprocessing import OneHotEncoder

    known, new = _finite(train.numbers), _finite(test.numbers)
    some = ~np.isnan(known).all(0)
    known, new = known[:, some], new[:, some]
    marked = np.isnan(known).any(0)
    middle = np.nanmedian(known, axis=0) if known.shape[1] else np.zeros(0)
    parts = []
    for values in (known, new):
        filled = np.where(np.isnan(values), middle, values)
        parts.append((filled, np.isnan(values[:, marked]).astype(np.float64)))
    mean, deviation = parts[0][0].mean(0), parts[0][0].std(0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    dense = [
        np.concatenate([np.clip((filled - mean) / deviation, -10, 10), marks], 1)
        for filled, marks in parts
    ]
    if not train.categories.shape[1]:
        return dense[0], dense[1]
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=_MAX_CATEGORIES)
    hot = encoder.fit_transform(train.categories), encoder.transform(test.categories)
    return tuple(hstack([csr_matrix(d), h]).tocsr() for d, h in zip(dense, hot, strict=True))


def linear_answers(
    train: BaselineData, features: Any, asked: Any, test: BaselineData, *, strength: float = 1.0
) -> np.ndarray:
    """Return the answers of logistic or ridge regression on given features.

    Args:
        train: Rows to fit on.
        features: Their features, an array or sparse, [rows, features].
        asked: Features of the rows to answer.
        test: Rows to answer.
        strength: Inverse of the weight of the penalty.
    """
    from sklearn.linear_model import LogisticRegression, Ridge

    def logistic() -> Any:
        return LogisticRegression(C=strength, max_iter=100, tol=1e-3)

    if train.kind == "classes":
        model = logistic().fit(features, train.target.reshape(-1))
        return _spread(model.predict_proba(asked), model.classes_, train)
    if train.kind == "labels":
        return _each_label(train, features, asked, logistic)
    targets = train.target.reshape(train.num_rows, -1)
    scale = targets.std(0) + 1e-12
    model = Ridge(alpha=1.0 / strength).fit(features, targets / scale)
    answers = model.predict(asked).reshape(test.num_rows, -1) * scale
    if train.kind == "quantiles":
        residuals = targets[:, 0] - model.predict(features).reshape(-1) * scale[0]
        return answers[:, :1] + np.quantile(residuals, train.levels)
    return answers


def _each_label(
    train: BaselineData, features: Any, asked: Any, make: Callable[[], Any]
) -> np.ndarray:
    columns = []
    for label in train.target.T:
        yes = label > 0.5
        if yes.all() or not yes.any():
            columns.append(np.full(asked.shape[0], float(yes[0])))
        else:
            columns.append(make().fit(features, yes).predict_proba(asked)[:, 1])
    return np.stack(columns, 1)


def _spread(shares: np.ndarray, classes: np.ndarray, train: BaselineData) -> np.ndarray:
    """Return shares of the classes a model knows as shares of all, mixed with a little prior."""
    values = np.full((len(shares), train.num_outputs), 0.0)
    values[:, classes.astype(np.int64)] = shares
    return (1 - _PRIOR) * values + _PRIOR / train.num_outputs


def _pixel_step(height: int, width: int) -> int:
    return max(1, -(-max(height, width) // _MAX_PIXELS))


def _pixels(data: BaselineData) -> np.ndarray:
    """Return pixels in [0, 1], averaged over squares, float32 [rows, pixels]."""
    assert data.images is not None
    means = _averaged(data.images)
    return means.reshape(len(means), -1).astype(np.float32) / np.float32(255)


def _averaged(images: np.ndarray) -> np.ndarray:
    """Return pictures averaged over squares, float32; small pictures as they are."""
    rows, channels, height, width = images.shape
    step = _pixel_step(height, width)
    if step == 1:
        return images
    down, right = -height % step, -width % step
    images = np.pad(images, ((0, 0), (0, 0), (0, down), (0, right)), mode="edge")
    shape = rows, channels, (height + down) // step, step, (width + right) // step, step
    averages: np.ndarray = images.reshape(shape).mean((3, 5), dtype=np.float32)
    return averages


def _finite(numbers: np.ndarray) -> np.ndarray:
    return np.where(np.isinf(numbers), np.nan, numbers.astype(np.float64))
