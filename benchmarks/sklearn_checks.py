"""scikit-learn's own checks of the estimators, each with its outcome: none is skipped.

python benchmarks/sklearn_checks.py [--steps 60]
"""

import argparse
import os
import time
import warnings

# scipy reads this when it is imported; without it one check is skipped.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from common import write_results
from sklearn.utils.estimator_checks import check_estimator

from lamina import sklearn as estimators

warnings.simplefilter("ignore")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    results = {}
    for name in estimators.__all__:
        begin = time.perf_counter()
        estimator = getattr(estimators, name)(steps=options.steps)
        found = check_estimator(estimator, on_fail=None, on_skip=None)
        for check in found:
            print(f"{name}: {check['status']}: {check['check_name']}")
        outcomes = [check["status"] for check in found]
        results[name] = {
            "steps": options.steps,
            "checks": len(found),
            **{kind: outcomes.count(kind) for kind in ("passed", "failed", "skipped", "xfail")},
            "seconds": round(time.perf_counter() - begin, 1),
        }
        print(name, results[name])
    write_results("sklearn_checks", results)


if __name__ == "__main__":
    main()
