"""Fitted schemas, encoded rows and facts for every task and kind of input."""

import dataclasses
from collections.abc import Iterator

import torch

from lamina.core.hardware import Hardware, describe_hardware
from lamina.core.records import InputSpec, OutputSpec
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.data.schema import Schema, fit_schema, infer_schema
from lamina.data.series_facts import series_facts
from lamina.data.sources.open import open_source
from lamina.data.text_pairs import pair_evidence
from lamina.tasks.base import AbstractTask
from lamina.tasks.facts import Facts
from lamina.tasks.table import TASKS
from tests.runs.tiny import EVERY


def encoded(name: str) -> tuple[AbstractTask, Schema, Dataset]:
    """Return the task as planned, the fitted schema and the encoded rows of an example."""
    task, fitted, dataset = _encoded(name)
    return task.asked_by(task.plan(facts_of(name))), fitted, dataset


def answered(name: str, most: int) -> tuple[AbstractTask, Schema, Part]:
    """Return the task as planned, the fitted schema and some samples that can be learnt from."""
    task, schema, dataset = encoded(name)
    part = task.explained(dataset, dataset.usable(), task.plan(facts_of(name)))
    return task, schema, Part(part.samples, part.index[:most])


def _encoded(name: str) -> tuple[AbstractTask, Schema, Dataset]:
    example = EVERY[name]
    frame = open_source(example.make()).read()
    targets = example.target.split(",") if example.target else []
    said = (example.settings or {}).get("columns", {})
    roles = {"time": example.options.get("time_column"), "series": example.options.get("series")}
    schema = infer_schema(
        frame, targets=targets, ignore=example.ignore, overrides=said, roles=roles
    )
    task = TASKS[example.task].value
    start = "data.fitting."
    said = {n.removeprefix(start): v for n, v in (example.settings or {}).items() if start in n}
    options = task.fitting(ModalityOptions(**said), 1_000, schema)
    if pair_evidence(schema, frame):
        options = dataclasses.replace(options, is_joint=True)
    fitted = fit_schema(schema, frame, options=options)
    return task, fitted, encode_frame(fitted, frame)


def facts_of(name: str) -> Facts:
    """Return the facts of an example."""
    task, schema, dataset = _encoded(name)
    options, known = EVERY[name].options, EVERY[name].options.get("known")
    counts: tuple[int, ...] = ()
    if schema.targets and task.name == "classification":
        classes = dataset.targets[schema.targets[0].name]
        counts = tuple(torch.bincount(classes).tolist())
    return Facts(
        num_rows=dataset.num_rows,
        num_validation_rows=20,
        samples_per_row=task.num_samples(dataset, torch.arange(dataset.num_rows))
        / dataset.num_rows,
        inputs=dataset.input_specs(),
        outputs=task.outputs(schema),
        class_counts=counts,
        num_tokens=2_000,
        median_tokens=9 if "text" in {s.kind for s in dataset.input_specs()} else 0,
        pair=pair_evidence(schema, open_source(EVERY[name].make()).read()),
        series=series_facts(dataset, torch.arange(len(dataset))),
        horizon=options.get("horizon"),
        known=() if known is None else (known,),
        hardware=describe_hardware(),
    )


def variations(facts: Facts) -> Iterator[Facts]:
    """Yield the same facts for data of other sizes, other budgets and other machines."""
    machine = facts.hardware
    for num_rows in (1, 40, 900, 5_000, 60_000, 3_000_000):
        yield dataclasses.replace(
            facts,
            num_rows=num_rows,
            num_validation_rows=num_rows // 5,
            median_tokens=num_rows % 700,
        )
    for time_s in (0.5, 30.0, 36_000.0):
        yield dataclasses.replace(facts, time_s=time_s)
    for changes in ({"num_cores": 64}, {"has_fast_bfloat16": True}, {"accelerator": "A GPU"}):
        yield dataclasses.replace(facts, hardware=dataclasses.replace(machine, **changes))


def image_facts(channels: int, side: int, num_rows: int = 1000) -> Facts:
    """Return facts of pictures of some size."""
    spec = InputSpec(
        "image",
        "image",
        ("image",),
        (channels, side, side),
        mean=(0.5,) * channels,
        deviation=(0.25,) * channels,
    )
    return Facts(
        num_rows=num_rows,
        num_validation_rows=100,
        inputs=(spec,),
        outputs=(OutputSpec("y", 3),),
        class_counts=(num_rows // 3,) * 3,
        hardware=machine(),
    )


def machine() -> Hardware:
    """Return this machine."""
    return describe_hardware()
