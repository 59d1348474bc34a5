"""The evaluation stage of a run: test rows are touched here, once.

Metrics with intervals, baselines fitted on the same training rows, the verdict, calibration,
results by class and by slice, and the worst mistakes, as one JSON-like document.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core.hardware import num_cores
from lamina.core.records import InputSpec
from lamina.data.dataset import Dataset
from lamina.data.modalities.boxes import Boxes
from lamina.data.modalities.cells import parse_numbers
from lamina.data.modalities.datetime import DateTime, parse_times
from lamina.data.modalities.mask import Mask
from lamina.data.modalities.number import Number
from lamina.data.parts import Part
from lamina.data.tiles import Tiles
from lamina.data.windows import Windows
from lamina.evaluation.baseline_models import BaselineData, shrunk, shrunk_pixels
from lamina.evaluation.baselines import BaselineResult, run_baselines
from lamina.evaluation.calibration import reliability_curve
from lamina.evaluation.confusion import confusion_matrix
from lamina.evaluation.intervals import BootstrapConfig, score_intervals
from lamina.evaluation.metrics import metrics_of, score
from lamina.evaluation.mistakes import worst_mistakes
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.slices import per_class, slice_results
from lamina.evaluation.verdict import Verdict, judge
from lamina.networks.layers.log_mel import LogMel
from lamina.runs.answered import written_answers
from lamina.runs.detected import detected
from lamina.runs.drawn_forecasts import drawn_forecasts
from lamina.runs.predictor import Predictor
from lamina.runs.prepare import Material
from lamina.runs.recognised import recognised
from lamina.runs.run import group_codes, task_metrics
from lamina.runs.segmented import segmented
from lamina.runs.tagged import tagged_sentences
from lamina.runs.train import Trained, truth_of
from lamina.tasks.base import class_names, label_names, modality_of

MAX_BASELINE_ROWS = 60_000
"""Most training rows that baselines see, and most test rows that they answer."""

MAX_BASELINE_CELLS = 30_000_000
"""Most numbers, categories and pixels of these rows, but never fewer than 1,000 rows."""

BASELINE_STEPS = 64
"""Steps that series are brought to for the baselines, to which each is so many numbers."""

BASELINE_BANDS = 20
"""Bands of pitch that sounds are brought to for the baselines."""

BASELINE_TIMES = 8
"""Times at which these bands are looked at."""

_SLICED = ("number", "category", "boolean", "datetime")


@dataclass(frozen=True, slots=True)
class Tested:
    """Answers to the test rows."""

    rows: np.ndarray
    """int64, row number of each sample."""
    predictions: Predictions
    """Calibrated answers."""
    truth: np.ndarray
    """Targets, in the form that metrics read."""
    uncalibrated: Predictions | None = None
    """Answers before the temperature, where there is one."""
    groups: np.ndarray | None = None
    """int64, entity of each row; None if rows are independent."""
    part: Part | None = None
    """The samples; None where the answers were read from a file."""

    def some(self, most: int) -> "Tested":
        """Return the answers to evenly spaced rows; all where they are few.

        Args:
            most: Most rows to return.
        """
        if len(self.rows) <= most:
            return self
        places = np.linspace(0, len(self.rows) - 1, most).astype(np.int64)
        groups = None if self.groups is None else self.groups[places]
        found, truth = self.predictions.rows(places), self.truth[places]
        assert self.part is not None, "answers of a model at hand"
        index = self.part.index[torch.from_numpy(places).to(self.part.index.device)]
        part = Part(self.part.samples, index)
        return Tested(self.rows[places], found, truth, groups=groups, part=part)


def evaluate(trained: Trained, material: Material, *, seed: int) -> tuple[dict[str, Any], Tested]:
    """Return the content of evaluation.json, and the answers to the test rows.

    Args:
        trained: The model.
        material: Rows, schema, split.
        seed: Seed of the run.
    """
    predictor, dataset = trained.predictor, trained.dataset
    tested = _answers(predictor, dataset, material)
    config = BootstrapConfig(seed=seed)
    names = task_metrics(predictor, tested.predictions.kind)
    asked = tested.some(_most_rows(dataset))
    baselines = _baselines(predictor, dataset, material, asked, seed=seed)
    answers = {b.name: b.predictions for b in baselines if b.predictions is not None}
    verdict = judge(
        asked.predictions,
        answers,
        asked.truth,
        metric=names[0],
        groups=asked.groups,
        config=config,
    )

    def scored(predictions: Predictions, own: Tested) -> dict[str, Any]:
        found = score_intervals(
            predictions, own.truth, names=names, groups=own.groups, config=config
        )
        return {name: plain(value) for name, value in found.items()}

    partly = "" if asked is tested else f"; answered {len(asked.rows):,} of the test rows"

    document = {
        "schema": 1,
        "task": predictor.task.name,
        "metric": names[0],
        "metrics": scored(tested.predictions, tested),
        "baselines": {
            b.name: {
                "metrics": scored(answers[b.name], asked),
                "note": b.note + partly,
                "seconds": b.seconds,
                "answered": len(asked.rows),
            }
            for b in baselines
            if b.name in answers
        },
        "left_out": {b.name: b.note for b in baselines if b.name not in answers},
        "verdict": _verdict(verdict),
        "rows": {n: len(getattr(material.split, n)) for n in ("train", "validation", "test")},
        "temperature": predictor.temperature,
        **_details(trained, material, tested, metric=names[0]),
    }
    return document, tested


def plain(value: Any) -> Any:
    """Return a record as nested plain values.

    Args:
        value: A frozen record, or tuples and mappings of them.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value


def _answers(predictor: Predictor, dataset: Dataset, material: Material) -> Tested:
    part = predictor.task.part(dataset, material.split.test, predictor.plan.recipe)
    outputs = predictor.outputs(part.samples, part.index)
    truth = truth_of(predictor.task, part, predictor.schema)
    rows = part.rows()
    raw = (
        None
        if predictor.temperature == 1.0
        else predictor.task.predictions(outputs, predictor.schema)
    )
    groups = None
    if material.rows.is_whole:
        groups = group_codes(material.schema, material.rows.frame[rows.numpy()])
    if groups is None and isinstance(part.samples, Tiles):
        groups = rows.numpy()  # the tiles of a picture are resampled together
    return Tested(rows.numpy(), predictor.predictions(outputs), truth, raw, groups, part)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    comparison = verdict.comparison
    return {
        "beats_baselines": verdict.beats_baselines,
        "best_baseline": verdict.best_baseline,
        "sentence": verdict.sentence,
        "outcome": "" if comparison is None else comparison.outcome,
        "gain": None if comparison is None else plain(comparison.gain),
        "p_value": None if comparison is None else plain(comparison.p_value),
    }


def _details(
    trained: Trained,
    material: Material,
    tested: Tested,
    *,
    metric: str,
) -> dict[str, Any]:
    predictor, found, truth = trained.predictor, tested.predictions, tested.truth
    groups = tested.groups
    details: dict[str, Any] = {}
    if found.kind in ("classes", "labels"):
        details["reliability"] = plain(reliability_curve(found, truth))
        details |= _before_calibration(tested)
    if found.kind == "labels":
        details["label_names"] = list(label_names(predictor.schema))
    if found.kind == "classes":
        names = class_names(predictor.schema, predictor.schema.targets[0].name)
        details["class_names"] = list(names)
        if len(names) <= 50:
            details["confusion"] = confusion_matrix(found, truth).tolist()
            details["classes"] = plain(per_class(found, truth, names=names, groups=groups))
    if found.kind in ("numbers", "quantiles"):
        details["fits"] = _fits(found, truth)
    if found.kind == "quantiles":
        details["levels"] = list(found.levels)
    if found.kind == "forecasts":
        assert tested.part is not None, "answers of a model at hand"
        assert isinstance(tested.part.samples, Windows)
        windows = tested.part.samples
        places = windows.places(tested.part.index)
        details |= drawn_forecasts(windows, places, found, truth)
    details |= _of_its_kind(predictor, material, tested)
    columns = _raw_columns(material, tested.rows) if found.kind != "forecasts" else {}
    if columns:
        slices = slice_results(found, truth, columns, metric=metric, groups=groups)
        details["slices"] = plain(slices)
    return {"mistakes": _mistakes(tested), **details}


def _of_its_kind(predictor: Predictor, material: Material, tested: Tested) -> dict[str, Any]:
    """Return what is told of answers that are no classes and no numbers."""
    found, truth = tested.predictions, tested.truth
    if found.kind == "embeddings":
        return _recognised(material, tested)
    if found.kind == "tag_sequences":
        return {"tagged": tagged_sentences(material, tested.rows, found, truth)}
    if found.kind == "masks":
        mask = modality_of(predictor.schema, predictor.schema.targets[0].name)
        assert isinstance(mask, Mask), "masks are answers to masks"
        assert tested.part is not None, "answers of a model at hand"
        own, seed = tested.groups, predictor.plan.seed
        told = segmented(found, truth, mask, tested.part, groups=own, seed=seed)
        return {"masks": {name: plain(value) for name, value in told.items()}}
    if found.kind == "boxes":
        boxes = modality_of(predictor.schema, predictor.schema.targets[0].name)
        assert isinstance(boxes, Boxes), "boxes are answers to boxes"
        assert tested.part is not None, "answers of a model at hand"
        own, seed = tested.groups, predictor.plan.seed
        told = detected(found, truth, boxes, tested.part, groups=own, seed=seed)
        return {"boxes": {name: plain(value) for name, value in told.items()}}
    if found.kind == "texts":
        assert tested.part is not None, "answers of a model at hand"
        return {"answers": written_answers(predictor, tested.part, found, truth)}
    return {}


def _recognised(material: Material, tested: Tested) -> dict[str, Any]:
    is_whole, target = material.rows.is_whole, material.schema.targets[0].name
    cells = material.rows.frame[target][tested.rows] if is_whole else None
    return recognised(tested.predictions, tested.truth, cells, tested.rows)


def _before_calibration(tested: Tested) -> dict[str, Any]:
    """Return the reliability of the answers before the temperature was applied."""
    raw, truth = tested.uncalibrated, tested.truth
    if raw is None:
        return {}
    name = "calibration_error"
    error = score(name, raw, truth) if name in metrics_of(raw.kind) else None
    curve = plain(reliability_curve(raw, truth))
    return {"reliability_before": curve, "calibration_error_before": plain(error)}


def _mistakes(tested: Tested) -> list[dict[str, Any]]:
    """Return the worst answers with the probability that each was stated with."""
    found = tested.predictions
    is_class = found.kind == "classes"
    return [
        {
            **plain(mistake),
            "row": int(tested.rows[mistake.row]),
            "place": mistake.row,
            "confidence": float(found.values[mistake.row].max()) if is_class else None,
        }
        for mistake in worst_mistakes(found, tested.truth, count=12)
    ]


def _fits(found: Predictions, truth: np.ndarray) -> list[dict[str, Any]]:
    """Return predicted and true numbers of up to 1,000 rows per target, for the report's plot."""
    rows = np.unique(np.linspace(0, found.num_rows - 1, min(1000, found.num_rows)).astype(int))
    answers = found.decided()
    return [
        {"truth": truth[rows, i].tolist(), "prediction": answers[rows, i].tolist()}
        for i in range(answers.shape[1])
    ]


def _raw_columns(material: Material, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the raw cells of the test rows by column; none where the data is streamed."""
    if not material.rows.is_whole:
        return {}
    frame = material.rows.frame[rows]
    names = [c.name for c in material.schema.inputs if c.modality in _SLICED][:40]
    columns = {}
    for name in names:
        cells, column = frame[name], material.schema.column(name)
        if isinstance(column.fitted, Number):
            cells = parse_numbers(cells, decimal=column.fitted.decimal).values
        elif isinstance(column.fitted, DateTime):
            cells = parse_times(cells, format=column.fitted.format or None).values
        columns[name] = cells.to_numpy()
    return columns


def _baselines(
    predictor: Predictor, dataset: Dataset, material: Material, tested: Tested, *, seed: int
) -> tuple[BaselineResult, ...]:
    assert tested.part is not None, "answers of a model at hand"
    train, most = material.split.train, _most_rows(dataset)
    task = predictor.task
    if len(train) > most and (task.reads_targets or not task.has_targets):
        train = train[:most]  # what follows each other stays together
    elif len(train) > most:
        # In float64: float32 has no number for each of many millions of rows.
        train = train[torch.linspace(0, len(train) - 1, most, dtype=torch.float64).long()]
    known = predictor.task.part(dataset, train, predictor.plan.recipe)
    own = predictor.task.baselines(known, tested.part, tested.predictions)
    if own is not None:
        return own
    num_rows = max(len(material.split.train), len(known))
    parts = [
        _baseline_data(predictor, dataset, part, tested.predictions)
        for part in (known, tested.part)
    ]
    return run_baselines(*parts, seed=seed, num_threads=num_cores(), num_training_rows=num_rows)


def _most_rows(dataset: Dataset) -> int:
    """Return how many rows baselines see at most."""
    cells = 0
    for spec in dataset.input_specs():
        is_image = spec.kind == "image"
        cells += shrunk_pixels(*spec.shape) if is_image else _cells_of(spec)
    return min(MAX_BASELINE_ROWS, max(1000, MAX_BASELINE_CELLS // max(1, cells)))


def _baseline_data(
    predictor: Predictor, dataset: Dataset, part: Part, like: Predictions
) -> BaselineData:
    """Return encoded samples as plain arrays, gathered in pieces."""
    parts: dict[str, list[np.ndarray]] = {}
    texts: dict[str, list[str]] = {}
    specs = {spec.name: spec for spec in dataset.input_specs()}
    for some in torch.split(part.index, 1024):
        batch = part.samples.batch(some)
        for name, value in batch.inputs.items():
            if specs[name].kind == "text":
                texts.setdefault(name, []).extend(_words(value.cpu()))
            elif specs[name].kind == "sound":
                parts.setdefault(name, []).append(_heard(value.cpu(), specs[name].rate))
            elif specs[name].kind == "series":
                parts.setdefault(name, []).append(_evenly(value.cpu()))
            elif specs[name].kind == "image":
                parts.setdefault(name, []).append(shrunk(value.cpu().numpy()))
            else:
                parts.setdefault(name, []).append(value.cpu().numpy())
    whole = {name: np.concatenate(values) for name, values in parts.items()}
    series = [whole[name] for name, spec in specs.items() if spec.kind in ("series", "sound")]
    numbers = whole.get("number", np.zeros((len(part), 0), dtype=np.float32))
    images = [whole[name] for name, spec in specs.items() if spec.kind == "image"]
    read = [spec for spec in specs.values() if spec.kind == "text"]
    return BaselineData(
        numbers=np.concatenate([numbers, *series], axis=1),
        categories=whole.get("category", np.zeros((len(part), 0), dtype=np.int64)),
        texts=list(texts.values()) or None,
        images=images[0] if images else None,
        target=truth_of(predictor.task, part, predictor.schema),
        kind=like.kind,
        num_outputs=like.num_columns,
        levels=like.levels,
        token_bytes=next((spec.token_bytes for spec in read), None),
        is_pair=len(read) == 2 and read[0].shares_tokens(read[1]),
    )


def _cells_of(spec: InputSpec) -> int:
    if spec.kind == "sound":
        return BASELINE_BANDS * BASELINE_TIMES
    return BASELINE_STEPS * spec.shape[0] if spec.kind == "series" else len(spec.columns)


def _heard(sounds: Tensor, rate: int) -> np.ndarray:
    """Return sounds as log-mel bands at a few times, as so many numbers."""
    logs, valid = LogMel(rate, num_bands=BASELINE_BANDS)(sounds)
    frames = torch.where(valid, logs, torch.nan).transpose(1, 2)
    return _evenly(frames, BASELINE_TIMES)


def _evenly(series: Tensor, count: int = BASELINE_STEPS) -> np.ndarray:
    """Return series at a fixed number of steps, as so many numbers: [rows, steps * channels]."""
    ends = (~series[:, :, 0].isnan()).sum(dim=1).clamp_min(1)
    places = torch.linspace(0, 1, count) * (ends[:, None] - 1)
    left, share = places.floor().long(), places.frac()[:, :, None]
    right = torch.minimum(left + 1, ends[:, None] - 1)
    rows = torch.arange(len(series))[:, None]
    even = series[rows, left] * (1 - share) + series[rows, right] * share
    return even.flatten(1).numpy()


def _words(tokens: Tensor) -> list[str]:
    """Return texts whose words are token numbers, which is all that counting words needs."""
    return [" ".join(map(str, filter(None, row))) for row in tokens.tolist()]
