"""Tables: the default `lamina fit` beside CatBoost and scikit-learn's MLP, twelve sets.

    python benchmarks/tables.py               all sets
    python benchmarks/tables.py adult wine    some

Goals: at or better than CatBoost less 0.5 % (relative) on at least 8 sets, than the MLP on all 12;
adult accuracy ≥ 0.872, California RMSE ≤ 0.45. Needs `pip install "lamina[bench]"`.

A set of fewer than 10,000 rows is measured five times, on five folds or, with an official test
part, with five seeds, and the means are compared: on some hundreds of test rows one measurement
says more of the draw than of the method. Every single score is kept beside them.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import fit, read_results, write_results
from table_sets import SETS, TableSet, num_repetitions


def score(metric: str, truth: np.ndarray, answers: np.ndarray) -> float:
    """Return one metric; answers are probabilities of the second class for roc_auc."""
    if metric == "rmse":
        return float(np.sqrt(np.mean((truth - answers) ** 2)))
    if metric == "accuracy":
        return float(np.mean(truth == answers))
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, answers))


def targets(data: TableSet) -> tuple[np.ndarray, np.ndarray]:
    """Return train and test targets: numbers, or class numbers in the order of their names."""
    train, test = data.train[data.target].to_numpy(), data.test[data.target].to_numpy()
    if not data.is_classification:
        return train.astype(float), test.astype(float)
    classes, numbers = np.unique(train.astype(str), return_inverse=True)
    return numbers, np.searchsorted(classes, test.astype(str))


def answered(model: Any, inputs: Any, data: TableSet) -> np.ndarray:
    """Return a model's answers in the form its metric reads."""
    if data.metric == "roc_auc":
        return model.predict_proba(inputs)[:, 1]
    answers = np.asarray(model.predict(inputs)).reshape(-1)
    return answers.astype(int) if data.is_classification else answers


def catboost(data: TableSet, seed: int) -> tuple[float, float]:
    """Return score and seconds of CatBoost with its defaults and native categories."""
    import catboost as library

    def rows(frame: pl.DataFrame) -> list[list[Any]]:
        columns = [
            frame[n].cast(pl.Float64).fill_null(float("nan")).to_list() for n in data.numbers
        ]
        columns += [frame[n].fill_null("?").to_list() for n in data.categories]
        return [list(row) for row in zip(*columns)]

    train, test = targets(data)
    kind = library.CatBoostClassifier if data.is_classification else library.CatBoostRegressor
    model = kind(random_seed=seed, verbose=0, allow_writing_files=False)
    first = len(data.numbers)
    places = list(range(first, first + len(data.categories)))
    begin = time.perf_counter()
    model.fit(rows(data.train), train, cat_features=places)
    seconds = time.perf_counter() - begin
    return score(data.metric, test, answered(model, rows(data.test), data)), seconds


def mlp(data: TableSet, seed: int) -> tuple[float, float]:
    """Return score and seconds of scikit-learn's MLP with its defaults.

    Numbers are median-filled and standardised, categories one-hot; a number target is standardised,
    which is stronger than leaving it raw.
    """
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    train, test = targets(data)
    inputs = []
    scaler = encoder = medians = None
    for frame in (data.train, data.test):
        parts = []
        if data.numbers:
            values = frame.select(pl.col(data.numbers).cast(pl.Float64)).to_numpy().copy()
            medians = np.nanmedian(values, axis=0) if medians is None else medians
            values = np.where(np.isnan(values), medians, values)
            scaler = scaler or StandardScaler().fit(values)
            parts.append(scaler.transform(values))
        if data.categories:
            cells = frame.select(pl.col(data.categories).fill_null("?")).to_numpy()
            if encoder is None:
                encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(cells)
            parts.append(encoder.transform(cells))
        inputs.append(np.concatenate(parts, axis=1))
    model: Any = MLPClassifier(random_state=seed)
    if not data.is_classification:
        model = TransformedTargetRegressor(
            MLPRegressor(random_state=seed), transformer=StandardScaler()
        )
    begin = time.perf_counter()
    model.fit(inputs[0], train)
    seconds = time.perf_counter() - begin
    return score(data.metric, test, answered(model, inputs[1], data)), seconds


def lamina(data: TableSet, seed: int) -> tuple[float, float]:
    """Return score and seconds of training of the default `lamina fit`."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data.train.write_parquet(folder / "train.parquet")
        data.test.write_parquet(folder / "test.parquet")
        kind = "category" if data.is_classification else "number"
        told = fit(
            folder / "train.parquet", "--test", str(folder / "test.parquet"),
            "--target", data.target, "--as", f"{data.target}={kind}", "--seed", str(seed),
            "--overrule",
        )  # fmt: skip
    return told["metrics"][data.metric]["value"], told["training"]["seconds"]


def is_better(metric: str, own: float, other: float, *, slack: float = 0.0) -> bool:
    """Return whether one score is at least as good as another less a relative slack."""
    return own <= other * (1 + slack) if metric == "rmse" else own >= other * (1 - slack)


def measure(name: str) -> dict[str, Any]:
    """Return the means of every method on a set, with the single scores and what was reached."""
    first = SETS[name](0)
    row: dict[str, Any] = {"metric": first.metric, "repetitions": num_repetitions(first)}
    for method in (lamina, catboost, mlp):
        told = [method(SETS[name](k), k) for k in range(row["repetitions"])]
        own = method.__name__
        row[own] = float(np.mean([value for value, _ in told]))
        row[f"{own}_scores"] = [value for value, _ in told]
        row[f"{own}_seconds"] = float(np.mean([seconds for _, seconds in told]))
    row["matches_catboost"] = is_better(first.metric, row["lamina"], row["catboost"], slack=0.005)
    row["beats_mlp"] = is_better(first.metric, row["lamina"], row["mlp"])
    return row


def main() -> None:
    import warnings

    warnings.filterwarnings("ignore")
    results = dict(read_results("tables").get("sets", {}))
    for name in sys.argv[1:] or SETS:
        results[name] = row = measure(name)
        print(name, {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
        summary = {
            "sets": results,
            "matches_catboost": sum(r["matches_catboost"] for r in results.values()),
            "beats_mlp": sum(r["beats_mlp"] for r in results.values()),
            "num_sets": len(results),
        }
        write_results(
            "tables",
            summary,
            seed="the number of the repetition",
            splits="benchmarks/table_sets.py",
        )


if __name__ == "__main__":
    main()
