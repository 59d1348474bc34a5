"""What follows training: bundle, evaluation, receipt, report, in this order.

Each file is written whole or not at all, and the report last, so that a run that was killed here is
finished by `resume` without training again.
"""

import time
from datetime import UTC, datetime

import numpy as np
import torch

from lamina.core.bundle import write_tensors
from lamina.core.durations import format_duration
from lamina.core.errors import RunError
from lamina.core.files import write_atomically
from lamina.evaluation.predictions import WRITTEN
from lamina.reports.render import render_report
from lamina.runs.compare import as_bytes
from lamina.runs.content import make_content
from lamina.runs.evaluate import Tested, evaluate, plain
from lamina.runs.fill import filled_examples
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan
from lamina.runs.prepare import Material
from lamina.runs.receipt import make_receipt
from lamina.runs.trackers.base import Outcome
from lamina.runs.train import Trained
from lamina.runs.understand import limit_of, understand
from lamina.runs.watch import Watch
from lamina.runs.written import written


def conclude(
    folder: RunFolder,
    plan: Plan,
    material: Material,
    trained: Trained,
    *,
    started: datetime,
    watch: Watch,
) -> None:
    """Write what a finished training leaves behind.

    Args:
        folder: The run folder.
        plan: Every decision.
        material: Rows, schema, split.
        trained: The model and how training went.
        started: When the run began.
        watch: Takes what happens.

    Raises:
        RunError: The run folder cannot be written to.
    """
    try:
        _write_all(folder, plan, material, trained, started=started, watch=watch)
    except OSError as error:
        raise RunError(
            f"cannot write to {folder.path}: {error.strerror or error}. Nothing is lost: free some "
            f"space or mend the permissions, and go on with: lamina resume {folder.path}"
        ) from error


def _write_all(
    folder: RunFolder,
    plan: Plan,
    material: Material,
    trained: Trained,
    *,
    started: datetime,
    watch: Watch,
) -> None:
    trained.predictor.save(folder.model)
    result = trained.result
    watch.say(
        f"Trained {result.steps:,} steps ({result.epochs:.1f} epochs) in "
        f"{format_duration(result.seconds)}"
        + (", interrupted: the model so far is kept" if result.is_interrupted else "")
    )
    begin = time.monotonic()
    document, tested = evaluate(trained, material, seed=plan.seed)
    document["test_touched"] = _times_touched(folder)
    document["training"] = {
        **{k: v for k, v in plain(result).items() if k != "history"},
        "evaluation_seconds": time.monotonic() - begin,
    }
    texts = written(trained.predictor, material)
    if texts is not None:
        document["written"] = texts
    filled = None if tested.part is None else filled_examples(trained.predictor, tested.part)
    if filled is not None:
        document["filled"] = filled
    save_answers(folder, tested)
    seconds = (datetime.now(UTC) - started).total_seconds()
    receipt = make_receipt(folder, plan, material, started=started, seconds=seconds)
    folder.write_json(folder.receipt, receipt)
    # An older report beside the new evaluation would pass for a finished run.
    folder.report.unlink(missing_ok=True)
    folder.write_json(folder.evaluation, document)
    told, memory = understand(trained, material, document, limit=limit_of(float(result.seconds)))
    if memory is not None:
        memory.save(folder.representations)
    folder.write_json(folder.explanation, told)
    content = make_content(folder, trained.predictor.plan, material, document, receipt)
    write_atomically(folder.report, render_report(content))
    watch.tracker.finish(Outcome(document, folder.report))
    watch.show(content, folder.report)


def _times_touched(folder: RunFolder) -> int:
    """Return how many models of this run have answered the test rows, this one included.

    More than one only where a run was interrupted, and then resumed after it was evaluated.
    """
    if not folder.evaluation.exists():
        return 1
    before = int(folder.read_json(folder.evaluation).get("test_touched", 0))
    # Without a report it is the same model that answers again.
    return before + 1 if folder.status() == "unfinished" else max(1, before)


def save_answers(folder: RunFolder, tested: Tested) -> None:
    """Write the answers to the test rows, from which runs are compared.

    Args:
        folder: The run folder.
        tested: Answers, truth and entities.
    """
    arrays = {"rows": tested.rows, "values": tested.predictions.values, "truth": tested.truth}
    if tested.groups is not None:
        arrays["groups"] = tested.groups
    if tested.predictions.kind in WRITTEN:
        arrays["texts"] = as_bytes(tested.predictions.texts)
        arrays["truth"] = as_bytes(tested.truth.tolist())
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    kind, levels = tested.predictions.kind, list(tested.predictions.levels)
    write_tensors(
        folder.answers,
        tensors,
        {"kind": kind, "levels": levels, "num_classes": tested.predictions.num_classes},
    )
