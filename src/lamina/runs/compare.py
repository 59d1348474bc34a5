"""Two runs on the same test rows: is one better, or is the difference noise?"""

from pathlib import Path

import numpy as np

from lamina.core.bundle import read_tensors
from lamina.core.errors import BundleError, RunError
from lamina.evaluation.comparison import Comparison, compare
from lamina.evaluation.predictions import Predictions
from lamina.runs.evaluate import Tested
from lamina.runs.run import Run


def compare_runs(first: Path | str, second: Path | str, *, metric: str | None = None) -> Comparison:
    """Compare two finished runs by their answers to the same test rows.

    Args:
        first: Folder of a run.
        second: Folder of another.
        metric: Metric to compare by; None takes the one that ranks the first run.

    Raises:
        RunError: A run is not finished, or the two were tested on different rows.
        ConfigError: The metric is unknown, ranks nothing or does not read these answers.
    """
    one, other = Run(first), Run(second)
    a, b = load_answers(one), load_answers(other)
    if a.predictions.kind != b.predictions.kind or not np.array_equal(a.rows, b.rows):
        raise RunError(
            f"{one.path} and {other.path} were tested on different rows or ask different "
            "questions, so they cannot be compared. Give both the same data, seed and --test."
        )
    if a.truth.shape != b.truth.shape or not np.allclose(a.truth, b.truth):
        raise RunError(f"the test targets of {one.path} and {other.path} differ.")
    return compare(
        a.predictions,
        b.predictions,
        a.truth,
        metric=metric or one.evaluation["metric"],
        names=(one.path.name, other.path.name),
        groups=b.groups if a.groups is None else a.groups,
    )


def load_answers(run: Run) -> Tested:
    """Return a run's answers to its test rows.

    Args:
        run: A finished run.

    Raises:
        RunError: It has none, or they are damaged.
    """
    try:
        tensors, document = read_tensors(run.folder.answers)
        predictions = Predictions(
            document["kind"], tensors["values"].numpy(), tuple(document["levels"])
        )
        groups = tensors["groups"].numpy() if "groups" in tensors else None
        rows, truth = tensors["rows"].numpy(), tensors["truth"].numpy()
        return Tested(rows, predictions, truth, groups=groups)
    except (BundleError, KeyError) as error:
        raise RunError(
            f"{run.path} has no answers to compare ({error}) "
            f"Finish it with: lamina resume {run.path}"
        ) from error
