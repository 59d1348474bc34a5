"""From a run folder to a file that answers anywhere."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from lamina.core.errors import ConfigError, DataError, unknown_name
from lamina.core.files import sha256_of
from lamina.core.hardware import versions
from lamina.data.chosen_rows import fit_rows, gather_rows
from lamina.data.dataset import encode_frame
from lamina.data.parts import Part
from lamina.data.sources.open import open_source
from lamina.data.splits import Split
from lamina.evaluation.comparison import compare
from lamina.evaluation.metrics import score
from lamina.evaluation.predictions import WRITTEN, Predictions
from lamina.export.certificate import Proof, Quality
from lamina.export.expected import ExpectedForecasts
from lamina.export.formats import FORMATS, is_exported
from lamina.export.precision import PRECISIONS
from lamina.export.rows import rows_of
from lamina.export.whole import Exportable
from lamina.export.write import Written, write_onnx, write_program
from lamina.networks.generation import SamplingConfig
from lamina.networks.language_model import LanguageModel
from lamina.runs.generate import generate
from lamina.runs.predictor import Predictor
from lamina.runs.prepare import Rows, infer, read_rows, split
from lamina.runs.request import reading_options
from lamina.runs.run import Run
from lamina.runs.watch import Watch
from lamina.runtime.answers.table import FORMS
from lamina.runtime.continued import Continued
from lamina.runtime.function import BATCH_ROWS, Function
from lamina.tasks.windowed import seen_in_windows
from lamina.training.execution import Execution

TRAINING_ROWS = 20_000
"""Training rows that the signature's figures are measured on."""

NUM_CONTINUED, CONTINUED_TOKENS, PROMPT_CHARACTERS = 8, 48, 60
"""Texts that are written on by the model and by the file, most tokens of each, and most characters
that they begin with."""


def export_run(
    run: Run,
    path: Path | str,
    *,
    precision: str = "float32",
    data: Any = None,
    watch: Watch | None = None,
) -> Written:
    """Write a run's model as one file that holds the whole function, proven on the test rows.

    Args:
        run: A run with a model.
        path: The file; its ending says the format.
        precision: "float32", "float16" (half the size) or "int8" (products of whole numbers); what
            less precision costs in quality and gains in speed stands in the certificate.
        data: Rows to prove it on, and to measure the inputs on, in place of the run's own.
        watch: Takes what happens.

    Raises:
        RunError: The run has no model.
        ConfigError: The ending is unknown, or the network cannot be expressed.
        DataError: The rows cannot be read.
        BundleError: The file disagrees with the model; none is left.
        MissingExtraError: A library is missing.
    """
    path, watch = Path(path), watch or Watch()
    # A task that has none says so, before the work.
    run.predictor.task.form(run.predictor.schema)
    if not is_exported(path):
        raise ConfigError(
            f"the file must end in {' or '.join(FORMATS)}, got {path.name!r}: the ending says "
            "which format is written."
        )
    if precision not in PRECISIONS:
        raise ConfigError(unknown_name("precision", precision, PRECISIONS))
    if precision != "float32" and seen_in_windows(run.predictor.schema):
        raise ConfigError(
            "a model that answers pictures in windows is exported in float32 only, got precision "
            f"{precision!r}: what less of it costs is measured on rows that are answered at once."
        )
    if path.suffix == ".pt2" and precision != "float32":
        raise ConfigError(
            f"a .pt2 file holds float32 only, got precision {precision!r}. Use .onnx."
        )
    if not path.parent.is_dir():
        raise ConfigError(f"the folder {path.parent} does not exist. Make it, or write elsewhere.")
    # Answers are compared in float32, whatever arithmetic this run was trained and tested in.
    model = run.predictor.model.to("cpu")
    predictor = dataclasses.replace(run.predictor, model=model, execution=Execution())
    prove = _prove_histories if predictor.task.reads_targets else _prove_rows
    train, proof = prove(run, predictor, data, watch)
    watch.say(f"Writing {path} and answering the rows with it.")
    what = exportable_of(predictor, run.path.name)
    if path.suffix == ".pt2":
        return write_program(what, path, train=train, proof=proof)
    return write_onnx(what, path, train=train, proof=proof, precision=precision)


def exportable_of(predictor: Predictor, name: str) -> Exportable:
    """Return what an exported model must hold.

    Args:
        predictor: The trained model, on the CPU.
        name: Name of the run.
    """
    recipe = predictor.plan.recipe
    return Exportable(
        name=name,
        task=predictor.task,
        schema=predictor.schema,
        model=predictor.model,
        temperature=predictor.temperature,
        num_views=recipe.answering.views,
        is_mirrored=recipe.augmentation.flip != "none",
        is_running=predictor.is_running,
    )


def _continued(predictor: Predictor, frame: pl.DataFrame) -> tuple[Continued, ...]:
    """Return how texts go on that begin as test rows do; nothing where the model writes none."""
    if not isinstance(predictor.model, LanguageModel):
        return ()
    cells = frame[predictor.schema.inputs[0].name].cast(pl.String).drop_nulls()
    prompts = [cell[:PROMPT_CHARACTERS] for cell in cells.head(NUM_CONTINUED - 1)]
    found = []
    for place, prompt in enumerate(("", *prompts)):
        # Half of them take the likeliest token always, half are drawn.
        sampling = SamplingConfig(temperature=0.8 * (place % 2), top_p=0.95)
        (text,) = generate(
            predictor, prompt, num_tokens=CONTINUED_TOKENS, sampling=sampling, seed=place
        )
        found.append(
            Continued(
                prompt=prompt,
                text=text.text,
                num_tokens=CONTINUED_TOKENS,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=place,
            )
        )
    return tuple(found)


def _prove_rows(
    run: Run, predictor: Predictor, data: Any, watch: Watch
) -> tuple[pl.DataFrame, Proof]:
    """Return training rows, and the proof on rows of a table that are answered one by one."""
    watch.say("Reading the rows to prove it on.")
    train, test = _frames(run, data)
    watch.say(f"Answering {test.height:,} rows with the model.")
    quality = None
    has_targets = all(target.name in test.columns for target in predictor.schema.targets)
    if has_targets and not seen_in_windows(predictor.schema):
        dataset = encode_frame(predictor.schema, test, with_targets=True)
        usable = dataset.usable()
        quality = _quality(predictor, Part(dataset, usable), usable.numpy())
    proof = Proof(
        rows=rows_of(test, predictor.schema),
        expected=predictor.predict(test).to_dicts(),
        continued=_continued(predictor, test),
        quality=quality,
        source=_source(run),
    )
    return train, proof


def _prove_histories(
    run: Run, predictor: Predictor, data: Any, watch: Watch
) -> tuple[pl.DataFrame, Proof]:
    """Return training rows, and the proof on every origin whose future lies in the test part."""
    watch.say("Reading the series to prove it on.")
    if data is not None:
        frame, test = _frames(run, data)[0], None
        train = frame
    else:
        rows, parts = _rows(run)
        frame, test = rows.frame, torch.sort(parts.test).values
        train = frame[torch.sort(parts.train).values.numpy()]
    histories = predictor.task.histories(frame, predictor.schema, test)
    assert histories is not None, "tasks that read the past of targets answer histories"
    if not len(histories):
        raise DataError("no origin of a forecast has its whole future in these rows.")
    watch.say(f"Answering {len(histories):,} origins with the model.")
    part = histories.part
    found = predictor.predictions(predictor.outputs(part.samples, part.index))
    form = predictor.task.form(predictor.schema)
    proof = Proof(
        rows=histories,
        expected=ExpectedForecasts(
            FORMS[form["name"]].from_document(form), found.values, histories
        ),
        quality=_quality(predictor, part, np.arange(len(part))),
        source=_source(run),
    )
    return train, proof


def _quality(predictor: Predictor, part: Part, places: np.ndarray) -> Quality | None:
    """Return what measures answers against the model's own; where each sample is among them."""
    if len(part) < 2:
        return None
    first = predictor.predictions(predictor.outputs(part.samples, part.index))
    truth = predictor.task.truth(part.targets(), predictor.schema, num_samples=len(part))
    metric = predictor.task.metrics[0]

    def quality(function: Function, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        if first.kind in WRITTEN:
            texts = _texts(function, rows, predictor.schema.targets[0].name)
            asked = tuple(texts[place] for place in places)
            second = Predictions(first.kind, np.zeros_like(first.values), texts=asked)
        else:
            values = function.values(rows)[places]
            second = Predictions(first.kind, values, first.levels, num_classes=first.num_classes)
        gain = compare(first, second, truth, metric=metric).gain
        return {
            "metric": metric,
            "value": score(metric, second, truth),
            "value_of_model": score(metric, first, truth),
            "gain": gain.value,
            "low": None if np.isnan(gain.low) else gain.low,
            "high": None if np.isnan(gain.high) else gain.high,
        }

    return quality


def _texts(function: Function, rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Return the answers of free length to rows as texts, tags with blanks between."""
    found = []
    for start in range(0, len(rows), BATCH_ROWS):
        for answer in function.predict(rows[start : start + BATCH_ROWS]):
            cell = answer.get(name) or ""
            found.append(cell if isinstance(cell, str) else " ".join(cell))
    return found


def test_rows(run: Run) -> pl.DataFrame:
    """Return the raw test rows of a run.

    Args:
        run: The run; its data must be where it was.
    """
    return _frames(run, None)[1]


def _frames(run: Run, data: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return raw training rows, or a sample of them, and all raw test rows."""
    if data is not None:
        options = reading_options(run.plan.data.reading)
        frame = open_source(data, options=options).read()
        if not frame.height:
            raise DataError(f"{data} has no rows to prove the file on.")
        return frame, frame
    rows, parts = _rows(run)
    chosen = fit_rows(parts.train, seed=run.plan.seed, max_rows=TRAINING_ROWS)
    train = gather_rows(rows.frames(), chosen)
    test = gather_rows(rows.frames(), torch.sort(parts.test).values)
    return train, test


def _rows(run: Run) -> tuple[Rows, Split]:
    """Return the raw rows of a run, and which of them are training and test rows."""
    config = run.plan.data
    rows = read_rows(config)
    return rows, split(rows, infer(rows, config), config, seed=run.plan.seed)


def _source(run: Run) -> Mapping[str, Any]:
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "run": run.path.name,
        "model": sha256_of(run.folder.model / "network.safetensors"),
        "plan": sha256_of(run.folder.plan),
        "versions": {**versions(), **_library_versions()},
    }


def _library_versions() -> dict[str, str]:
    from importlib.metadata import version
    from importlib.util import find_spec

    names = ("onnx", "onnxscript", "onnxruntime")
    return {name: version(name) for name in names if find_spec(name)}
