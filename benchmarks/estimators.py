"""Estimators on tiny tables: quality by 5-fold cross-validation, and what a fit costs.

    python benchmarks/estimators.py                 all sets
    python benchmarks/estimators.py iris wine       some

Each fit is made twice: as planned, and with as many steps as the recipe took before tiny tables had
a rule of their own. Goal: no worse, in half the time. Seconds are those of the processor, one
thread, so that other work beside them counts little; the first fit of a process is not counted.
"""

import sys
import time
from typing import Any

import numpy as np
import torch
from common import read_results, write_results
from sklearn import datasets
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import KFold, StratifiedKFold

from lamina.sklearn import LaminaClassifier, LaminaRegressor

STEPS_BEFORE = {"iris": 1333, "wine": 898, "breast_cancer": 1055, "diabetes": 1132}
"""Steps of a fit of four fifths of each set, as the recipe had them before."""

SEEDS = (0, 1)


def measure(name: str) -> dict[str, Any]:
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    is_class = name != "diabetes"
    kind = LaminaClassifier if is_class else LaminaRegressor
    kind(steps=20, random_state=0).fit(X, y)
    found: dict[str, Any] = {"rows": len(X), "columns": X.shape[1], "folds": 5, "seeds": len(SEEDS)}
    for way, options in (("as planned", {}), ("before", {"steps": STEPS_BEFORE[name]})):
        scores: dict[str, list[float]] = {}
        for seed in SEEDS:
            folds = (StratifiedKFold if is_class else KFold)(5, shuffle=True, random_state=seed)
            for train, test in folds.split(X, y):
                begin = time.process_time()
                model = kind(random_state=seed, **options).fit(X[train], y[train])
                told = {"seconds": time.process_time() - begin, "steps": model.n_iter_}
                answers = model.predict(X[test])
                if is_class:
                    share = model.predict_proba(X[test])
                    told["accuracy"] = accuracy_score(y[test], answers)
                    told["log_loss"] = log_loss(y[test], share, labels=model.classes_)
                else:
                    told["r2"] = r2_score(y[test], answers)
                for key, value in told.items():
                    scores.setdefault(key, []).append(float(value))
        found[way] = {
            key: {"mean": round(float(np.mean(own)), 4), "deviation": round(float(np.std(own)), 4)}
            for key, own in scores.items()
        }
    return found


def main() -> None:
    torch.set_num_threads(1)
    results = dict(read_results("estimators"))
    for name in sys.argv[1:] or STEPS_BEFORE:
        results[name] = measure(name)
        print(name, results[name])
        write_results("estimators", results, seeds=SEEDS, threads=1)


if __name__ == "__main__":
    main()
