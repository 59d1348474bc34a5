"""Drafting a plan: from a request and raw rows to decisions with reasons."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lamina.core.config import from_document, name_of, to_document
from lamina.core.errors import ConfigError, RunError, unknown_name
from lamina.core.hardware import describe_hardware
from lamina.core.table import look_up
from lamina.data.augmentation import AugmentationConfig
from lamina.data.ragged import Ragged
from lamina.data.schema import Schema
from lamina.data.series_facts import series_facts
from lamina.data.sources.prose import prose_reading
from lamina.data.streaming import DiskRagged
from lamina.networks.architectures import ARCHITECTURES
from lamina.objectives.table import OBJECTIVES
from lamina.runs.folder import open_run_folder
from lamina.runs.masked import encoders_of_run
from lamina.runs.paired import named_network, names_network, why_paired
from lamina.runs.places import place_bytes, readable_again
from lamina.runs.plan import (
    SECTIONS,
    BudgetConfig,
    DataConfig,
    MachineConfig,
    Plan,
    StartConfig,
)
from lamina.runs.prepare import Material, Rows
from lamina.runs.pretrained import (
    check_kinds,
    published_encoders,
    reach_of,
    start_for,
    wanted_way,
)
from lamina.runs.request import FitRequest, column_names, reading_options, seed_of
from lamina.runs.settings import apply_settings, find_path, split_setting
from lamina.tasks.base import AbstractTask
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig
from lamina.tasks.recipes.pretrained import tuning_for
from lamina.tasks.table import TASKS, task_for
from lamina.training.config import TrainingConfig

MEMORY_SHARE = 0.25
"""Sources larger than this share of the main memory are streamed from disk."""

_EARLY = ("data", "task", "seed")


def settle_early(request: FitRequest) -> FitRequest:
    """Return the request with the settings that come before the data under their full names.

    These are the data section, the task and the seed: all else is decided from the data.

    Args:
        request: What the user asks.

    Raises:
        ConfigError: A setting has no "=", lies below the task or the seed, which have no parts, or
            the seed is no whole number.
    """
    settings, seed = [], request.seed
    for text in request.settings:
        name, value = split_setting(text)
        path = _early_path(name)
        if path == "seed":
            seed = seed_of(value)
            continue
        settings.append(text if path is None else f"{path}={value}")
    return replace(request, settings=tuple(settings), seed=seed)


def _early_path(name: str) -> str | None:
    """Return the full name of a setting that comes before the data; None for any other."""
    head = name.split(".")[0]
    if head in ("task", "seed") and name != head:
        raise ConfigError(f"the plan has no setting {name!r}. Did you mean {head!r}?")
    if head in SECTIONS:
        return name if head in _EARLY else None
    early = {"data": to_document(DataConfig(source=""))}
    late = {
        "budget": to_document(BudgetConfig()),
        "machine": to_document(MachineConfig()),
        "transfer": to_document(StartConfig()),
        "training": to_document(TrainingConfig()),
        "augmentation": to_document(AugmentationConfig()),
        "answering": to_document(AnsweringConfig()),
    }
    found = []
    for document in (early, late):
        with suppress(ConfigError):
            found.append(".".join(find_path(document, name)))
    return found[0] if len(found) == 1 and found[0].startswith("data.") else None


def draft_data(request: FitRequest, *, folder: Path) -> DataConfig:
    """Return the data section that a request asks for.

    Args:
        request: What the user asks.
        folder: Where sources that live in memory are written.

    Raises:
        ConfigError: A setting of the data section is wrong.
    """
    options = reading_options(request.reading)
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
    num_bytes = sum(place_bytes(place) for place in places.values() if place)
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
        series=request.roles.series,
        reading=request.reading,
        storage="disk" if is_large else "memory",
    )
    early = [s for s in request.settings if split_setting(s)[0].split(".")[0] == "data"]
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
    named = _named_task(request)
    if named is not None:
        check_task(named, schema)
        return named, "set by the user"
    if request.objective is not None:
        task, why = _task_of_objective(request.objective, schema)
        check_task(task, schema)
        return task, why
    if request.horizon is not None:
        task = TASKS["forecasting"].value
        check_task(task, schema)
        return task, "a horizon was asked for"
    return task_for(schema)


def has_targets(request: FitRequest, data: DataConfig, rows: Rows) -> bool:
    """Return whether something is to be predicted: not where a task without targets is meant.

    Args:
        request: What the user asks.
        data: The data section.
        rows: Raw rows.
    """
    if data.target:
        return True
    named = _named_task(request)
    if named is not None:
        return named.has_targets
    if request.objective is not None:
        return any(task.has_targets for task in _tasks_of(request.objective))
    return not data.reading.get("prose") and rows.frame.width != 1


def _named_task(request: FitRequest) -> AbstractTask | None:
    """Return the task that a setting names; None where none does."""
    for text in request.settings:
        name, value = split_setting(text)
        if name == "task":
            return look_up(TASKS, value, what="task")
    return None


def _tasks_of(objective: str) -> tuple[AbstractTask, ...]:
    """Return the tasks that can be learnt by an objective."""
    every = (entry.value for entry in TASKS.values())
    return tuple(task for task in every if objective in task.objectives)


def _task_of_objective(objective: str, schema: Schema) -> tuple[AbstractTask, str]:
    """Return the task that an objective asks for: what the data ask for, where that has it."""
    possible = _tasks_of(objective)
    suited = [task for task in possible if task.suits(schema)]
    accepted = [task for task in possible if task.accepts(schema)]
    found = (suited or accepted or list(possible))[0]
    return found, f"it is learnt by the objective {objective!r}, which was asked for"


def check_task(task: AbstractTask, schema: Schema) -> None:
    """Raise an error where the targets do not fit a task that was named.

    Args:
        task: The task.
        schema: The schema.

    Raises:
        ConfigError: They do not fit.
    """
    if task.accepts(schema):
        return
    targets = ", ".join(f"{t.name!r} is a {t.modality}" for t in schema.targets)
    raise ConfigError(
        f"the task {task.name} does not fit the target: {targets or 'there is none'}. {task.wants}"
        "Name another task, or say what the column is with --as COLUMN=MODALITY."
    )


def with_columns(data: DataConfig, schema: Schema) -> DataConfig:
    """Return the data section with what each column is; those the user named stay marked as such.

    Args:
        data: The data section, with columns under their full names.
        schema: As inferred. What fitting leaves out stays in, so that the plan says the same again.
    """
    return replace(
        data,
        named=tuple(sorted({*data.columns, *data.ignore})),
        columns={c.name: c.modality for c in schema.columns if c.role in ("input", "target")},
        ignore=tuple(c.name for c in schema.columns if c.role == "ignored"),
    )


def draft_plan(
    request: FitRequest, data: DataConfig, material: Material, task: AbstractTask, why: str
) -> Plan:
    """Return the plan for prepared material.

    Args:
        request: What the user asks.
        data: The data section, complete.
        material: Rows, schema, split, encoded data.
        task: The task.
        why: Why this task.

    Raises:
        ConfigError: A setting of the request is wrong.
        RunError: The run to start from is none.
    """
    facts = gather_facts(material, task, request)
    encoders = published_encoders(request)
    own = {} if encoders or not task.joins_encoders else encoders_of_run(request)
    own = {kind: encoder for kind, encoder in own.items() if kind in facts.read_kinds}
    tuning = tuning_for(wanted_way(request), facts.num_rows, is_own=bool(own))
    if own:
        facts = replace(facts, pretrained=own, reach=reach_of(request), tuning=tuning.way)
    if encoders:
        check_kinds(request.pretrained, encoders, facts.read_kinds)
        facts = replace(facts, pretrained=encoders, reach=reach_of(request), tuning=tuning.way)
    recipe = task.plan(facts)
    reasons = {
        "task": why,
        "data.split": material.split.reason,
        **{f"data.columns.{c.name}": c.evidence for c in material.schema.columns if c.evidence},
        **recipe.reasons,
    }
    if encoders:
        reasons["transfer.pretrained"] = "asked for with --pretrained"
        reasons["transfer.frozen_layers"] = tuning.reason
    if own:
        reasons["transfer.run"] = "asked for with --from"
        reasons["transfer.frozen_layers"] = tuning.reason
    if data.fitting.vocabulary_of is not None:
        reasons["data.fitting.vocabulary_of"] = "the network to start from reads these"
    if data.group is not None and data.group != request.roles.group:
        reasons["data.group"] = "the source says whose rows they are; those of one stay together"
    if data.storage == "disk":
        reasons["data.storage"] = "the source is large against the main memory"
    early, late = _parted(request.settings)
    reasons |= {split_setting(text)[0]: "set by the user" for text in early}
    plan = Plan(
        task=task.name,
        data=data,
        recipe=replace(recipe, max_epochs=None),
        budget=BudgetConfig(
            time_s=request.time_s, energy_j=request.energy_j, max_epochs=recipe.max_epochs
        ),
        transfer=start_for(request, tuning, start_of(request), is_tuned=bool(own)),
        seed=request.seed or 0,
        reasons=reasons,
    )
    if named_network(request) == name_of(ARCHITECTURES, recipe.network):
        # It is planned already, with more than its defaults.
        late = [text for text in late if not names_network(text)]
    if request.objective not in (None, name_of(OBJECTIVES, recipe.objective)):
        late = [f"objective={request.objective}", *late]
    changed = plan.with_settings(late)
    if changed.data != plan.data:
        names = [name for name in changed.reasons if name.startswith("data.")]
        raise ConfigError(f"write the full name of a setting of the data, such as {names[-1]!r}.")
    return changed


def start_of(request: FitRequest) -> str | None:
    """Return the folder of the run to start from, in full; None where there is none.

    Args:
        request: What the user asks.

    Raises:
        RunError: It is no run, or has no model yet.
    """
    if request.from_run is None:
        return None
    folder = open_run_folder(request.from_run)
    if not (folder.model / "bundle.json").exists():
        raise RunError(
            f"{folder.path} has no model to start from: the run is {folder.status()}. "
            f"Finish it with: lamina resume {folder.path}"
        )
    return str(folder.path.resolve())


def _parted(settings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the settings that come before the data, and the others."""
    heads = [split_setting(text)[0].split(".")[0] for text in settings]
    early = [text for text, head in zip(settings, heads) if head in _EARLY]
    return early, [text for text, head in zip(settings, heads) if head not in _EARLY]


def gather_facts(material: Material, task: AbstractTask, request: FitRequest) -> Facts:
    """Return what the planner knows.

    Args:
        material: Rows, schema, split, encoded data.
        task: The task.
        request: What the user asks.
    """
    dataset, parts = material.dataset, material.split
    return Facts(
        num_rows=len(parts.train),
        num_validation_rows=len(parts.validation),
        samples_per_row=task.num_samples(dataset, parts.train) / max(1, len(parts.train)),
        inputs=dataset.input_specs(),
        outputs=task.outputs(material.schema),
        class_counts=class_counts(material),
        median_tokens=_median_tokens(material),
        num_tokens=_num_tokens(material),
        size=request.size,
        time_s=request.time_s,
        pair=why_paired(request, material.schema, material.rows.frame),
        series=series_facts(dataset, parts.train),
        horizon=request.horizon,
        known=_known_ahead(request, material.schema),
        hardware=describe_hardware(),
    )


def _known_ahead(request: FitRequest, schema: Schema) -> tuple[str, ...]:
    """Return the columns that the user said are known ahead; each must be an input."""
    inputs = [column.name for column in schema.inputs]
    names = column_names(request.roles.known, inputs)
    for name in names:
        if name not in inputs:
            raise ConfigError(unknown_name("input column that is known ahead", name, inputs))
    return names


def class_counts(material: Material) -> tuple[int, ...]:
    """Return the training rows of each class; empty where the target is none.

    Args:
        material: Rows, schema, split, encoded data.
    """
    targets = material.schema.targets
    if len(targets) != 1 or targets[0].modality not in ("category", "boolean"):
        return ()
    classes = (
        material.dataset.plain_target(targets[0].name)[material.split.train].reshape(-1).long()
    )
    size = material.schema.output_specs()[0].size
    return tuple(torch.bincount(classes, minlength=size).tolist())


def _median_tokens(material: Material) -> int:
    lengths = [
        float(np.median(rows.lengths.numpy()))
        for rows in material.dataset.inputs.values()
        if isinstance(rows, (Ragged, DiskRagged))
    ]
    return int(max(lengths, default=0))


def _num_tokens(material: Material) -> int:
    """Return the tokens of the training rows of the first text."""
    for rows in material.dataset.inputs.values():
        if isinstance(rows, (Ragged, DiskRagged)):
            return int(rows.lengths[material.split.train].sum())
    return 0


def as_prose(request: FitRequest) -> FitRequest:
    """Return the request with a file of plain text and no target read as one running text.

    Args:
        request: What the user asks.
    """
    if request.roles.target or request.reading:
        return request
    return replace(request, reading=prose_reading(request.source))


def for_prose(data: DataConfig) -> DataConfig:
    """Return the data section of a running text: split where it stands, each row a text.

    Args:
        data: The data section.
    """
    if not data.reading.get("prose"):
        return data
    split = replace(data.split, by="order") if data.split.by == "auto" else data.split
    return replace(data, split=split, columns={"text": "text", **data.columns})
