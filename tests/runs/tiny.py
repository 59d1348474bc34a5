"""Tiny data of every kind, and finished runs on it that tests share."""

import atexit
import io
import shutil
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from lamina.data.sources.cells import BOX
from lamina.data.sources.write import write_frame
from lamina.evaluation import baselines
from lamina.runs import evaluate
from lamina.runs.fit import fit
from lamina.runs.request import make_request
from lamina.runs.run import Run

SETTINGS = {
    "training.steps": 6,
    "training.batch_size": 16,
    "machine.is_probed": False,
}
"""What makes any plan tiny."""


def table(num_rows: int = 160, seed: int = 0) -> pl.DataFrame:
    """Numbers, categories, missing cells, and targets of several kinds."""
    chance = np.random.default_rng(seed)
    x, z = chance.normal(size=(2, num_rows))
    colour = chance.choice(["red", "green", "blue"], num_rows)
    is_missing = chance.uniform(size=num_rows) < 0.1
    score = x + (colour == "red") + 0.3 * chance.normal(size=num_rows)
    return pl.DataFrame(
        {
            "x": pl.Series(np.where(is_missing, np.nan, x.round(4))).fill_nan(None),
            "z": z.round(4),
            "colour": colour,
            "answer": np.where(score > 0.3, "yes", "no"),
            "size": np.array(["small", "middle", "large"])[np.digitize(score, [-0.5, 1.0])],
            "price": (3.0 * score + 10).round(3),
            "weight": (x - z).round(3),
            "is_warm": x + 0.1 * z > 0,
            "is_wet": z > 0.2,
        }
    )


def texts(num_rows: int = 120, seed: int = 1) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    good, bad = ["fine", "lovely", "great", "warm"], ["awful", "dull", "cold", "broken"]
    rest = ["the", "a", "room", "film", "was", "and", "very", "quite", "service", "plot", "dinner"]
    label = chance.integers(0, 2, num_rows)
    lines = [
        " ".join([*chance.choice(rest, 9), *chance.choice(good if yes else bad, 3)])
        for yes in label
    ]
    return pl.DataFrame({"review": lines, "mood": np.where(label == 1, "happy", "sad")})


def pairs(num_rows: int = 120, seed: int = 12) -> pl.DataFrame:
    """Two sentences about animals: whether both name the same one, and how many words they share.

    Some are empty, of another script, or hold an emoji.
    """
    chance = np.random.default_rng(seed)
    animals, rest = (
        ["dog", "cat", "horse", "Ziege", "魚"],
        ["a", "the", "sees", "sleeps", "🙂", "now"],
    )
    rows = []
    for row in range(num_rows):
        one, other = chance.choice(animals, 2) if row % 2 else [chance.choice(animals)] * 2
        texts = [" ".join([*chance.choice(rest, 5), str(name)]) for name in (one, other)]
        shared = set(texts[0].split()) & set(texts[1].split())
        rows.append((*texts, "same" if one == other else "other", len(shared) + 0.1 * row % 1))
    names = ["sentence1", "sentence2", "animal", "shared"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    empty = pl.arange(num_rows, eager=True) == 7
    return frame.with_columns(
        sentence2=pl.when(empty).then(pl.lit("")).otherwise(pl.col("sentence2")),
        hour=chance.normal(size=num_rows).round(3),
        place=chance.choice(["barn", "field"], num_rows),
    )


def passages(num_rows: int = 60, seed: int = 5) -> pl.DataFrame:
    """Short texts with nothing to predict from them."""
    chance = np.random.default_rng(seed)
    words = ["the ", "sea ", "is ", "blue ", "and ", "cold, ", "so ", "we ", "stay.\n"]
    return pl.DataFrame({"text": ["".join(chance.choice(words, 12)) for _ in range(num_rows)]})


def turned(num_rows: int = 90, seed: int = 8) -> pl.DataFrame:
    """Short texts, and the same words in upper case and in turned order."""
    chance = np.random.default_rng(seed)
    words = ["red", "sea", "dog", "runs", "Über", "日本", "and", "stone"]
    lines = [list(chance.choice(words, chance.integers(3, 7))) for _ in range(num_rows)]
    return pl.DataFrame(
        {
            "text": [f"{row} " + " ".join(line) for row, line in enumerate(lines)],
            "answer": [" ".join(line[::-1]).upper() + f" {row}" for row, line in enumerate(lines)],
        }
    )


def tags(num_rows: int = 120, seed: int = 2) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    x, z = chance.normal(size=(2, num_rows))
    cells = [
        ";".join(t for t, on in zip(("hot", "wet", "far"), (a > 0, b > 0, a > b)) if on)
        for a, b in zip(x, z)
    ]
    return pl.DataFrame({"x": x, "z": z, "tags": [c or "none" for c in cells]})


def pictures(num: int = 60, side: int = 8, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Grey pictures: dark or light on one side."""
    chance = np.random.default_rng(seed)
    label = chance.integers(0, 2, num)
    images = chance.integers(0, 90, (num, side, side), dtype=np.uint8)
    for picture, is_left in zip(images, label):
        picture[:, : side // 2] += 120 * np.uint8(is_left)
        picture[:, side // 2 :] += 120 * np.uint8(1 - is_left)
    return images, label


def picture_folder(root: Path, num: int = 60) -> Path:
    """One folder per class, as photographs lie on disk."""
    for number, (picture, is_left) in enumerate(zip(*pictures(num))):
        folder = root / ("left" if is_left else "right")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"{number:03}.png")
    return root


def series(num_rows: int = 60, seed: int = 5) -> pl.DataFrame:
    """Series of two channels and different lengths: a slow wave or a fast one, in noise."""
    chance = np.random.default_rng(seed)
    label = chance.integers(0, 2, num_rows)
    cells = []
    for is_fast in label:
        time = np.arange(20 + chance.integers(0, 9))
        wave = np.sin(time * (1.9 if is_fast else 0.6) + chance.uniform(0, 6))
        cells.append(np.stack([wave, 0 * wave], 1) + 0.2 * chance.normal(size=(len(time), 2)))
    return pl.DataFrame(
        {
            "sensor": [cell.round(3).tolist() for cell in cells],
            "speed": np.where(label, "fast", "slow"),
        }
    )


def wave_bytes(samples: np.ndarray, rate: int = 4000) -> bytes:
    """Return floats as a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((32767 * samples).clip(-32767, 32767).astype("<i2").tobytes())
    return file.getvalue()


def sounds(num_rows: int = 60, seed: int = 6) -> pl.DataFrame:
    """Recordings of a tone that rises or falls, in noise, as encoded files."""
    chance = np.random.default_rng(seed)
    label = chance.integers(0, 2, num_rows)
    cells = []
    for is_rising in label:
        time = np.arange(800 + chance.integers(0, 400)) / 4000
        pitch = 500 + (1500 if is_rising else -300) * time / time[-1]
        tone = np.sin(2 * np.pi * np.cumsum(pitch) / 4000 + chance.uniform(0, 6))
        cells.append(wave_bytes(0.5 * tone + 0.05 * chance.normal(size=len(time))))
    return pl.DataFrame({"sound": cells, "way": np.where(label, "up", "down")})


def spoken(num_rows: int = 60, seed: int = 9) -> pl.DataFrame:
    """Recordings of tones, one after the other, and a word for each."""
    chance = np.random.default_rng(seed)
    words = {"low": 400, "mid": 900, "high": 1600}
    cells, said = [], []
    for _ in range(num_rows):
        names = list(chance.choice(list(words), chance.integers(3, 5)))
        time = np.arange(700) / 4000
        tones = [0.5 * np.sin(2 * np.pi * words[name] * time) for name in names]
        noise = 0.05 * chance.normal(size=700 * len(names))
        cells.append(wave_bytes(np.concatenate(tones) + noise))
        said.append(" ".join(names))
    return pl.DataFrame({"sound": cells, "said": said})


def mixed(num_rows: int = 80, seed: int = 4) -> dict[str, Any]:
    """A number, a category, a text and a picture in one row."""
    images, label = pictures(num_rows, seed=seed)
    told = texts(num_rows, seed=seed)
    return {
        "photo": images,
        "told": told["review"].to_list(),
        "x": table(num_rows, seed)["z"].to_numpy(),
        "colour": table(num_rows, seed)["colour"].to_list(),
        "side": np.where(label == 1, "left", "right"),
    }


def sentences(num_rows: int = 80, seed: int = 7) -> pl.DataFrame:
    """Sentences in which a town follows "to", and its name may have two words."""
    chance = np.random.default_rng(seed)
    towns = [["Rome"], ["New", "York"], ["Bonn"], ["Las", "Vegas"]]
    rest = ["the", "a", "train", "goes", "home", "on", "Monday", "the"]
    words, tags = [], []
    for _ in range(num_rows):
        before = chance.choice(rest, chance.integers(1, 5)).tolist()
        town = towns[chance.integers(len(towns))]
        words.append([*before, "the", "the", "to", *town])
        tags.append(["O"] * (len(before) + 3) + ["I-town"] * len(town))
    return pl.DataFrame({"words": words, "slots": tags})


def faces(num_each: int = 4, people: int = 40, seed: int = 10) -> dict[str, Any]:
    """Grey pictures of a pattern per identity, in noise."""
    chance = np.random.default_rng(seed)
    patterns = chance.integers(0, 200, (people, 8, 8))
    who = np.tile(np.arange(people), num_each)
    noise = chance.integers(-25, 25, (len(who), 8, 8))
    photos = (patterns[who] + noise).clip(0, 255).astype(np.uint8)
    return {"photo": photos, "who": [f"p{number}" for number in who]}


def shops(num_days: int = 90, seed: int = 10) -> pl.DataFrame:
    """Two series that repeat each week, with a gap, a step told twice, and covariates."""
    chance, days = np.random.default_rng(seed), np.arange(num_days)
    frames = []
    for name, level in (("north", 20.0), ("south", 300.0)):
        wave = 2 + np.sin(2 * np.pi * days / 7) + 0.1 * chance.normal(size=num_days)
        frames.append(
            pl.DataFrame(
                {
                    "day": [date(2024, 1, 1) + timedelta(days=int(day)) for day in days],
                    "shop": name,
                    "sold": (level * wave).round(2),
                    "open": np.where(days % 7 == 6, "no", "yes"),
                    "rain": chance.normal(size=num_days).round(3),
                    "floor": level,
                }
            )
        )
    table = pl.concat([*frames, frames[0][40:42]])
    return table.filter((pl.col("day") != date(2024, 2, 3)) | (pl.col("shop") == "south"))


def scenes(rows=90, height=12, width=16):
    """Return pictures of a bright square before a dark or a middle ground, and their masks."""
    rng = np.random.default_rng(5)
    image = rng.integers(0, 40, (rows, height, width, 3), dtype=np.uint8)
    mask = np.zeros((rows, height, width), dtype=np.uint8)
    image[:, height // 2 :] += 90
    mask[:, height // 2 :] = 1
    for row, (top, left) in enumerate(rng.integers(0, (height - 5, width - 5), (rows, 2))):
        image[row, top : top + 5, left : left + 5] += 120
        mask[row, top : top + 5, left : left + 5] = 2
    mask[:, 0, 0] = 255
    return image, mask


def _png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return buffer.getvalue()


def things(rows=90, height=48, width=64):
    """Return pictures of bright and of dark squares on a middle ground, and where they are."""
    rng = np.random.default_rng(6)
    pictures, cells = [], []
    for row in range(rows):
        picture = rng.integers(90, 130, (height, width, 3), dtype=np.uint8)
        boxes = []
        for _ in range(row % 3):
            side = int(rng.integers(12, 20))
            top, left = int(rng.integers(0, height - side)), int(rng.integers(0, width - side))
            is_bright = bool(rng.integers(2))
            picture[top : top + side, left : left + side] = 250 if is_bright else 10
            corners = {"x0": left, "y0": top, "x1": left + side, "y1": top + side}
            label = "bright" if is_bright else "dark"
            sides = {name: float(value) for name, value in corners.items()}
            boxes.append({"label": label, **sides, "width": width, "height": height})
        pictures.append(_png(picture))
        cells.append(boxes)
    return pl.DataFrame(
        {
            "image": pl.Series(pictures, dtype=pl.Binary),
            "boxes": pl.Series(cells, dtype=pl.List(BOX)),
        }
    )


@dataclass(frozen=True)
class Example:
    """One question to tiny data."""

    task: str
    target: str
    make: Any
    """No arguments to a source."""
    ignore: tuple[str, ...] = ()
    settings: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else is said of the columns."""


def _others(*kept: str) -> tuple[str, ...]:
    return tuple(
        n for n in ("answer", "size", "price", "weight", "is_warm", "is_wet") if n not in kept
    )


EXAMPLES = {
    "binary": Example("classification", "answer", table, _others("answer")),
    "classes": Example("classification", "size", table, _others("size")),
    "boolean": Example("classification", "is_wet", table, _others("is_wet", "price")),
    "number": Example("regression", "price", table, _others("price")),
    "numbers": Example("regression", "price,weight", table, _others("price", "weight")),
    "quantiles": Example(
        "quantile_regression", "price", table, _others("price"), {"task": "quantile_regression"}
    ),
    "booleans": Example("multi_label", "is_warm,is_wet", table, _others("is_warm", "is_wet")),
    "tags": Example("multi_label", "tags", tags),
    "text": Example("classification", "mood", texts),
    "pair": Example("classification", "animal", pairs, ("shared",)),
    "pair_number": Example(
        "regression",
        "shared",
        pairs,
        ("animal", "hour", "place"),
        {"network.comparison": "aligned"},
    ),
    "sound": Example("classification", "way", sounds),
    "series": Example("classification", "speed", series),
    "picture": Example(
        "classification", "label", lambda: dict(zip(("image", "label"), pictures()))
    ),
    "mask": Example(
        "segmentation",
        "mask",
        lambda: dict(zip(("image", "mask"), scenes())),
        settings={"network.widths": [8, 16], "network.depths": [1, 1], "network.step": 2},
    ),
    "windows": Example(
        "segmentation",
        "mask",
        lambda: dict(zip(("image", "mask"), scenes(40, 36, 44))),
        settings={
            "data.fitting.framing": "windows",
            "data.fitting.max_size": 16,
            "network.widths": [8, 16],
            "network.depths": [1, 1],
            "network.step": 2,
        },
    ),
    "boxes": Example(
        "detection",
        "boxes",
        things,
        settings={
            "network.encoder.depths": [1, 1, 1],
            "network.encoder.width": 4,
            "network.width": 8,
            "network.candidates": 20,
        },
    ),
    "identity": Example("recognition", "who", faces, settings={"columns": {"who": "identity"}}),
    "mixed": Example("classification", "side", mixed),
    "language": Example(
        "language_model",
        "",
        passages,
        settings={
            "task": "language_model",
            "network.decoder.depth": 1,
            "network.decoder.width": 32,
            "network.context": 16,
        },
    ),
    "forecast": Example(
        "forecasting",
        "sold",
        shops,
        options={"time_column": "day", "series": "shop", "horizon": 4, "known": "open"},
    ),
    "masked": Example(
        "masked_language_model",
        "",
        passages,
        settings={
            "task": "masked_language_model",
            "data.fitting.tokens": "bytes",
            "network.encoder.blocks.depth": 1,
            "network.encoder.blocks.width": 32,
            "network.encoder.blocks.num_heads": 2,
            "network.context": 16,
        },
    ),
}
"""By name: each task, and each kind of input."""

GIVEN = {
    "tagging": Example(
        "tagging",
        "slots",
        sentences,
        settings={"network.embedding_width": 16, "network.context.width": 16},
    ),
    "pieces": Example(
        "tagging",
        "slots",
        sentences,
        settings={
            "data.fitting.tokens": "byte_pairs",
            "data.fitting.max_pieces": 280,
            "network.stretch": 16,
            "network.embedding_width": 16,
            "network.context.width": 16,
            "network.encoder.blocks.depth": 1,
            "network.encoder.blocks.width": 16,
            "network.encoder.blocks.num_heads": 2,
        },
    ),
    "transcription": Example(
        "transcription",
        "said",
        spoken,
        settings={
            "columns": {"said": "text"},
            "training.optimizer.rate": 0.01,
            "network.widths": [8, 12],
            "network.context.depth": 1,
            "network.context.width": 32,
            "network.search.beam": 2,
        },
    ),
    "text_to_text": Example(
        "text_to_text",
        "answer",
        turned,
        settings={
            "network.translator.depth_read": 1,
            "network.translator.depth_written": 1,
            "network.translator.width": 32,
            "network.translator.num_heads": 2,
            "network.search.beam": 2,
            "network.search.tokens_per_token": 0.2,
        },
    ),
}
"""Tasks whose answers have free length, and are explained by giving them to the network."""

EVERY = {**EXAMPLES, **GIVEN}
"""All of them."""


@cache
def workshop() -> Path:
    """Return a folder for runs that tests share; it goes when the tests end."""
    path = Path(tempfile.mkdtemp(prefix="lamina-tests-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def fit_tiny(source: Any, *, out: Path, settings: Mapping[str, Any] = {}, **options: Any) -> Run:
    """Fit with few steps and quick baselines."""
    every = {**SETTINGS, **settings}
    with pytest.MonkeyPatch.context() as patch:
        quick_baselines(patch)
        return fit(make_request(source, out=out, settings=every, **options))


def quick_baselines(patch: pytest.MonkeyPatch) -> None:
    """Leave out the boosted trees, which take longer than all the rest of a tiny run."""
    real = baselines.run_baselines
    names = tuple(name for name in baselines.BASELINES if name != "gradient_boosting")
    patch.setattr(evaluate, "run_baselines", lambda *a, **o: real(*a, names=names, **o))


@cache
def finished(name: str) -> Run:
    """Return a finished run of an example; tests must not change it."""
    example = EVERY[name]
    torch.manual_seed(0)
    source = example.make()
    if isinstance(source, pl.DataFrame):
        is_kept = any(kind == pl.Binary or kind.is_nested() for kind in source.dtypes)
        suffix = "parquet" if is_kept else "csv"
        path = workshop() / f"{name}.{suffix}"
        write_frame(source, path)
        source = path
    return fit_tiny(
        source,
        out=workshop() / name,
        settings=example.settings or {},
        target=example.target or (),
        ignore=example.ignore,
        overrule=True,
        **example.options,
    )


def copy_of(run: Run, path: Path) -> Run:
    """Return a copy of a run that a test may change."""
    shutil.copytree(run.path, path)
    return Run(path)


def weights(run: Run) -> dict[str, torch.Tensor]:
    from lamina.core.bundle import read_tensors

    return read_tensors(run.folder.model / "network.safetensors")[0]


def assert_same_weights(one: Run, other: Run) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
