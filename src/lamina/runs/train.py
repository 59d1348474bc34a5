"""The training stage of a run: build, initialise, train with checkpoints, calibrate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core.bundle import load_bundle
from lamina.core.errors import ConfigError
from lamina.core.hardware import default_device
from lamina.core.random import derive, permutation
from lamina.core.records import Batch
from lamina.data.augmentation import augment
from lamina.data.copies import with_copies
from lamina.data.dataset import Dataset
from lamina.data.mixing import mix
from lamina.data.mosaic import mosaic
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.calibration import fit_temperature
from lamina.evaluation.metrics import metrics_of, score
from lamina.networks.architecture import AbstractModel
from lamina.networks.layers.lora import merged
from lamina.runs.draft import class_counts
from lamina.runs.features import with_features
from lamina.runs.folder import RunFolder
from lamina.runs.identity import identity_of
from lamina.runs.meaning import meaning_of
from lamina.runs.plan import Plan, write_plan
from lamina.runs.predictor import Predictor
from lamina.runs.prepare import Material
from lamina.runs.pretrained import take_pretrained, tune
from lamina.runs.watch import Watch
from lamina.tasks.base import AbstractTask, Loss
from lamina.tasks.table import TASKS
from lamina.training.budget import Budget
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig
from lamina.training.energy import Energy, EnergyMeter
from lamina.training.hooks import Hooks, TrainingResult
from lamina.training.log import AbstractLogger, JsonLinesLogger, LoggerGroup
from lamina.training.loop import train
from lamina.training.probe import ProbeResult, probe
from lamina.training.processes import current_processes
from lamina.training.transfer import freeze, transfer_rates, transfer_weights

PROBE_SECONDS = 2.0
"""Time the probe may take."""

PROBE_SHARE = 0.04
"""Share of a time budget the probe may take, where that is less."""

INITIALISATION_ROWS = 60_000
"""Most training rows that weights which depend on the data are set from."""

INITIALISATION_PICTURES = 5_000
"""The same where rows hold pictures."""

INITIALISATION_BYTES = 16 << 20
"""Most bytes of these pictures, but never fewer than 300 of them."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What the training stage hands on."""

    predictor: Predictor
    """The model with its temperature."""
    result: TrainingResult
    """How training went."""
    dataset: Dataset
    """Encoded rows, on the device of the model."""


def train_network(folder: RunFolder, plan: Plan, material: Material, watch: Watch) -> Trained:
    """Train the network of a plan, or go on with it where there is a checkpoint.

    Args:
        folder: The run folder.
        plan: Every decision; what the probe finds is added to it and to its file.
        material: Rows, schema, split, encoded data.
        watch: Takes what happens.

    Raises:
        TrainingError: Training cannot go on.
        BundleError: The checkpoint belongs to another plan.
    """
    task = TASKS[plan.task].value.asked_by(plan.recipe)
    device = default_device()
    dataset = material.dataset.to(device)
    rows = material.split.train.to(device)
    whole = build_model(plan, material, task, dataset, rows)
    take_pretrained(plan, whole, material.schema, watch)
    rates = start_from_run(plan, whole, material.schema, watch)
    rates |= tune(plan, whole, material.schema, watch)
    known = torch.cat([rows, material.split.validation.to(device)])
    computed = with_features(plan, whole, dataset, known)
    model, seen = (whole, dataset) if computed is None else (computed.model, computed.dataset)
    if computed is not None:
        watch.say(f"Computed the features of {len(known):,} rows in {computed.seconds:.1f} s")
        rates = {name: rate for name, rate in rates.items() if name in model.state_dict()}
    counts = class_counts(material)
    loss = task.loss(plan.recipe, material.schema, torch.tensor(counts) if counts else None)
    is_first = current_processes().is_first
    logger = LoggerGroup(
        [*([JsonLinesLogger(folder.log)] if is_first else []), watch.logger, watch.tracker]
    )
    transform = Augmentation(plan, _classes(material))
    meter = EnergyMeter()
    part = task.part(seen, rows, plan.recipe, purpose="learn")
    try:
        first = transform(part.samples.batch(part.index[: plan.recipe.training.batch_size]), 0)
        plan, probed = probe_machine(folder, plan, model, first, loss, logger, rates=rates)
        predictor = Predictor(plan, material.schema, model, 1.0, plan.recipe.training.execution)
        hooks = Hooks(
            validate=Validation(predictor, seen, material),
            transform=transform,
            checkpoints=CheckpointStore(folder.checkpoint),
            logger=logger,
            budget=_budget(plan, probed, 0.0 if computed is None else computed.seconds),
            meter=meter,
            identity=identity_of(plan, material),
        )
        training = with_rates(plan.recipe.training, rates)
        result = train(model, part.samples, part.index, loss, training, seed=plan.seed, hooks=hooks)
        energy = meter.read()
        logger.write({"kind": "energy", **_energy(energy, result)})
    finally:
        logger.close()
    merged(whole).eval()
    predictor = replace(predictor, model=whole)
    return Trained(calibrated(predictor, dataset, material), result, dataset)


def probe_machine(
    folder: RunFolder,
    plan: Plan,
    model: nn.Module,
    batch: Batch,
    loss: Loss,
    logger: AbstractLogger,
    *,
    rates: Mapping[str, float],
) -> tuple[Plan, ProbeResult | None]:
    """Measure the machine, where the plan wants it, and write what was chosen into the plan.

    Args:
        folder: The run folder.
        plan: Every decision.
        model: The network; it is not changed.
        batch: One batch of training samples.
        loss: Outputs and batch to one loss per sample.
        logger: Takes the table of the probe.
        rates: Factors on the learning rate that a start from another run brings.

    Returns:
        The plan with its execution settled, and what was measured.
    """
    processes = current_processes()
    if not plan.machine.is_probed or processes.count > 1:
        return plan, None
    training = plan.recipe.training
    seconds = PROBE_SECONDS
    if plan.budget.time_s is not None:
        seconds = min(seconds, PROBE_SHARE * plan.budget.time_s)
    found = probe(model, batch, loss, with_rates(training, rates), seconds=seconds)
    logger.write({"kind": "probe", **found.to_document()})
    recipe = replace(plan.recipe, training=replace(training, execution=found.execution))
    why = (
        f"the fastest of {len(found.candidates)} settings measured that compute the same numbers: "
        f"{found.seconds_per_step * 1000:.1f} ms per step"
    )
    plan = replace(
        plan,
        recipe=recipe,
        machine=replace(plan.machine, is_probed=False),
        reasons={**plan.reasons, "training.execution": why},
    )
    write_plan(plan, folder.plan)
    return plan, found


def start_from_run(plan: Plan, model: nn.Module, schema: Schema, watch: Watch) -> dict[str, float]:
    """Take over the weights of another run where the plan says so, and freeze what it names.

    Args:
        plan: Every decision.
        model: The network with its first weights; changed in place.
        schema: The fitted schema.
        watch: Takes what happens.

    Returns:
        Factors on the learning rate by parameter; they are no part of the plan, which holds what
        they are made from.

    Raises:
        BundleError: The other run's model cannot be read.
        ConfigError: None of its weights fits, or a pattern to freeze fits nothing.
    """
    start = plan.transfer
    if start.run is None:
        return {}
    bundle = load_bundle(Path(start.run) / "model")
    theirs = Schema.from_document(bundle.document.get("schema", {}))
    meanings = (meaning_of(schema), meaning_of(theirs))
    report = transfer_weights(model, bundle.tensors, meanings=meanings)
    watch.say(f"From {start.run}: {report.summary()}")
    rates = transfer_rates(
        model, report, rate=start.rate_factor, per_layer=start.rate_factor_per_layer
    )
    freeze(model, start.freeze)
    return rates


def with_rates(training: TrainingConfig, rates: Mapping[str, float]) -> TrainingConfig:
    """Return how to train with further factors on the learning rate; its own go before them.

    Args:
        training: How to train.
        rates: Factors by parameter.
    """
    return replace(training, rates={**rates, **training.rates}) if rates else training


def build_model(
    plan: Plan, material: Material, task: AbstractTask, dataset: Dataset, train_rows: Tensor
) -> AbstractModel:
    """Return the network with its first weights, on the device of the data.

    Args:
        plan: Every decision.
        material: Rows, schema, split.
        task: The question.
        dataset: Encoded rows.
        train_rows: Row numbers to set weights from that depend on the data.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(plan.seed, "weights"))
        schema = material.schema
        model = plan.recipe.network.build(task.inputs(schema), task.outputs(schema))
        specs = material.dataset.input_specs()
        pixels = sum(spec.num_values for spec in specs)
        limit = INITIALISATION_ROWS
        if pixels:
            limit = min(INITIALISATION_PICTURES, max(300, INITIALISATION_BYTES // pixels))
        model.to(train_rows.device)
        part = task.part(dataset, train_rows, plan.recipe, purpose="learn")
        order = permutation(plan.seed, "initialisation", 0, len(part))[:limit].clone()
        some = part.samples.batch(part.index[order.to(part.index.device)])
        some = with_copies(some, plan.recipe.augmentation, seed=plan.seed, most=limit)
        model.initialise(some.inputs, some.targets)
    return model


class Validation:
    """Metrics of the model on the validation rows.

    Args:
        predictor: Holds the model that is trained.
        dataset: Encoded rows on the model's device.
        material: Schema and split.
    """

    def __init__(self, predictor: Predictor, dataset: Dataset, material: Material) -> None:
        self._predictor = predictor
        task, schema = predictor.task, material.schema
        self._part = task.part(
            dataset, material.split.validation, predictor.plan.recipe, purpose="watch"
        )
        self._truth = truth_of(task, self._part, schema)
        self._schema = schema
        metric = predictor.plan.recipe.training.validation.metric
        if metric is not None and not len(self._part):
            raise ConfigError(
                f"training.validation.metric is {metric!r}, and there are no validation rows to "
                "measure it on. Set it to null, or split some off."
            )
        self._chosen = () if metric is None else (metric,)

    def __call__(self, model: nn.Module) -> Mapping[str, float]:
        """Return the metrics that choose the weights.

        Args:
            model: The model; it is the predictor's own.
        """
        del model
        if not len(self._part):
            return {}
        outputs = self._predictor.outputs(self._part.samples, self._part.index, is_final=False)
        found = self._predictor.task.predictions(outputs, self._schema)
        names = dict.fromkeys((*self._predictor.task.watched, *self._chosen))
        known = metrics_of(found.kind)
        return {name: score(name, found, self._truth) for name in names if name in known}


class Augmentation:
    """Changes of a batch while training, as pure functions of its samples.

    Args:
        plan: Every decision.
        num_classes: By name of the target: classes, of those that are classes.
    """

    def __init__(self, plan: Plan, num_classes: Mapping[str, int]) -> None:
        self._config = plan.recipe.augmentation
        self._seed = plan.seed
        self._num_classes = num_classes
        self._mixes = self._config.mixup > 0 or self._config.cutmix > 0
        self.mixes_samples = self._mixes or self._config.mosaic > 0
        self._progress = 0.0

    def set_progress(self, progress: float) -> None:
        """Take note of how far the training is: at its end there is no mosaic.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        self._progress = progress

    def __call__(self, batch: Batch, epoch: int) -> Batch:
        """Return the changed batch.

        Args:
            batch: Samples.
            epoch: The epoch, from 0.
        """
        changed = augment(batch, self._config, seed=self._seed, epoch=epoch)
        if self._config.mosaic and self._progress < self._config.mosaic_until:
            share = self._config.mosaic
            changed = mosaic(changed, share=share, seed=self._seed, epoch=epoch)
        if not self._mixes:
            return changed
        return mix(
            changed, self._config, num_classes=self._num_classes, seed=self._seed, epoch=epoch
        )


def calibrated(predictor: Predictor, dataset: Dataset, material: Material) -> Predictor:
    """Return the predictor with the temperature that fits the validation rows.

    Args:
        predictor: The trained model.
        dataset: Encoded rows on the model's device.
        material: Schema and split.
    """
    task, recipe = predictor.task, predictor.plan.recipe
    part = task.part(dataset, material.split.validation, recipe)
    if not len(part) or not recipe.answering.is_calibrated:
        return predictor
    outputs = predictor.outputs(part.samples, part.index)
    task.settle(predictor.model, part, outputs)
    found = task.predictions(outputs, material.schema)
    if found.kind not in ("classes", "labels"):
        return predictor
    temperature = fit_temperature(found, truth_of(task, part, material.schema))
    return Predictor(
        predictor.plan, predictor.schema, predictor.model, temperature, predictor.execution
    )


def truth_of(task: AbstractTask, part: Part, schema: Schema) -> np.ndarray:
    """Return the targets of some samples as metrics read them.

    Args:
        task: The question.
        part: The samples.
        schema: The fitted schema.
    """
    return task.truth(part.targets(), schema, num_samples=len(part))


def _budget(plan: Plan, probed: ProbeResult | None, spent: float) -> Budget | None:
    """Return what the loop may spend: the budget less what was spent before it."""
    limits = plan.budget
    if limits.time_s is None and limits.energy_j is None:
        return None
    spent += 0.0 if probed is None else probed.seconds
    return Budget(
        seconds=None if limits.time_s is None else max(0.1, limits.time_s - spent),
        energy_j=limits.energy_j,
        seconds_per_step=None if probed is None else probed.seconds_per_step,
        max_epochs=limits.max_epochs,
    )


def _energy(energy: Energy, result: TrainingResult) -> dict[str, Any]:
    joules = result.energy_j or energy.joules
    return {
        "joules": joules,
        "low": joules * (1 - energy.uncertainty),
        "high": joules * (1 + energy.uncertainty),
        "method": energy.method,
    }


def _classes(material: Material) -> dict[str, int]:
    """Return the number of classes of each target that is a class."""
    sizes = {spec.name: spec.size for spec in material.schema.output_specs()}
    targets = [t for t in material.schema.targets if t.modality in ("category", "boolean")]
    return {t.name: sizes[t.name] for t in targets}
