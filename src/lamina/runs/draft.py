"""Drafting a plan: from a request and raw rows to decisions with reasons."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.core.hardware import describe_hardware
from lamina.core.table import look_up
from lamina.data.ragged import Ragged
from lamina.data.schema import Schema
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source
from lamina.runs.plan import BudgetConfig, DataConfig, Plan, StartConfig
from lamina.runs.prepare import Material
from lamina.runs.request import FitRequest
from lamina.runs.settings import apply_settings
from lamina.tasks.base import AbstractTask
from lamina.tasks.facts import Facts
from lamina.tasks.table import TASKS, task_for

MEMORY_SHARE = 0.25
"""Sources larger than this share of the main memory are streamed from disk."""

_EARLY = ("data", "task", "seed")


def draft_data(request: FitRequest, *, folder: Path) -> DataConfig:
    """Return the data section that a request asks for.

    Args:
        request: What the user asks.
        folder: Where sources that live in memory are written.

    Raises:
        ConfigError: A setting of the data section is wrong.
    """
    options = SourceOptions(**dict(request.reading))
    places = {
        stem: None
        if what is None
        else readable_again(what, options=options, folder=folder, stem=stem)
        for stem, what in (
            ("source", request.source),
            ("test", request.test),
            ("validation", request.validation),
        )
    }
    num_bytes = sum(_num_bytes(place) for place in places.values() if place)
    memory = describe_hardware().memory_bytes
    is_large = memory > 0 and num_bytes > MEMORY_SHARE * memory
    config = DataConfig(
        source=str(places["source"]),
        test=places["test"],
        validation=places["validation"],
        target=request.roles.target,
        columns=request.roles.columns,
        ignore=request.roles.ignore,
        group=request.roles.group,
        time=request.roles.time,
        reading=request.reading,
        storage="disk" if is_large else "memory",
    )
    early = [s for s in request.settings if s.split("=")[0].split(".")[0] == "data"]
    if not early:
        return config
    document, _ = apply_settings({"data": to_document(config)}, early)
    return from_document(DataConfig, document["data"], where="data")


def choose_task(request: FitRequest, schema: Schema) -> tuple[AbstractTask, str]:
    """Return the task and why, from the request or from the targets.

    Args:
        request: What the user asks.
        schema: The schema.
    """
    for text in request.settings:
        name, _, value = text.partition("=")
        if name.strip() == "task":
            return look_up(TASKS, value.strip(), what="task"), "set by the user"
    return task_for(schema)


def draft_plan(
    request: FitRequest, data: DataConfig, material: Material, task: AbstractTask, why: str
) -> Plan:
    """Return the plan for prepared material.

    Args:
        request: What the user asks.
        data: The data section.
        material: Rows, schema, split, encoded data.
        task: The task.
        why: Why this task.

    Raises:
        ConfigError: A setting of the request is wrong.
    """
    facts = gather_facts(material, task, time_s=request.time_s)
    recipe = task.plan(facts)
    used = {c.name: c.modality for c in material.schema.columns if c.role in ("input", "target")}
    left = tuple(c.name for c in material.schema.columns if c.role == "ignored")
    reasons = {
        "task": why,
        "data.split": material.split.reason,
        **{f"data.columns.{c.name}": c.evidence for c in material.schema.columns if c.evidence},
        **recipe.reasons,
    }
    if data.storage == "disk":
        reasons["data.storage"] = "the source is large against the main memory"
    start = StartConfig(run=None if request.from_run is None else str(request.from_run))
    plan = Plan(
        task=task.name,
        data=replace(data, columns=used, ignore=left),
        recipe=recipe,
        budget=BudgetConfig(time_s=request.time_s, energy_j=request.energy_j),
        transfer=start,
        seed=request.seed,
        reasons=reasons,
    )
    late = [s for s in request.settings if s.split("=")[0].strip().split(".")[0] not in _EARLY]
    return plan.with_settings(late)


def gather_facts(material: Material, task: AbstractTask, *, time_s: float | None) -> Facts:
    """Return what the planner knows.

    Args:
        material: Rows, schema, split, encoded data.
        task: The task.
        time_s: Wall time for training; None where the user set none.
    """
    dataset, parts = material.dataset, material.split
    return Facts(
        num_rows=len(parts.train),
        num_validation_rows=len(parts.validation),
        inputs=dataset.input_specs(),
        outputs=task.outputs(material.schema),
        class_counts=class_counts(material),
        median_tokens=_median_tokens(material),
        time_s=time_s,
        hardware=describe_hardware(),
    )


def class_counts(material: Material) -> tuple[int, ...]:
    """Return the training rows of each class; empty where the target is none.

    Args:
        material: Rows, schema, split, encoded data.
    """
    targets = material.schema.targets
    if len(targets) != 1 or targets[0].modality not in ("category", "boolean"):
        return ()
    classes = material.dataset.targets[targets[0].name][material.split.train].reshape(-1).long()
    size = material.schema.output_specs()[0].size
    return tuple(torch.bincount(classes, minlength=size).tolist())


def readable_again(what: Any, *, options: SourceOptions, folder: Path, stem: str) -> str:
    """Return a path, name or query under which a source can be read again after a restart.

    What lives in memory only (frames, arrays, data sets) is written into the run folder.

    Args:
        what: What the user gave.
        options: Options of the source.
        folder: Where to write it.
        stem: Name of the file to write.
    """
    if isinstance(what, (str, Path)):
        text = str(what)
        return str(Path(text).resolve()) if Path(text).exists() else text
    if isinstance(what, (list, tuple)) and all(isinstance(item, (str, Path)) for item in what):
        raise ConfigError("several files are named by a pattern, such as 'data/*.csv', not a list.")
    frame = open_source(what, options=options).read()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.parquet"
    frame.write_parquet(path)
    return str(path.resolve())


def _num_bytes(place: str) -> int:
    """Return the bytes of a file or folder on disk; 0 for what is none."""
    path = Path(place)
    if path.is_dir():
        return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    return path.stat().st_size if path.is_file() else 0


def _median_tokens(material: Material) -> int:
    lengths = [
        float(np.median(rows.lengths.numpy()))
        for rows in material.dataset.inputs.values()
        if isinstance(rows, Ragged)
    ]
    return int(max(lengths, default=0))
