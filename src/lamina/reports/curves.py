"""From the rows of log.jsonl to the curves of a report.

A row is one logged step: `{"step": 40, "epoch": 2, "loss": 0.31, "rate": 0.004, "validation":
{"loss": 0.35, "accuracy": 0.88}, "samples_per_second": 51000}`. A metric may also stand flat, as
`"validation_accuracy"` or `"validation.accuracy"`. Rows may lack any of it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lamina.reports.content import Curve, CurvePanel

_TRAIN_LOSS = ("loss", "train_loss", "train.loss")
_RATE = ("rate", "learning_rate", "lr")
_SPEED = ("samples_per_second", "throughput")
_PREFIXES = ("validation", "metrics", "valid", "val")
_MOST_METRICS = 6


def panels_from_log(
    rows: Iterable[Mapping[str, Any]], *, mark: float | None = None
) -> tuple[CurvePanel, ...]:
    """Return the panels of a run: loss, each validation metric, learning rate, throughput.

    Args:
        rows: The rows of log.jsonl, in order; what is no number is passed over.
        mark: Step of the weights that were kept.
    """
    series = _collect(rows)
    panels = []
    losses = [
        Curve(name=shown, steps=tuple(series[key][0]), values=tuple(series[key][1]))
        for key, shown in (("loss", "training"), ("validation.loss", "validation"))
        if key in series
    ]
    if losses:
        panels.append(CurvePanel(title="Loss", curves=tuple(losses), mark=mark))
    metrics = [k for k in series if k.startswith("validation.") and k != "validation.loss"]
    for key in metrics[:_MOST_METRICS]:
        name = key.partition(".")[2].replace("_", " ")
        panels.append(_single(f"Validation {name}", name, series[key], mark=mark))
    if "rate" in series:
        panels.append(_single("Learning rate", "rate", series["rate"], mark=None))
    if "speed" in series:
        panels.append(_single("Throughput", "samples per second", series["speed"], mark=None))
    return tuple(panels)


def thin(
    steps: Sequence[float], values: Sequence[float], most: int
) -> tuple[list[float], list[float]]:
    """Return at most about `most` points that keep the extremes of every stretch.

    Args:
        steps: Where the values were measured.
        values: As many values.
        most: Points wanted.
    """
    count = min(len(steps), len(values))
    if count <= most:
        return list(steps[:count]), list(values[:count])
    kept: list[int] = []
    stretch = math.ceil(2 * count / most)
    for start in range(0, count, stretch):
        places = range(start, min(start + stretch, count))
        finite = [n for n in places if math.isfinite(values[n])]
        if not finite:
            kept.append(places[0])
            continue
        low, high = min(finite, key=lambda n: values[n]), max(finite, key=lambda n: values[n])
        kept += sorted({low, high})
    if kept[-1] != count - 1:
        kept.append(count - 1)
    return [steps[n] for n in kept], [values[n] for n in kept]


def _single(
    title: str, name: str, series: tuple[list[float], list[float]], *, mark: float | None
) -> CurvePanel:
    curve = Curve(name=name, steps=tuple(series[0]), values=tuple(series[1]))
    return CurvePanel(title=title, curves=(curve,), mark=mark)


def _collect(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[list[float], list[float]]]:
    series: dict[str, tuple[list[float], list[float]]] = {}
    for number, row in enumerate(rows):
        step = row.get("step", number)
        if not _is_number(step):
            continue
        for key, value in _flat(row):
            name = _name_of(key)
            if name and _is_number(value):
                steps, values = series.setdefault(name, ([], []))
                steps.append(float(step))
                values.append(float(value))
    return series


def _flat(row: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", item) for inner, item in value.items())
        else:
            yield str(key), value


def _name_of(key: str) -> str:
    if key in _TRAIN_LOSS:
        return "loss"
    if key in _RATE:
        return "rate"
    if key in _SPEED:
        return "speed"
    for prefix in _PREFIXES:
        for mark in (".", "_", "/"):
            if key.startswith(prefix + mark):
                return "validation." + key[len(prefix) + 1 :]
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
