"""Wrong labels: rows that a quick model, fitted on other rows, is sure are something else.

Where classes merely overlap, a model errs less and less as it gets surer. Where labels are wrong,
its error stops falling: the surest fifth of the rows still holds the share of wrong labels. That
share is the estimate. Where the model errs on more than a quarter of the rows (a sixth, if the rows
are few), chance and wrong labels cannot be told apart and nothing is said.

Source: Northcutt, Jiang and Chuang 2021, "Confident learning", https://arxiv.org/abs/1911.00068
(out-of-fold probabilities, rows ranked by margin). Differs: the share is read off the surest rows
in place of the off-diagonal of the confident joint, which counts overlap as noise.
"""

import warnings
from typing import Any

import numpy as np

from lamina.core.random import derive
from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext, TargetView
from lamina.data.checks.encoding import table_features, text_features

_MAX_ROWS = 4_000
_MIN_ROWS = 300
_MIN_SHARE = 0.02
_NUM_FOLDS = 3
_SUREST = 0.2
_MAX_ERROR = 0.16
_MAX_ERROR_OF_MANY = 0.25
_MANY_ROWS = 1_000
_MIN_PART_OF_ERROR = 0.3
_MIN_PART_OF_LARGE_ERROR = 0.35
_MIN_AGREEMENT = 0.2
_TYPICAL = 0.4


def check_label_noise(context: CheckContext) -> tuple[Finding, ...]:
    """Find classes that look wrong.

    Args:
        context: What to look at.
    """
    target = context.target
    if target is None or not target.is_class:
        return ()
    train = context.train[target.is_known[context.train]]
    if context.pictures:
        train = np.intersect1d(train, context.pictures[0].rows)
    rows = context.sample(train, _MAX_ROWS, "label noise")
    answers = target.values[rows]
    counts = np.bincount(answers, minlength=len(target.classes))
    rows = rows[counts[answers] >= 2 * _NUM_FOLDS]
    if len(rows) < _MIN_ROWS or (counts >= 2 * _NUM_FOLDS).sum() < 2:
        return ()
    classes, answers = np.unique(target.values[rows], return_inverse=True)
    rows, answers, features = _features(context, rows, answers)
    if features is None or len(rows) < _MIN_ROWS:
        return ()
    chances = _out_of_fold(features, answers, len(classes), context.seed)
    share, low = wrong_share(chances, answers)
    if low < _MIN_SHARE:
        return ()
    return (_finding(target, rows, answers, classes, chances, share=share, low=low),)


def wrong_share(chances: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
    """Return the estimated share of wrong labels and its lower end; zeros where none can be told.

    Args:
        chances: Out-of-fold probabilities, [rows, classes].
        answers: Class numbers as given, [rows].

    Source:
        Own estimator, see the head of the file.
    """
    decided = chances.argmax(1)
    wrong = decided != answers
    # Sure of each class in turn, so that a frequent easy class does not stand for all.
    is_sure = np.zeros(len(answers), dtype=bool)
    half_sure = np.zeros(len(answers), dtype=bool)
    top = np.sort(chances, axis=1)
    margin = top[:, -1] - top[:, -2]
    by_class = []
    for number in range(chances.shape[1]):
        members = np.flatnonzero(decided == number)
        order = members[np.argsort(-margin[members], kind="stable")]
        if len(order) >= 10:
            by_class.append(float(wrong[order[: round(_SUREST * len(order))]].mean()))
        is_sure[order[: round(_SUREST * len(order))]] = True
        half_sure[order[: round(_SUREST / 2 * len(order))]] = True
    num_sure = int(is_sure.sum())
    if num_sure < 50 or _agreement(decided, answers) < _MIN_AGREEMENT:
        return 0.0, 0.0
    share, surest = float(wrong[is_sure].mean()), float(wrong[half_sure].mean())
    overall = float(wrong.mean())
    # Overlap: the error still falls towards the surest rows, or is small beside that of all.
    is_easy = overall <= _MAX_ERROR
    least = _MIN_PART_OF_ERROR if is_easy else _MIN_PART_OF_LARGE_ERROR
    limit = _MAX_ERROR_OF_MANY if len(answers) >= _MANY_ROWS else _MAX_ERROR
    if overall > limit or surest < 0.6 * share or share < least * overall:
        return 0.0, 0.0
    # Two classes that look alike spoil their own sure rows only; wrong labels spoil most classes.
    if not by_class or float(np.median(by_class)) < _TYPICAL * share:
        return 0.0, 0.0
    spread = 1.96**2 / num_sure
    half = 1.96 * np.sqrt(share * (1 - share) / num_sure + spread / (4 * num_sure))
    return share, float(max(0.0, (share + spread / 2 - half) / (1 + spread)))


def _finding(
    target: TargetView,
    rows: np.ndarray,
    answers: np.ndarray,
    classes: np.ndarray,
    chances: np.ndarray,
    *,
    share: float,
    low: float,
) -> Finding:
    own = chances[np.arange(len(rows)), answers]
    margin = chances.max(1) - own
    order = np.argsort(-margin, kind="stable")
    order = order[margin[order] > 0][: max(1, min(100, round(share * len(rows))))]
    first = int(order[0])
    given, seen = (
        target.classes[classes[answers[first]]],
        target.classes[classes[chances[first].argmax()]],
    )
    return Finding(
        check="label noise",
        severity="warning",
        message=f"About {share:.0%} of the classes in {target.name!r} look wrong (at least "
        f"{low:.0%}).",
        evidence=f"Even among the {_SUREST:.0%} of {len(rows):,} training rows that a quick "
        f"model is surest of, {share:.1%} contradict it; row {rows[first]} says {given!r} and "
        f"looks like {seen!r}.",
        remedy="Look at the rows listed and mend their labels; the figures on test rows suffer "
        "from wrong labels too.",
        columns=(target.name,),
        rows=tuple(int(row) for row in rows[order]),
    )


def _agreement(decided: np.ndarray, answers: np.ndarray) -> float:
    """Return agreement beyond chance (Cohen's kappa)."""
    size = int(max(decided.max(), answers.max())) + 1
    first, second = np.bincount(decided, minlength=size), np.bincount(answers, minlength=size)
    chance = float((first * second).sum()) / len(answers) ** 2
    return (float((decided == answers).mean()) - chance) / max(1 - chance, 1e-9)


def _features(
    context: CheckContext, rows: np.ndarray, answers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Return the rows that can be encoded, their answers and features: pictures, texts or table."""
    if context.pictures:
        pictures = context.pictures[0]
        places = np.flatnonzero(np.isin(pictures.rows, rows))
        kept = pictures.rows[places]
        by_row = dict(zip(rows.tolist(), answers.tolist(), strict=True))
        return kept, np.array([by_row[int(r)] for r in kept]), pictures.values[places] / 64.0
    if context.texts:
        return rows, answers, text_features(context, rows)
    features = table_features(context, rows)
    return rows, answers, features if features.shape[1] else None


def _out_of_fold(features: Any, answers: np.ndarray, num_classes: int, seed: int) -> np.ndarray:
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    chances = np.zeros((len(answers), num_classes))
    folds = StratifiedKFold(
        _NUM_FOLDS, shuffle=True, random_state=derive(seed, "label noise folds") % 2**31
    )
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fit, ask in folds.split(np.zeros(len(answers)), answers):
            model = _model(features, num_classes)
            model.fit(features[fit], answers[fit])
            chances[ask[:, None], model.classes_] = model.predict_proba(features[ask])
    return chances


def _model(features: Any, num_classes: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    is_table = isinstance(features, np.ndarray) and features.dtype == np.float64
    if is_table and num_classes * features.shape[1] <= 100:
        return HistGradientBoostingClassifier(
            max_iter=40, learning_rate=0.15, max_leaf_nodes=12, min_samples_leaf=15, max_bins=63,
            early_stopping=False, random_state=0,
        )  # fmt: skip
    if not is_table and not isinstance(features, np.ndarray):
        return LogisticRegression(C=3.0, max_iter=40)
    if not is_table:
        linear, near = LogisticRegression(C=0.05, max_iter=40), KNeighborsClassifier(8)
        return VotingClassifier([("linear", linear), ("near", near)], voting="soft")
    return make_pipeline(
        SimpleImputer(keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=60),
    )
