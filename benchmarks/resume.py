"""Resume: kill -9 at random moments, compare the final weights bit by bit.

    python benchmarks/resume.py            every task and network family, 20 kills each
    python benchmarks/resume.py --kills 3

Goal: bit-identical final weights for every row. Data is made here; plans are small, and checkpoints
are written so often that many kills fall into the writing of one.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from common import write_results

import lamina
from lamina.runs.plan import write_plan
from lamina.runs.verify import verify_resume

TABLE = "network.trunk"
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


def pictures() -> dict[str, np.ndarray]:
    """Return pictures of one of four bright corners."""
    chance = np.random.default_rng(0)
    label = chance.integers(0, 4, 800)
    images = chance.integers(0, 120, (800, 16, 16), dtype=np.uint8)
    for row, corner in enumerate(label):
        top, left = divmod(int(corner), 2)
        images[row, 8 * top : 8 * top + 8, 8 * left : 8 * left + 8] += 100
    return {"image": images, "label": label.astype(str)}


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


def _table(target: str, *settings: str) -> Callable[[], object]:
    kind = {"number": "number", "tags": "tags"}.get(target, "category")
    options = {"target": "target", "columns": {"target": kind}, "settings": settings}
    return lambda: (numbers(target=target), options)


def _pictures(name: str) -> Callable[[], object]:
    return lambda: (pictures(), {"settings": (f"network.encoders.image={name}",)})


def _texts(name: str, *settings: str) -> Callable[[], object]:
    first = (f"network.encoders.text={name}", "network.head=linear", *settings)
    return lambda: (texts(), {"columns": {"text": "text"}, "settings": first})


CASES: dict[str, Callable[[], object]] = {
    "binary, tabm": _table("binary"),
    "multi-class, tabular": _table("classes", "network.trunk=tabular", "network.head=ntk"),
    "multi-class, mlp, sgd": _table("classes", "network.trunk=mlp", "training.optimizer=sgd"),
    "binary, perceptron": _table("binary", "network.trunk=perceptron"),
    "multi-label, tabm": _table("tags"),
    "regression, tabm, average": _table("number", "training.average=0.99"),
    "quantiles, tabm": _table("number", "task=quantile_regression"),
    "pictures, convnet, muon": _pictures("convnet"),
    "pictures, resnet": _pictures("resnet"),
    "pictures, vit": _pictures("vit"),
    "texts, ngram_bag": _texts("ngram_bag", "network.head=diagonal"),
    "texts, text_cnn": _texts("text_cnn"),
    "texts, rnn": _texts("rnn"),
    "texts, transformer": _texts("transformer"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    results = {}
    for name, make in CASES.items():
        if arguments.only not in name:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            source, options = make()
            results[name] = _prove(source, options, Path(temporary), arguments.kills)
        print(name, results[name], flush=True)
    summary = {"cases": results, "identical": sum(r["is_equal"] for r in results.values())}
    write_results("resume", summary, kills=arguments.kills, seed=0)


def _prove(source: object, options: dict, folder: Path, kills: int) -> dict:
    """Plan, fix what would vary, and let `verify-resume` kill and compare."""
    place = folder / "source.parquet"
    frame = source if isinstance(source, pl.DataFrame) else None
    if frame is None:
        frame = pl.DataFrame({n: pl.Series(n, v) for n, v in source.items()})
    frame.write_parquet(place)
    settings = (*options.pop("settings", ()), "machine.is_probed=false", "training.epochs=6")
    plan = lamina.plan(place, settings=settings, **options)
    write_plan(plan, folder / "plan.yaml")
    proof = verify_resume(folder / "plan.yaml", num_kills=kills, folder=folder / "work")
    return {
        "is_equal": proof.is_equal,
        "kills": proof.num_kills,
        "tensors": proof.num_tensors,
        "seconds": round(proof.seconds, 1),
    }


if __name__ == "__main__":
    main()
