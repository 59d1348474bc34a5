"""Two runs on the same test rows: is one better, or is the difference noise?"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lamina.core.bundle import read_tensors
from lamina.core.errors import BundleError, RunError
from lamina.evaluation.comparison import Comparison, compare
from lamina.evaluation.predictions import WRITTEN, Predictions
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
    if a.truth.shape != b.truth.shape or not _are_equal(a.truth, b.truth):
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
        arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
        texts = _from_bytes(arrays["texts"]) if "texts" in arrays else ()
        predictions = Predictions(
            document["kind"],
            arrays["values"],
            tuple(document["levels"]),
            texts,
            # Older files have none: they hold neither masks nor boxes.
            int(document.get("num_classes", 0)),
        )
        truth = arrays["truth"]
        if predictions.kind in WRITTEN:
            truth = np.array(_from_bytes(truth), dtype=object)
        return Tested(arrays["rows"], predictions, truth, groups=arrays.get("groups"))
    except (BundleError, KeyError, ValueError) as error:
        raise RunError(
            f"{run.path} has no answers to compare ({error}) "
            f"Finish it with: lamina resume {run.path}"
        ) from error


def as_bytes(texts: Sequence[str]) -> np.ndarray:
    """Return texts as uint8, for a file of tensors.

    Args:
        texts: Any texts.
    """
    return np.frombuffer(json.dumps(list(texts)).encode(), dtype=np.uint8)


def _from_bytes(array: np.ndarray) -> tuple[str, ...]:
    return tuple(json.loads(array.astype(np.uint8).tobytes()))


def _are_equal(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype == object or other.dtype == object:
        return np.array_equal(one, other)
    return np.allclose(one, other)
