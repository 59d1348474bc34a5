"""Small data made on the spot, and a plan per task and network family, to prove the engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import lamina
from lamina.runs.plan import Plan

ROWS = 1500


def numbers(*, target: str) -> pl.DataFrame:
    """Return a table whose target of the wanted kind depends on its columns."""
    chance = np.random.default_rng(0)
    x = chance.normal(size=(ROWS, 6))
    signal = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.1 * chance.normal(size=ROWS)
    frame = pl.DataFrame({f"x{i}": x[:, i] for i in range(6)})
    frame = frame.with_columns(pl.Series("c", chance.choice(list("abcd"), ROWS)))
    values = {
        "binary": np.where(signal > 0, "yes", "no"),
        "classes": np.digitize(signal, [-1, 0, 1]).astype(str),
        "number": signal,
        "tags": [";".join(t for t, on in zip("pqr", row) if on) for row in x[:, :3] > 0.3],
    }
    return frame.with_columns(pl.Series("target", values[target]))


def pictures() -> pl.DataFrame:
    """Return pictures of one of four bright corners."""
    chance = np.random.default_rng(0)
    label = chance.integers(0, 4, 800)
    images = chance.integers(0, 120, (800, 16, 16), dtype=np.uint8)
    for row, corner in enumerate(label):
        top, left = divmod(int(corner), 2)
        images[row, 8 * top : 8 * top + 8, 8 * left : 8 * left + 8] += 100
    return pl.DataFrame([pl.Series("image", images), pl.Series("label", label.astype(str))])


def texts() -> pl.DataFrame:
    """Return made sentences whose words give their class away."""
    chance = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(200)])
    label = chance.integers(0, 2, 1200)
    lines = [
        " ".join(words[(chance.integers(0, 120, chance.integers(5, 30)) + 60 * own) % 200])
        for own in label
    ]
    return pl.DataFrame({"text": lines, "label": np.where(label, "late", "early")})


Case = Callable[[], tuple[pl.DataFrame, dict[str, Any]]]


def _table(target: str, *settings: str) -> Case:
    kind = {"number": "number", "tags": "tags"}.get(target, "category")
    options = {"target": "target", "columns": {"target": kind}, "settings": settings}
    return lambda: (numbers(target=target), dict(options))


def _pictures(name: str, *settings: str) -> Case:
    first = (f"network.encoders.image={name}", *settings)
    return lambda: (pictures(), {"target": "label", "settings": first})


def _texts(name: str, *settings: str) -> Case:
    parts = (f"network.encoders.text={name}", "network.trunk=perceptron", "network.head=linear")
    first = (*parts, *settings)
    options = {"target": "label", "columns": {"text": "text"}, "settings": first}
    return lambda: (texts(), dict(options))


CASES: dict[str, Case] = {
    "binary, tabm": _table("binary"),
    "multi-class, tabular": _table("classes", "network.trunk=tabular", "network.head=ntk"),
    "multi-class, mlp, sgd": _table("classes", "network.trunk=mlp", "training.optimizer=sgd"),
    "binary, perceptron": _table("binary", "network.trunk=perceptron"),
    "multi-label, tabm": _table("tags"),
    "regression, tabm, average": _table("number", "training.average=0.99"),
    "quantiles, tabm": _table("number", "task=quantile_regression"),
    "pictures, convnet, muon": _pictures("convnet"),
    # Narrow: Muon on matrices 512 wide takes seconds a step and proves no more.
    "pictures, resnet": _pictures("resnet", "network.encoders.image.width=16"),
    "pictures, vit": _pictures("vit"),
    "texts, ngram_bag": _texts("ngram_bag", "network.head=diagonal"),
    "texts, text_cnn": _texts("text_cnn"),
    "texts, rnn": _texts("rnn"),
    "texts, transformer": _texts("transformer"),
}
"""One case per task and network family."""

WITH_BATCH_STATISTICS = ("pictures, convnet, muon", "pictures, resnet")
"""Cases whose network has batch normalisation."""


def plan_of(name: str, folder: Path, *settings: str) -> Plan:
    """Write a case's data into a folder and return its plan, unprobed, in float32."""
    frame, options = CASES[name]()
    place = folder / "source.parquet"
    frame.write_parquet(place)
    fixed = ("machine.is_probed=false", "training.execution.dtype=float32", *settings)
    options["settings"] = (*options["settings"], *fixed)
    return lamina.plan(place, **options)
