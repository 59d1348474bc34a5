"""How well the checks before training find faults that were planted, and how often they cry wolf.

Six data sets that are clean as far as known get ten kinds of faults, one at a time, over several
seeds. A fault is found if the check of its kind speaks, and names the planted column or rows where
there are any; an alarm is a warning or worse on the data as they are. The limits of the checks were
chosen with an eye on these sets, so three others that had no part in it are measured apart.

    LAMINA_DATA=../shared/data python benchmarks/planted_faults.py
"""

import argparse
import gzip
import io
import json
import lzma
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from lamina.core.hardware import describe_hardware, versions
from lamina.core.records import Finding
from lamina.data.checks.run import run_checks
from lamina.data.checks.table import CHECKS
from lamina.data.schema import infer_schema
from lamina.data.splits import Split, SplitConfig, split_rows

MAX_ROWS = 8_000
RESULT = Path(__file__).parent / "results" / "planted_faults.json"


@dataclass(frozen=True)
class Clean:
    """A data set without known faults."""

    name: str
    frame: pl.DataFrame
    target: str
    is_class: bool
    modality: str


@dataclass(frozen=True)
class Planted:
    """A data set with one fault."""

    frame: pl.DataFrame
    split: Split
    check: str
    column: str
    rows: frozenset[int]


def csv(path: Path, **options: Any) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None, **options)


def idx(path: Path, header: int) -> np.ndarray:
    return np.frombuffer(gzip.open(path).read(), np.uint8)[header:]


def png(values: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def clean_sets(folder: Path) -> Iterator[Clean]:
    """Yield the sets; rows beyond the limit are thinned at random with a fixed seed."""
    talent = folder / "tab_talent_examples"
    as_text = pl.col("target").cast(pl.String)
    bank = csv(talent / "bank" / "train.csv").with_columns(as_text)
    yield Clean("bank", bank, "target", True, "table")
    mfeat = csv(talent / "mfeat-factors" / "train.csv").with_columns(as_text)
    yield Clean("mfeat-factors", mfeat, "target", True, "table")
    cpu = csv(talent / "cpu_act" / "train.csv")
    yield Clean("cpu_act", cpu, "target", False, "table")
    housing = csv(folder / "tab_california_housing" / "housing.csv")
    yield Clean("california", housing, "median_house_value", False, "table")
    sst = csv(folder / "sst2" / "train.tsv", separator="\t", quote_char=None, has_header=False)
    sst.columns = ["sentence", "label"]
    sst = sst.with_columns(pl.col("label").cast(pl.String)).unique("sentence", maintain_order=True)
    yield Clean("sst2", sst, "label", True, "text")
    pixels = idx(folder / "mnist" / "train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    digits = idx(folder / "mnist" / "train-labels-idx1-ubyte.gz", 8)
    some = np.random.default_rng(0).permutation(len(pixels))[:4_000]
    cells = {"image": [png(pixels[i]) for i in some], "digit": digits[some].astype(str)}
    yield Clean("mnist", pl.DataFrame(cells), "digit", True, "picture")


def unseen_sets(folder: Path) -> Iterator[Clean]:
    """Yield sets that had no part in choosing the limits."""
    lines = (folder / "trec_qc" / "train.txt").read_text(encoding="latin1").splitlines()
    rows = [line.split(" ", 1) for line in lines if ":" in line]
    cells = {"sentence": [r[1] for r in rows], "label": [r[0].split(":")[0] for r in rows]}
    questions = pl.DataFrame(cells).unique("sentence", maintain_order=True)
    yield Clean("trec_qc", questions, "label", True, "text")
    with lzma.open(folder / "imdb" / "train.tsv.xz", "rt", encoding="utf8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    reviews = pl.DataFrame({"sentence": [r[3] for r in rows], "label": [r[0] for r in rows]})
    reviews = reviews.unique("sentence", maintain_order=True)
    yield Clean("imdb", reviews, "label", True, "text")
    cars = csv(folder / "tab_uci_small" / "auto_imports.csv", has_header=False)
    yield Clean("auto_imports", cars, cars.columns[-1], False, "table")


def thinned(frame: pl.DataFrame) -> pl.DataFrame:
    order = np.random.default_rng(0).permutation(frame.height)[:MAX_ROWS]
    return frame[np.sort(order)]


def split_of(frame: pl.DataFrame, target: str, seed: int) -> Split:
    schema = infer_schema(frame, targets=[target])
    return split_rows(frame, schema, SplitConfig(), seed=seed)


def with_column(clean: Clean, name: str, cells: Any, check: str, seed: int) -> Planted:
    frame = clean.frame.with_columns(pl.Series(name, cells))
    return Planted(frame, split_of(clean.frame, clean.target, seed), check, name, frozenset())


def with_rows(clean: Clean, extra: pl.DataFrame, check: str, split: Split) -> Planted:
    new = torch.arange(clean.frame.height, clean.frame.height + extra.height)
    grown = Split(split.train, split.validation, torch.cat([split.test, new]), "planted")
    frame = pl.concat([clean.frame, extra])
    return Planted(frame, grown, check, "", frozenset(new.tolist()))


def training_rows(split: Split, share: float, random: np.random.Generator) -> Any:
    count = max(5, round(share * len(split.test)))
    return random.permutation(split.train.numpy())[:count]


def exact_duplicates(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    split = split_of(clean.frame, clean.target, seed)
    rows = training_rows(split, 0.05, random)
    return with_rows(clean, clean.frame[rows], "duplicates", split)


def near_duplicates(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    split = split_of(clean.frame, clean.target, seed)
    rows = training_rows(split, 0.05, random)
    extra = clean.frame[rows]
    if clean.modality == "picture":
        from PIL import Image

        cells = []
        for cell in extra["image"].to_list():
            values = np.asarray(Image.open(io.BytesIO(cell))).astype(np.float64)
            cells.append(
                png(
                    np.clip(values * 0.9 + random.normal(6, 3, values.shape), 0, 255).astype(
                        np.uint8
                    )
                )
            )
        extra = extra.with_columns(pl.Series("image", cells))
    elif clean.modality == "text":
        long = clean.frame["sentence"].str.split(" ").list.len().to_numpy() >= 14
        candidates = split.train.numpy()[long[split.train.numpy()]]
        extra = clean.frame[random.permutation(candidates)[: len(rows)]]
        cells = []
        for text in extra["sentence"].to_list():
            words = text.split(" ")
            words[int(random.integers(len(words)))] = "changed"
            cells.append(" ".join(words))
        extra = extra.with_columns(pl.Series("sentence", cells))
    else:
        noise = [
            pl.col(c) + random.normal(scale=1e-3 * (extra[c].std() or 0.0), size=extra.height)
            for c, kind in extra.schema.items()
            if kind.is_float() and c != clean.target
        ]
        extra = extra.with_columns(noise)
        # Whole numbers cannot be moved slightly: the column of most values is moved by one.
        if not noise:
            wide = max(
                (c for c, k in extra.schema.items() if k.is_integer() and c != clean.target),
                key=lambda c: clean.frame[c].n_unique(),
            )
            extra = extra.with_columns(pl.col(wide) + 1)
    return with_rows(clean, extra, "near duplicates", split)


def target_leakage(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    cells = clean.frame[clean.target]
    if clean.is_class:
        codes = cells.rank("dense").to_numpy().astype(np.int64)
        wrong = random.random(len(codes)) < 0.003
        leak = np.where(wrong, random.permutation(codes), codes)
        values = (
            [f"state {code}" for code in leak]
            if seed % 2
            else leak + random.normal(scale=0.05, size=len(codes))
        )
    else:
        numbers = cells.to_numpy().astype(np.float64)
        values = numbers * 1.1 + random.normal(scale=0.02 * numbers.std(), size=len(numbers))
    return with_column(clean, "outcome", values, "target leakage", seed)


def identifier(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    rows = clean.frame.height
    forms = (
        np.arange(rows),
        random.permutation(rows) + 10_000,
        [f"{int(n):08x}" for n in random.permutation(10**8)[:rows]] if rows else [],
    )
    return with_column(clean, "record_id", forms[seed % 3], "identifiers", seed)


def constant_column(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    value = "2024" if random.random() < 0.5 else 1.5
    return with_column(clean, "edition", [value] * clean.frame.height, "constant columns", seed)


def number_texts(clean: Clean, random: np.random.Generator) -> list[str]:
    return [f"{value:.3f}" for value in random.normal(50, 10, clean.frame.height)]


def mixed_types(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    cells = number_texts(clean, random)
    for row in random.permutation(len(cells))[: round(0.08 * len(cells))]:
        cells[row] = str(random.choice(["low", "high", "see file", "approx"]))
    return with_column(clean, "reading", cells, "mixed types", seed)


def corrupt_cells(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    rows = random.permutation(clean.frame.height)[: max(5, clean.frame.height // 100)]
    if clean.modality == "picture":
        cells = clean.frame["image"].to_list()
        for row in rows:
            cells[row] = cells[row][: len(cells[row]) // 2]
        planted = with_column(clean, "image", cells, "corrupt cells", seed)
    elif clean.modality == "text":
        cells = clean.frame["sentence"].to_list()
        for row in rows:
            cells[row] = cells[row][:10] + "\ufffd\ufffd" + cells[row][12:]
        planted = with_column(clean, "sentence", cells, "corrupt cells", seed)
    else:
        cells = number_texts(clean, random)
        for row in rows:
            cells[row] = str(random.choice(["#REF!", "1e400", "0x1F", "\ufffd"]))
        planted = with_column(clean, "reading", cells, "corrupt cells", seed)
    return planted


def label_noise(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    share = (0.05, 0.08, 0.1)[seed % 3]
    cells = np.array(clean.frame[clean.target].to_list(), dtype=object)
    classes = sorted(set(cells))
    for row in random.permutation(len(cells))[: round(share * len(cells))]:
        cells[row] = random.choice([c for c in classes if c != cells[row]])
    return with_column(clean, clean.target, cells.tolist(), "label noise", seed)


def imbalance(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    rare = random.choice(sorted(set(clean.frame[clean.target].to_list())))
    is_rare = (clean.frame[clean.target] == rare).to_numpy()
    rows = np.flatnonzero(is_rare)
    num_classes = clean.frame[clean.target].n_unique()
    keep = random.permutation(rows)[: max(8, round(0.05 * (~is_rare).sum() / num_classes))]
    frame = clean.frame[np.sort(np.concatenate([np.flatnonzero(~is_rare), keep]))]
    split = split_of(frame, clean.target, seed)
    return Planted(frame, split, "imbalance", clean.target, frozenset())


def group_leakage(clean: Clean, seed: int, random: np.random.Generator) -> Planted:
    entities = random.integers(0, max(20, clean.frame.height // 8), clean.frame.height)
    name = ("patient_id", "customer", "speaker_id")[seed % 3]
    return with_column(clean, name, [f"E{n}" for n in entities], "group leakage", seed)


FAULTS: dict[str, tuple[Callable[..., Planted], bool]] = {
    "exact duplicates across parts": (exact_duplicates, False),
    "near duplicates across parts": (near_duplicates, False),
    "target leakage": (target_leakage, False),
    "identifier column": (identifier, False),
    "constant column": (constant_column, False),
    "mixed types": (mixed_types, False),
    "corrupt cells or files": (corrupt_cells, False),
    "label noise 5-10 %": (label_noise, True),
    "imbalance": (imbalance, True),
    "group leakage": (group_leakage, False),
}
"""By name: what plants the fault, and whether it needs classes."""


def is_found(planted: Planted, findings: tuple[Finding, ...]) -> str:
    """Return the severity with which the fault was told, or nothing."""
    for finding in findings:
        if finding.check != planted.check:
            continue
        if planted.column and planted.column not in finding.columns:
            continue
        if planted.rows and not planted.rows & set(finding.rows):
            continue
        return finding.severity
    return ""


def look(
    frame: pl.DataFrame, target: str, split: Split, seed: int
) -> tuple[tuple[Finding, ...], float]:
    start = time.perf_counter()
    schema = infer_schema(frame, targets=[target])
    findings = run_checks(frame, schema, split, seed=seed)
    return findings, time.perf_counter() - start


def measure(sets: Iterator[Clean], seeds: int) -> dict[str, Any]:
    found, alarms, seconds = [], [], []
    for clean in sets:
        clean = Clean(**{**clean.__dict__, "frame": thinned(clean.frame)})
        for seed in range(seeds):
            findings, spent = look(
                clean.frame, clean.target, split_of(clean.frame, clean.target, seed), seed
            )
            seconds.append(spent)
            for check in CHECKS:
                told = [f for f in findings if f.check == check]
                worst = told[0].severity if told else ""
                alarms.append({"set": clean.name, "seed": seed, "check": check, "severity": worst,
                               "message": told[0].message if told else ""})  # fmt: skip
            for fault, (plant, needs_classes) in FAULTS.items():
                if needs_classes and not clean.is_class:
                    continue
                random = np.random.default_rng([seed, list(FAULTS).index(fault)])
                planted = plant(clean, seed, random)
                findings, spent = look(planted.frame, clean.target, planted.split, seed)
                seconds.append(spent)
                told = is_found(planted, findings)
                found.append({"set": clean.name, "seed": seed, "fault": fault, "severity": told})
                print(f"{clean.name:15s} {seed} {fault:30s} {told or 'MISSED':8s} {spent:.2f} s")
    return summary(found, alarms, seconds)


def summary(found: list[Any], alarms: list[Any], seconds: list[float]) -> dict[str, Any]:
    def share(rows: list[Any], is_hit: Callable[[Any], bool]) -> float:
        return round(sum(map(is_hit, rows)) / max(1, len(rows)), 4)

    def is_alarm(row: Any) -> bool:
        return row["severity"] in ("warning", "severe")

    return {
        "detection": share(found, lambda row: bool(row["severity"])),
        "detection_as_warning": share(found, is_alarm),
        "false_alarms": share(alarms, is_alarm),
        "notes_on_clean_sets": share(alarms, lambda row: row["severity"] == "note"),
        "num_planted": len(found),
        "num_clean_combinations": len(alarms),
        "by_fault": {
            fault: share([r for r in found if r["fault"] == fault], lambda r: bool(r["severity"]))
            for fault in FAULTS
        },
        "by_set": {
            name: share([r for r in found if r["set"] == name], lambda r: bool(r["severity"]))
            for name in dict.fromkeys(row["set"] for row in found)
        },
        "missed": [row for row in found if not row["severity"]],
        "told_on_clean_sets": [row for row in alarms if row["severity"]],
        "median_seconds": round(float(np.median(seconds)), 3),
        "largest_seconds": round(max(seconds), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULT)
    arguments = parser.parse_args()
    folder = Path(os.environ.get("LAMINA_DATA", "../shared/data"))
    if not (folder / "mnist").exists():
        print(f"skipped: no data in {folder}; set LAMINA_DATA")
        return
    torch.set_num_threads(1)
    result = {
        "what": "faults planted in clean data, and alarms on the clean data themselves",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "hardware": asdict(describe_hardware()),
        "versions": versions(),
        "seeds": list(range(arguments.seeds)),
        "rows_per_set_at_most": MAX_ROWS,
        "sets_seen_while_limits_were_chosen": measure(clean_sets(folder), arguments.seeds),
        "sets_not_seen_before": measure(unseen_sets(folder), arguments.seeds),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    for part in ("sets_seen_while_limits_were_chosen", "sets_not_seen_before"):
        for key in ("detection", "detection_as_warning", "false_alarms", "by_fault", "by_set"):
            print(part, key, result[part][key])


if __name__ == "__main__":
    main()
