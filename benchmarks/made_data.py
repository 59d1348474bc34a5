"""Small data made on the spot, and a plan per task and network family, to prove the engine."""

import io
import wave
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


def pairs() -> pl.DataFrame:
    """Return made sentences and the same words turned round, in upper case."""
    chance = np.random.default_rng(0)
    lines = [
        [f"w{chance.integers(0, 60)}" for _ in range(chance.integers(3, 9))] for _ in range(600)
    ]
    read = [" ".join(line) for line in lines]
    return pl.DataFrame({"read": read, "written": [" ".join(x[::-1]).upper() for x in lines]})


def compared() -> pl.DataFrame:
    """Return made pairs of texts, and whether they begin with the same word."""
    read, chance = pairs()["read"], np.random.default_rng(0)
    others = read.gather(chance.permutation(len(read)))
    others = [a if chance.integers(2) else b for a, b in zip(read, others)]
    same = ["yes" if a.split()[0] == b.split()[0] else "no" for a, b in zip(read, others)]
    return pl.DataFrame({"sentence1": read, "sentence2": others, "same": same})


def sentences() -> pl.DataFrame:
    """Return made sentences with a tag for each word."""
    chance = np.random.default_rng(0)
    words = [
        [f"w{chance.integers(0, 60)}" for _ in range(chance.integers(3, 9))] for _ in range(600)
    ]
    tags = [["B-odd" if int(word[1:]) % 3 == 1 else "O" for word in line] for line in words]
    return pl.DataFrame({"words": words, "tags": tags})


def spoken() -> pl.DataFrame:
    """Return recordings of tones, one after the other, and a word for each."""
    chance = np.random.default_rng(0)
    names, cells, said = ("low", "mid", "high"), [], []
    for _ in range(120):
        tones = chance.integers(0, 3, 4)
        time = np.arange(800) / 4000
        sound = np.concatenate([np.sin(2 * np.pi * (400 + 600 * tone) * time) for tone in tones])
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(4000)
            out.writeframes((12_000 * sound).astype("<i2").tobytes())
        cells.append(file.getvalue())
        said.append(" ".join(names[tone] for tone in tones))
    return pl.DataFrame({"sound": cells, "said": said})


def identities() -> pl.DataFrame:
    """Return grey pictures of a pattern per identity, in noise."""
    chance = np.random.default_rng(0)
    patterns = chance.integers(0, 200, (40, 16, 16))
    who = np.tile(np.arange(40), 10)
    noise = chance.integers(-40, 40, (len(who), 16, 16))
    images = (patterns[who] + noise).clip(0, 255).astype(np.uint8)
    return pl.DataFrame([pl.Series("image", images), pl.Series("who", [f"p{one}" for one in who])])


def scenes() -> pl.DataFrame:
    """Return pictures of a bright square above or below a horizon, and the class of each pixel."""
    chance = np.random.default_rng(0)
    images = chance.integers(0, 40, (240, 24, 32, 3), dtype=np.uint8)
    masks = np.zeros(images.shape[:3], dtype=np.uint8)
    for image, mask in zip(images, masks):
        horizon, side = chance.integers(8, 16), chance.integers(5, 9)
        top, left = chance.integers(0, 24 - side), chance.integers(0, 32 - side)
        image[horizon:] += 80
        mask[horizon:] = 1
        image[top : top + side, left : left + side] += 120
        mask[top : top + side, left : left + side] = 2
        mask[0, : chance.integers(0, 9)] = 255
    return pl.DataFrame([pl.Series("image", images), pl.Series("mask", masks)])


def things() -> pl.DataFrame:
    """Return pictures of up to three bright or dark squares, and where they are."""
    chance = np.random.default_rng(0)
    images = chance.integers(90, 130, (160, 48, 64, 3), dtype=np.uint8)
    cells = []
    for row, image in enumerate(images):
        boxes = []
        for _ in range(row % 4):
            side = int(chance.integers(10, 20))
            top, left = int(chance.integers(0, 48 - side)), int(chance.integers(0, 64 - side))
            is_bright = bool(chance.integers(2))
            image[top : top + side, left : left + side] = 250 if is_bright else 10
            corners = {"x0": left, "y0": top, "x1": left + side, "y1": top + side}
            label = "bright" if is_bright else "dark"
            boxes.append({"label": label, **corners, "width": 64, "height": 48})
        cells.append(boxes)
    return pl.DataFrame([pl.Series("image", images), pl.Series("boxes", cells)])


def hours() -> pl.DataFrame:
    """Return a series with a daily cycle, hour by hour."""
    chance = np.random.default_rng(0)
    place = np.arange(1_500)
    start = np.datetime64("2024-01-01T00", "h")
    load = np.sin(place * 2 * np.pi / 24) + 0.2 * chance.normal(size=len(place))
    return pl.DataFrame({"hour": (start + place).astype("datetime64[ms]"), "load": load})


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


def _sequences(make: Callable[[], pl.DataFrame], *settings: str, **options: Any) -> Case:
    return lambda: (make(), {"settings": settings, **options})


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
    "language model": _sequences(
        lambda: texts().select("text"),
        "task=language_model",
        "network.context=64",
        "network.decoder.depth=2",
        "network.decoder.width=64",
        "network.decoder.num_heads=2",
        "network.decoder.dropout=0.1",
    ),
    "masked language model": _sequences(
        lambda: texts().select("text"),
        "task=masked_language_model",
        "network.encoder.blocks.depth=2",
        "network.encoder.blocks.width=64",
        "network.encoder.blocks.num_heads=2",
    ),
    "text to text": _sequences(pairs, "network.translator.width=64", target="written"),
    "pairs of texts": _sequences(
        compared, target="same", columns={"sentence1": "text", "sentence2": "text"}
    ),
    "transcripts": _sequences(
        spoken,
        "network.context.width=64",
        target="said",
        columns={"said": "text"},
    ),
    "tags of words": _sequences(sentences, target="tags"),
    "forecasts, recurrent": _sequences(
        hours, "network.backbone=recurrent", target="load", time_column="hour", horizon=12
    ),
    # Narrow and shallow, as above.
    "masks, unet": _sequences(
        scenes, "network.widths=[8,16,32]", "network.depths=[1,1,1]", target="mask"
    ),
    "boxes": _sequences(
        things,
        "network.encoder.depths=[1,1,1]",
        "network.encoder.width=8",
        "network.width=16",
        target="boxes",
    ),
    "identities": _sequences(
        identities,
        "network.encoders.image.widths=[16,32]",
        target="who",
        columns={"who": "identity"},
    ),
}
"""One case per task and network family."""

WITH_BATCH_STATISTICS = (
    *("pictures, convnet, muon", "pictures, resnet", "transcripts"),
    *("masks, unet", "boxes", "identities"),
)
"""Cases whose network has batch normalisation."""


def plan_of(name: str, folder: Path, *settings: str) -> Plan:
    """Write a case's data into a folder and return its plan, unprobed, in float32."""
    frame, options = CASES[name]()
    place = folder / "source.parquet"
    frame.write_parquet(place)
    fixed = ("machine.is_probed=false", "training.execution.dtype=float32", *settings)
    options["settings"] = (*options["settings"], *fixed)
    return lamina.plan(place, **options)
