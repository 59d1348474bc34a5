"""The explanation stage of a run: what moves the network, measured on test rows.

It comes after the evaluation, changes nothing of the model, and has a time limit: a small share of
the training time. What the limit cut short is named in the document, so a report never shows a part
as whole that is not.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.records import Interval
from lamina.data.parts import Samples
from lamina.explanation.check import CheckConfig, Sampled, measured, summarise
from lamina.explanation.layers import layers_of, representations
from lamina.explanation.permutation import Shuffled, permutation_importances
from lamina.explanation.probes import linear_probe
from lamina.explanation.projection import TSNE_ROWS, principal_components, tsne
from lamina.explanation.table import default_method
from lamina.explanation.visualisation import visualise
from lamina.networks.model import Model
from lamina.reports.pictures import thumbnail_uri
from lamina.runs.draft import class_counts
from lamina.runs.explain import Explainer
from lamina.runs.memory import RowMemory, features_of, label_of, remember
from lamina.runs.prepare import Material
from lamina.runs.train import Trained

SHARE = 0.08
"""Share of the training time that the stage may take."""

LEAST_SECONDS, MOST_SECONDS = 6.0, 30.0
"""Bounds of it."""

CHECKED_ROWS = 32
"""Most test rows that the method is measured on."""

SHOWN_ROWS = 5
"""Most test rows that are shown."""

IMPORTANCE_ROWS = 1_000
"""Most test rows that columns are shuffled among."""

PROBE_ROWS = 1_000
"""Most test rows that layers are probed with."""

CHANNELS = 6
"""Channels of a layer that are made visible."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time of the stage."""

    begin: float
    """When it began."""
    limit: float
    """Seconds it may take."""

    def is_before(self, share: float) -> bool:
        """Return whether less than a share of the limit is gone.

        Args:
            share: In [0, 1].
        """
        return self.seconds() < share * self.limit

    def seconds(self) -> float:
        """Return the seconds gone."""
        return time.monotonic() - self.begin


def limit_of(training_seconds: float) -> float:
    """Return the seconds that the stage may take.

    Args:
        training_seconds: What training took.
    """
    return min(MOST_SECONDS, max(LEAST_SECONDS, SHARE * training_seconds))


def understand(
    trained: Trained, material: Material, evaluation: Mapping[str, Any], *, limit: float
) -> tuple[dict[str, Any], RowMemory | None]:
    """Return the content of explanation.json, and what is kept of training rows.

    Args:
        trained: The model.
        material: Rows, schema, split.
        evaluation: Content of evaluation.json, for the worst mistakes.
        limit: Seconds it may take; a part that has begun is ended.
    """
    stage = _Stage(trained, material, Clock(time.monotonic(), limit))
    document: dict[str, Any] = {"schema": 1, "limit_seconds": limit}
    document |= stage.checked()
    document["memory"] = stage.part("similar training rows", 0.6, stage.remember)
    document["rows"] = stage.shown(evaluation)
    document["layers"] = stage.part("what each layer has learned", 0.75, stage.layers)
    document["projection"] = stage.part("a map of the test rows", 0.8, stage.projection)
    document["importance"] = stage.part("importance of columns", 0.85, stage.importances)
    document["features"] = stage.part("pictures of what layers look for", 0.9, stage.visualised)
    document["left_out"] = stage.left_out
    document["seconds"] = round(stage.clock.seconds(), 2)
    return document, stage.memory


class _Stage:
    """The parts of the stage, one method each; a part that has nothing to say returns None."""

    def __init__(self, trained: Trained, material: Material, clock: Clock) -> None:
        self.trained, self.material, self.clock = trained, material, clock
        self.predictor, self.schema = trained.predictor, trained.predictor.schema
        task, recipe = self.predictor.task, self.predictor.plan.recipe
        self.test = task.explained(trained.dataset, material.split.test, recipe)
        self.train = task.explained(trained.dataset, material.split.train, recipe)
        self.samples: Samples = self.test.samples
        self.device = self.samples.device
        self.explainer = Explainer(self.predictor, check=CheckConfig(num_random=6, num_networks=1))
        self.frame: pl.DataFrame = material.rows.frame
        self.places = {int(n): place for place, n in enumerate(material.rows.numbers.tolist())}
        self.memory: RowMemory | None = None
        self.left_out: list[str] = []
        self.method = ""

    def part(self, name: str, share: float, make: Callable[[], Any]) -> Any:
        """Return a part, or None where its time is over."""
        if not self.clock.is_before(share):
            self.left_out.append(name)
            return None
        return make()

    def checked(self) -> dict[str, Any]:
        """Measure the default method on test rows until its time is over, but on two at least."""
        rows = self._test_rows(CHECKED_ROWS)
        predictions = self.predictor.predictions(
            self.predictor.outputs(self.samples, rows.to(self.device), is_final=False)
        )
        choices = self.predictor.task.chosen(predictions)
        samples: list[Sampled] = []
        sizes = []
        for row, choice in zip(rows.tolist(), choices.tolist()):
            if len(samples) >= 2 and not self.clock.is_before(0.3):
                break
            asked = self.explainer.question(self.samples, row, choice)
            self.method = self.method or default_method(asked)
            found, asked = self.explainer.attribute(asked, self.method)
            samples.append(self.explainer.measure(self.method, asked, found))
            sizes.append(sum(asked.counts().values()))
        check = replace(
            summarise(samples, seed=self.predictor.plan.seed), num_features=round(np.mean(sizes))
        )
        unit = self.predictor.task.claim(self.schema, int(choices[0]))[1]
        return {"method": self.method, "unit": unit, "check": plain_record(check)}

    def remember(self) -> dict[str, Any]:
        rows = self.train.index.cpu()
        self.memory = remember(self.predictor, self.samples, self.frame, self.places, rows)
        return {"rows": len(self.memory.labels)}

    def shown(self, evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Explain some evenly spaced test rows, and the worst mistakes."""
        mistakes = [int(one["row"]) for one in evaluation.get("mistakes", ())][:2]
        usual = self._test_rows(SHOWN_ROWS - len(mistakes)).tolist()
        wanted = [row for row in dict.fromkeys([*usual, *mistakes]) if row in self.places]
        found: list[dict[str, Any]] = []
        for row in wanted:
            if found and not self.clock.is_before(0.65):
                self.left_out.append(f"{len(wanted) - len(found)} of {len(wanted)} test rows")
                break
            told = self.explainer.explain(self.frame, self.places[row], memory=self.memory)
            # The targets of the row are what such answers begin from, not what is right.
            is_past = self.predictor.task.reads_targets
            cells = self.frame.row(self.places[row], named=True)
            truth = "" if is_past else label_of(self.schema, cells)
            told = replace(told, row=row)
            found.append({**told.to_document(), "truth": truth, "is_mistake": row in mistakes})
        return found

    def importances(self) -> dict[str, Any] | None:
        columns = self._shuffled()
        if len(columns) < 2:
            return None
        rows = self._test_rows(IMPORTANCE_ROWS)
        batch = self.samples.batch(rows.to(self.device))
        found = {}
        steps = permutation_importances(
            self._errors(batch.targets), batch.inputs, tuple(columns), num_shuffles=2
        )
        for name, rise in steps:
            found[name] = asdict(measured(rise))
            if not self.clock.is_before(1.0) and len(found) < len(columns):
                self.left_out.append(
                    f"importance of {len(columns) - len(found)} of {len(columns)} columns"
                )
                break
        objective = self.predictor.plan.recipe.objective
        name = type(objective).__name__.removesuffix("Config")
        return {"rows": len(rows), "error": _spaced(name), "columns": found}

    def _shuffled(self) -> list[Shuffled]:
        """Return what can be shuffled among the samples: columns, wherever they are looked at."""
        found = []
        made = self.predictor.task.features(self.schema)
        for spec in self.predictor.task.asked_inputs(self.schema):
            own = getattr(made.get(spec.name), "columns", spec.columns)
            is_cut = spec.kind in ("number", "category", "window")
            for name in filter(None, dict.fromkeys(own)):
                numbers = torch.tensor([i for i, each in enumerate(own) if each == name])
                found.append(Shuffled(name, spec.name, numbers if is_cut else None))
        return found

    def layers(self) -> dict[str, Any] | None:
        task = self.predictor.task
        # What comes next in many steps is no one truth that a layer could be asked for.
        if not task.has_targets or task.reads_targets:
            return None
        rows = self._test_rows(PROBE_ROWS)
        targets = self.samples.targets_of(rows.to(self.device))
        truth = self.predictor.task.truth(targets, self.schema, num_samples=len(rows))
        model = self.predictor.model
        is_class = np.issubdtype(truth.dtype, np.integer)
        if len(rows) < 20 or truth.dtype == object or (is_class and truth.ndim > 1):
            return None  # a straight line reads off a class and numbers, not texts or masks
        batches = (self.samples.batch(some.to(self.device)).inputs for some in rows.split(200))
        seen = representations(model, batches, layers=layers_of(model))
        found: list[dict[str, Any]] = []
        for name, features in seen.items():
            if not self.clock.is_before(1.0) and found:
                self.left_out.append("some layers")
                break
            score: Interval = linear_probe(features, truth)
            width = features.shape[1]
            found.append({"layer": self._named(name), "width": width, **asdict(measured(score))})
        chance = float(np.bincount(truth).max() / len(truth)) if is_class else 0.0
        metric = "accuracy" if is_class else "R²"
        return {"rows": len(rows), "metric": metric, "chance": chance, "layers": found}

    def projection(self) -> dict[str, Any] | None:
        rows = self._test_rows(TSNE_ROWS)
        rows = torch.tensor([row for row in rows.tolist() if row in self.places])
        if len(rows) < 5:
            return None
        features = features_of(self.predictor.model, self.samples, rows)
        points, shares = principal_components(features)
        cells = self.frame[[self.places[row] for row in rows.tolist()]]
        labels = [label_of(self.schema, row) for row in cells.iter_rows(named=True)]
        document: dict[str, Any] = {
            "rows": rows.tolist(),
            "labels": labels,
            "components": _rounded(points),
            "shares": list(shares),
        }
        if features.shape[1] > 2 and self.clock.limit - self.clock.seconds() > 4.0:
            document["tsne"] = _rounded(tsne(features))
        return document

    def visualised(self) -> list[dict[str, Any]] | None:
        model = self.predictor.model
        if not isinstance(model, Model):
            return None
        found = []
        for name, encoder in zip(model.input_names, model.encoders):
            spec = next(s for s in self.schema.input_specs() if s.name == name)
            if spec.kind != "image":
                continue
            colours, height, width = spec.shape
            for layer, channels in _map_layers(encoder, self._one(name)):
                if not self.clock.is_before(1.0):
                    self.left_out.append(f"pictures of what {name} · {layer} looks for")
                    continue
                pictures = visualise(
                    encoder,
                    layer,
                    tuple(range(min(CHANNELS, channels))),
                    shape=(colours, height, width),
                    mean=255.0 * torch.tensor(spec.mean),
                )
                uris = [thumbnail_uri(p.cpu().numpy().transpose(1, 2, 0)) for p in pictures.byte()]
                found.append({"layer": f"{name} · {layer}", "pictures": uris})
        return found or None

    def _one(self, name: str) -> Tensor:
        return self.samples.batch(self._test_rows(1).to(self.device)).inputs[name]

    def _errors(self, targets: Mapping[str, Tensor]) -> Callable[[Mapping[str, Tensor]], Tensor]:
        counts = class_counts(self.material)
        loss = self.predictor.task.loss(
            self.predictor.plan.recipe, self.schema, torch.tensor(counts) if counts else None
        )
        rows = next(iter(targets.values())).shape[0]
        index = torch.arange(rows, device=self.device)
        batch = type(self.samples.batch(index[:1]))({}, targets, index)

        def errors(inputs: Mapping[str, Tensor]) -> Tensor:
            return loss(self.predictor.model(inputs), batch)

        return errors

    def _test_rows(self, most: int) -> Tensor:
        """Return evenly spaced test rows."""
        rows = self.test.index.cpu()
        return rows[torch.linspace(0, len(rows) - 1, min(most, len(rows))).round().long()]

    def _named(self, layer: str) -> str:
        """Return the name of a layer for people: the input in place of its number."""
        model = self.predictor.model
        if not isinstance(model, Model):
            return layer.replace(".", " · ")
        first, _, rest = layer.partition(".")
        number, _, inner = rest.partition(".")
        if first == "encoders":
            return " · ".join(filter(None, (model.input_names[int(number)], inner)))
        if first == "heads":
            return " · ".join(filter(None, ("answer", model.output_names[int(number)])))
        return " · ".join(filter(None, (first, rest)))


def plain_record(record: Any) -> dict[str, Any]:
    """Return a record as JSON-like values, with null where a number is not defined.

    Args:
        record: A frozen record.
    """
    return {name: _no_nan(value) for name, value in asdict(record).items()}


def _no_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _no_nan(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_no_nan(item) for item in value]
    return None if isinstance(value, float) and value != value else value


def _map_layers(encoder: torch.nn.Module, picture: Tensor) -> list[tuple[str, int]]:
    """Return the layers of an encoder that give maps, and how many channels each has."""
    names, found = layers_of(encoder, most=3), []
    handles = []
    for name in names:

        def note(_module: object, _inputs: object, output: object, own: str = name) -> None:
            if isinstance(output, Tensor) and output.dim() == 4 and min(output.shape[2:]) > 1:
                found.append((own, output.shape[1]))

        handles.append(encoder.get_submodule(name).register_forward_hook(note))
    with torch.no_grad():
        encoder(picture)
    for handle in handles:
        handle.remove()
    return found


def _rounded(points: Tensor) -> list[list[float]]:
    scale = float(points.abs().max()) or 1.0
    return [[round(value, 4) for value in point] for point in (points / scale).tolist()]


def _spaced(name: str) -> str:
    """Return the name of a class in words: "CrossEntropy" becomes "cross entropy"."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    return spaced or "loss"
