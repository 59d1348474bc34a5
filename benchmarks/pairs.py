"""Pairs of texts: compared by one reader, beside simple models.

    python benchmarks/pairs.py                    all
    python benchmarks/pairs.py trec_kind german   some

* `trec_kind`: do two TREC questions ask for the same coarse class? 20,000 pairs of nine tenths of
  the training questions, half of them of one class; validation pairs of the last tenth, test pairs
  of the test questions: no text stands on two sides. Goal: accuracy ≥ .80.
* `similarity`: how alike two English captions of Multi30k are: the cosine of the weighted words of
  their German translations, which nobody sees. Partners are near, far and random ones, in equal
  parts. Goal: Pearson above that of word overlap.
* `german`: does a German caption belong to an English one? Wrong ones are among the five nearest
  other German captions. Goal: accuracy above the best simple model.
"""

import gzip
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from common import data_folder, fit, read_results, write_results

Rows = list[tuple[str, str, Any]]


def trec_kind(folder: Path) -> list[str]:
    """Write pairs of questions and return the options of fit."""
    chance = np.random.default_rng(0)
    parts = {part: _questions(part) for part in ("train", "test")}
    order = chance.permutation(len(parts["train"]))
    cut = len(order) * 9 // 10
    learnt, watched = ([parts["train"][i] for i in own] for own in (order[:cut], order[cut:]))
    _write(folder, "train", _of_one_kind(learnt, 20_000, chance))
    _write(folder, "validation", _of_one_kind(watched, 2_000, chance))
    _write(folder, "test", _of_one_kind(parts["test"], 4_000, chance))
    return []


def similarity(folder: Path) -> list[str]:
    """Write pairs of English captions and return the options of fit."""
    chance = np.random.default_rng(0)
    for name, part, count in _PARTS:
        english, german = _captions(part, "en"), _captions(part, "de")
        words = _weighted(german)
        first = chance.permutation(len(english))[:count]
        rows: Rows = []
        for some in np.array_split(first, max(1, len(first) // 500)):
            near = (words[some] @ words.T).toarray()
            ranked = np.argsort(-near, axis=1)
            for one, own, alike in zip(some, ranked, near):
                far = (int(chance.integers(1, 11)), int(chance.integers(11, 200)))
                places = [*(own[rank] for rank in far), chance.integers(len(english))]
                other = int(places[len(rows) % 3])
                rows.append((english[one], english[other], round(float(alike[other]), 4)))
        _write(folder, name, rows)
    return []


def german(folder: Path) -> list[str]:
    """Write pairs of an English and a German caption and return the options of fit."""
    chance = np.random.default_rng(0)
    for name, part, count in _PARTS:
        english, german = _captions(part, "en"), _captions(part, "de")
        words = _weighted(german)
        first = chance.permutation(len(english))[: count // 2]
        rows: Rows = []
        for some in np.array_split(first, max(1, len(first) // 500)):
            near = (words[some] @ words.T).toarray()
            for one, alike in zip(some, near):
                alike[[place for place, text in enumerate(german) if text == german[one]]] = -1
                other = int(chance.choice(np.argpartition(-alike, 5)[:5]))
                rows.append((english[one], german[one], "yes"))
                rows.append((english[one], german[other], "no"))
        _write(folder, name, rows)
    return ["--set", "network=pair"]


_PARTS = (
    ("train", "train", 20_000),
    ("validation", "val", 1_000),
    ("test", "test_2016_flickr", 1_000),
)

SETS: dict[str, Callable[[Path], list[str]]] = {
    "trec_kind": trec_kind,
    "similarity": similarity,
    "german": german,
}


def _questions(part: str) -> list[tuple[str, str]]:
    """Return coarse class and text of each question."""
    text = (data_folder("trec_qc") / f"{part}.txt").read_text(encoding="latin1")
    heads = [line.split(" ", 1) for line in text.splitlines() if line.strip()]
    return [(head.split(":")[0], question) for head, question in heads]


def _captions(part: str, language: str) -> list[str]:
    with gzip.open(data_folder("multi30k") / f"{part}.{language}.gz", "rt") as file:
        return [line.strip() for line in file]


def _weighted(texts: list[str]) -> Any:
    """Return unit vectors of the words of texts, rare ones weighing more."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True).fit_transform(texts)


def _of_one_kind(questions: list[tuple[str, str]], count: int, chance: Any) -> Rows:
    """Return distinct pairs, half of them of one class."""
    kinds = np.array([kind for kind, _ in questions])
    members = {kind: np.flatnonzero(kinds == kind) for kind in set(kinds.tolist())}
    found: set[tuple[int, int]] = set()
    for is_same in (True, False):
        wanted = len(found) + count // 2
        while len(found) < wanted:
            one = int(chance.integers(len(questions)))
            other = int(
                chance.choice(members[str(kinds[one])]) if is_same else chance.integers(len(kinds))
            )
            if one != other and (kinds[one] == kinds[other]) == is_same:
                found.add((one, other))
    return [
        (questions[a][1], questions[b][1], "same" if kinds[a] == kinds[b] else "other")
        for a, b in sorted(found)
    ]


def _write(folder: Path, name: str, rows: Rows) -> None:
    frame = pl.DataFrame(rows, schema=["text1", "text2", "answer"], orient="row")
    frame.write_parquet(folder / f"{name}.parquet")


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a run, and print its first figures."""
    names = [
        name
        for name in ("accuracy", "roc_auc", "rmse", "pearson", "spearman")
        if name in told["metrics"]
    ]
    kept = {name: told["metrics"][name] for name in names}
    simple = {n: {name: b[name]["value"] for name in names} for n, b in told["baselines"].items()}
    print({name: round(value["value"], 4) for name, value in kept.items()}, simple)
    return {
        **kept,
        "baselines": simple,
        "training_seconds": told["training"]["seconds"],
        "epochs": told["training"]["epochs"],
        "parameters": told["parameters"],
        "rows": told["rows"],
    }


def main() -> None:
    results = dict(read_results("pairs"))
    for name in sys.argv[1:] or SETS:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            options = SETS[name](folder)
            parts = [str(folder / f"{part}.parquet") for part in ("train", "validation", "test")]
            print(name, flush=True)
            told = fit(
                parts[0], "--validation", parts[1], "--test", parts[2], "--target", "answer",
                "--as", "text1=text", "--as", "text2=text", "--overrule", *options,
            )  # fmt: skip
        results[name] = _kept(told)
        write_results("pairs", results, seed=0)


if __name__ == "__main__":
    main()
