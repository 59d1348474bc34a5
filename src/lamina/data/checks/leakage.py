"""Columns that give the target away: known only once the answer is, or made from it.

Each column alone predicts the target on rows it was not fitted on. One that is almost perfect, and
far better than the best honest column, is suspicious; so is a target that is an exact sum of
columns, and a text that spells out its label.

Source: Kaufman et al. 2012, "Leakage in data mining"; Kapoor and Narayanan 2023, "Leakage and the
reproducibility crisis". Differs: the expectation is set by the other columns of the same data.
"""

import warnings

import numpy as np
import polars as pl

from lamina.core.records import Finding
from lamina.data.checks.context import CheckContext, ColumnView, TargetView

_SUSPICIOUS = 0.97
_CERTAIN = 0.99
_GAP = 3.0
_MAX_LEAKS = 2
_SCORED_ROWS = 4_000
_MIN_ROWS = 50
_MAX_LEVELS = 0.2
_EXACT = 0.9999


def check_leakage(context: CheckContext) -> tuple[Finding, ...]:
    """Find columns that predict the target too well to be honest.

    Args:
        context: What to look at.
    """
    target = context.target
    if target is None:
        return ()
    train = context.train[target.is_known[context.train]]
    rows = context.sample(train, _SCORED_ROWS, "leakage")
    if len(rows) < _MIN_ROWS:
        return ()
    findings = _single_columns(context, target, rows)
    if not target.is_class:
        sums = _linear_identity(context, target, rows)
        parts = {part for finding in sums for part in finding.columns}
        findings = sums + [f for f in findings if not parts.issuperset(f.columns)]
    else:
        findings += [f for name in context.texts for f in _spelt_out(context, target, name, rows)]
    return tuple(findings)


def _single_columns(context: CheckContext, target: TargetView, rows: np.ndarray) -> list[Finding]:
    scores = {c.name: column_score(c, target, rows) for c in context.columns}
    honest = max((s for s in scores.values() if s < _SUSPICIOUS), default=0.0)
    if sum(score >= _SUSPICIOUS for score in scores.values()) > _MAX_LEAKS:
        return [_easy(target, [n for n, s in scores.items() if s >= _SUSPICIOUS])]
    findings = []
    for name, score in scores.items():
        if score < _SUSPICIOUS or (1 - honest) < _GAP * max(1 - score, 0.002):
            continue
        measure = "balanced accuracy above chance" if target.is_class else "R²"
        findings.append(
            Finding(
                check="target leakage",
                severity="severe" if score >= _CERTAIN else "warning",
                message=f"Column {name!r} alone predicts {target.name!r} almost perfectly "
                f"({measure} {score:.3f}); the best other column reaches {honest:.3f}.",
                evidence=f"Fitted on one half of {len(rows):,} training rows, scored on the other, "
                "and the other way round.",
                remedy=f"If {name!r} is known only after {target.name!r}, or made from it, leave "
                "it out (role: ignored); the figures would be worthless otherwise.",
                columns=(name,),
            )
        )
    return findings


def _easy(target: TargetView, names: list[str]) -> Finding:
    """Return a note that many columns are enough each: an easy task, or the answer many times."""
    return Finding(
        check="target leakage",
        severity="note",
        message=f"{len(names)} columns each predict {target.name!r} almost perfectly, such as "
        + ", ".join(repr(name) for name in names[:3])
        + ".",
        evidence="So many are rather a sign of an easy task than of a leak.",
        remedy="Check that they are known before the target is; a table look-up may do.",
        columns=tuple(names),
    )


def column_score(column: ColumnView, target: TargetView, rows: np.ndarray) -> float:
    """Return how well one column predicts the target on rows it was not fitted on.

    Args:
        column: The column.
        target: The target.
        rows: Rows with a target.

    Returns:
        1 is perfect, 0 chance: balanced accuracy above chance for classes, R² for numbers (the
        better of values and ranks).
    """
    values, answers = column.values[rows], target.values[rows]
    known = ~np.isnan(values)
    if column.is_category and len(np.unique(values[known])) > _MAX_LEVELS * len(rows):
        return 0.0
    if target.is_class:
        return _class_score(values, answers, is_category=column.is_category)
    ranks = np.argsort(np.argsort(answers, kind="stable")).astype(np.float64)
    return max(_number_score(values, answers), _number_score(values, ranks))


def _class_score(values: np.ndarray, answers: np.ndarray, *, is_category: bool) -> float:
    classes, answers = np.unique(answers, return_inverse=True)
    num_classes = len(classes)
    if num_classes < 2:
        return 0.0
    half = np.arange(len(values)) % 2
    answered = np.empty(len(values), dtype=np.int64)
    for fold in (0, 1):
        fit, ask = half != fold, half == fold
        predict = _lookup if is_category else _tree
        answered[ask] = predict(values[fit], answers[fit], values[ask], num_classes)
    support = np.bincount(answers, minlength=num_classes)
    hits = np.bincount(answers[answered == answers], minlength=num_classes)
    recall = (hits / support)[support >= 2]
    if len(recall) < 2:
        return 0.0
    return float((recall.mean() - 1 / num_classes) / (1 - 1 / num_classes))


def _lookup(
    known: np.ndarray, answers: np.ndarray, asked: np.ndarray, num_classes: int
) -> np.ndarray:
    codes = np.unique(np.concatenate([known, asked]), return_inverse=True)[1]
    cells = np.bincount(
        codes[: len(known)] * num_classes + answers, minlength=(codes.max() + 1) * num_classes
    )
    weight = np.maximum(np.bincount(answers, minlength=num_classes), 1)
    return (cells.reshape(-1, num_classes) / weight).argmax(1)[codes[len(known) :]]


def _tree(
    known: np.ndarray, answers: np.ndarray, asked: np.ndarray, num_classes: int
) -> np.ndarray:
    from sklearn.tree import DecisionTreeClassifier

    low = np.nanmin(known, initial=0.0) - 1.0
    tree = DecisionTreeClassifier(
        max_leaf_nodes=2 * num_classes + 6, min_samples_leaf=2, class_weight="balanced",
        random_state=0,
    )  # fmt: skip
    tree.fit(np.nan_to_num(known, nan=low)[:, None], answers)
    predicted: np.ndarray = tree.predict(np.nan_to_num(asked, nan=low)[:, None])
    return predicted


def _number_score(values: np.ndarray, answers: np.ndarray) -> float:
    """Return R² of the mean answer of the neighbours along the column, each row left out."""
    known = ~np.isnan(values)
    if known.mean() < 0.5 or known.sum() < 20:
        return 0.0
    values, answers = values[known], answers[known]
    total = ((answers - answers.mean()) ** 2).sum()
    codes, counts = np.unique(values, return_inverse=True, return_counts=True)[1:]
    if not total > 0 or len(counts) < 2:
        return 0.0
    sums = np.bincount(codes, weights=answers)
    means = sums / counts
    # A value that occurs once is judged by its neighbours; others by the rest of their rows.
    beside = np.convolve(np.pad(means, 1, mode="edge"), [0.5, 0, 0.5], mode="valid")
    alone = counts[codes] == 1
    rest = (sums[codes] - answers) / np.maximum(counts[codes] - 1, 1)
    predicted = np.where(alone, beside[codes], rest)
    return float(1 - ((answers - predicted) ** 2).sum() / total)


def _linear_identity(context: CheckContext, target: TargetView, rows: np.ndarray) -> list[Finding]:
    """Find a target that is an exact weighted sum of a few columns."""
    columns = [c for c in context.columns if not c.is_category]
    if not 2 <= len(columns) <= 200:
        return []
    values = np.stack([c.values[rows] for c in columns], 1)
    whole = ~np.isnan(values).any(1)
    values, answers = values[whole], target.values[rows][whole]
    if len(values) < max(_MIN_ROWS, 3 * len(columns)) or not answers.std() > 0:
        return []
    spread = values.std(0)
    scaled = (values - values.mean(0)) / np.where(spread > 0, spread, 1)
    centred = (answers - answers.mean()) / answers.std()
    half = len(scaled) // 2
    weights = np.linalg.lstsq(scaled[:half], centred[:half], rcond=None)[0]
    explained = 1 - ((centred[half:] - scaled[half:] @ weights) ** 2).mean()
    parts = [c.name for c, w in zip(columns, weights, strict=True) if abs(w) > 0.005]
    if explained < _EXACT or not 2 <= len(parts) <= 5:
        return []
    return [
        Finding(
            check="target leakage",
            severity="severe",
            message=f"The target {target.name!r} is a weighted sum of "
            + " and ".join(repr(part) for part in parts)
            + f" (R² {explained:.5f}).",
            evidence=f"A linear fit on {half:,} training rows answers others without error.",
            remedy="Leave these columns out (role: ignored) if they are parts of the target; if "
            "they are truly known beforehand, no network is needed.",
            columns=tuple(parts),
        )
    ]


def _spelt_out(
    context: CheckContext, target: TargetView, name: str, rows: np.ndarray
) -> list[Finding]:
    """Find texts that contain the word of their own label and of no other."""
    words = [c.lower() for c in target.classes]
    if not 2 <= len(words) <= 50 or any(len(w) < 3 or w.isdigit() for w in words):
        return []
    text = context.frame[name].cast(pl.String).gather(rows).fill_null("").str.to_lowercase()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hits = [
            text.str.contains(r"(?:^|\W)" + pl.escape_regex(word) + r"(?:\W|$)") for word in words
        ]
    holds = np.stack([hit.to_numpy() for hit in hits], 1)
    answers = target.values[rows]
    own = holds[np.arange(len(rows)), answers]
    exact = own & (holds.sum(1) == 1)
    # Classes whose word occurs in nearly all of their texts and hardly in others.
    told = [
        word
        for number, word in enumerate(words)
        if (answers == number).sum() >= 10
        and exact[answers == number].mean() >= 0.8
        and holds[answers != number, number].mean() <= 0.05
    ]
    if not told:
        return []
    return [
        Finding(
            check="target leakage",
            severity="severe",
            message=f"Texts of column {name!r} spell out their label: "
            + ", ".join(repr(word) for word in told[:5])
            + f" ({exact.mean():.0%} of {len(rows):,} texts hold just their own).",
            evidence="The word of the class stands in at least 80 % of its texts and in at most "
            "5 % of the others.",
            remedy="Strip the label from the texts; otherwise the network learns to look it up.",
            columns=(name,),
        )
    ]
