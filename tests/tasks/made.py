"""Fitted schemas, encoded rows and facts that the tests of tasks share."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch

from lamina.core.hardware import Hardware
from lamina.core.records import InputSpec, OutputSpec
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.schema import Schema, fit_schema, infer_schema
from lamina.tasks.facts import Facts

MACHINE = Hardware("made", 2, 1 << 34, "", has_fast_bfloat16=True)


@dataclass(frozen=True)
class Made:
    """A schema and rows encoded with it."""

    schema: Schema
    dataset: Dataset

    def batch(self, count: int = 8):
        return self.dataset.batch(torch.arange(count))


def made(*targets: str, overrides: dict[str, str] | None = None) -> Made:
    """Return 60 rows of two numbers and the targets asked for."""
    x = np.linspace(-1, 1, 60)
    frame = pl.DataFrame(
        {
            "x": x,
            "z": np.cos(7 * x),
            "kind": np.where(x > 0.3, "c", np.where(x > -0.3, "b", "a")),
            "price": 10 + 5 * x,
            "weight": 3 - x,
            "is_warm": x > 0,
            "is_wet": np.cos(9 * x) > 0,
            "tags": [";".join(t for t, on in (("p", v > 0), ("q", v < 0.5)) if on) for v in x],
        }
    )
    frame = frame.select("x", "z", *targets)
    schema = infer_schema(frame, targets=targets, overrides=overrides)
    schema = fit_schema(schema, frame)
    return Made(schema, encode_frame(schema, frame))


def facts(*kinds: str, num_rows: int = 5000, num_classes: int = 3, side: int = 28, **rest) -> Facts:
    """Return facts about inputs of the kinds asked for."""
    quantiles = np.tile(np.linspace(-1, 1, 65, dtype=np.float32), (4, 1))
    specs = {
        "number": InputSpec("number", "number", tuple("abcd"), (4,), quantiles=quantiles),
        "category": InputSpec("category", "category", ("e", "f"), (2,), cardinalities=(4, 30)),
        "image": InputSpec(
            "picture", "image", ("picture",), (3, side, side), mean=(0.5,) * 3, deviation=(0.2,) * 3
        ),
        "sound": InputSpec("call", "sound", ("call",), (), num_steps=4000, rate=8000),
        "series": InputSpec("walk", "series", ("walk",), (2,), num_steps=80),
        "text": InputSpec("words", "text", ("words",), (), vocabulary_size=500),
    }
    counts = (num_rows // max(num_classes, 1),) * num_classes
    return Facts(
        num_rows=num_rows,
        num_validation_rows=max(1, num_rows // 10),
        inputs=tuple(specs[kind] for kind in kinds),
        outputs=(OutputSpec("y", max(1, num_classes)),),
        class_counts=counts,
        median_tokens=20 if "text" in kinds else 0,
        hardware=MACHINE,
        **rest,
    )
