"""Small made-up data, and a way to run one check on it."""

import io

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from lamina.data.checks.run import run_checks
from lamina.data.schema import infer_schema
from lamina.data.splits import Split

WORDS = """
    river mountain paper window garden summer winter market bridge station engine forest
    letter doctor teacher kitchen island village machine harbour picture planet copper
    silver velvet thunder candle mirror pocket ribbon saddle tunnel valley walnut zephyr
    anchor basket cotton
""".split()  # noqa: SIM905


def clean_table(num_rows=600, *, seed=0, kind="class"):
    random = np.random.default_rng(seed)
    numbers = {f"n{i}": random.normal(10 * i, 1 + i, num_rows) for i in range(5)}
    colour = random.choice(["red", "green", "blue"], num_rows)
    signal = numbers["n0"] + (numbers["n1"] - 10) / 2 + (colour == "red")
    noisy = signal + 0.4 * random.normal(size=num_rows)
    target = np.where(noisy > 0.4, "yes", "no") if kind == "class" else 3 * noisy + 50
    return pl.DataFrame({**numbers, "colour": colour, "y": target})


def clean_texts(num_rows=400, *, seed=0):
    random = np.random.default_rng(seed)
    target = random.integers(0, 2, num_rows)
    texts = []
    for label in target:
        words = list(random.choice(WORDS, 14))
        words[3] = "dreadful" if label else "splendid"
        texts.append(" ".join(words))
    return pl.DataFrame({"text": texts, "y": np.where(target, "bad", "good")})


def picture_values(num_rows=200, *, seed=0, size=24):
    """Smooth random pictures, brighter on the left in one class."""
    random = np.random.default_rng(seed)
    target = random.integers(0, 2, num_rows)
    coarse = random.integers(40, 200, size=(num_rows, 6, 6)).astype(np.float64)
    values = np.kron(coarse, np.ones((1, size // 6, size // 6)))
    values[target == 1, :, : size // 2] += 50
    return np.clip(values, 0, 255).astype(np.uint8), target


def png(values):
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def picture_frame(values, target):
    return pl.DataFrame({"image": [png(v) for v in values], "y": np.where(target, "a", "b")})


def split_at(num_rows, share=0.75):
    """Training rows first, test rows last; no row is moved for the sake of its duplicates."""
    cut = int(num_rows * share)
    parts = torch.arange(cut), torch.arange(0), torch.arange(cut, num_rows)
    return Split(*parts, "by row number")


@pytest.fixture
def findings():
    def run(frame, *names, target="y", split=None, group=None, **options):
        schema = infer_schema(frame, targets=[target], roles={"group": group}, **options)
        parts = split or split_at(frame.height)
        return run_checks(frame, schema, parts, seed=0, names=names or None)

    return run
