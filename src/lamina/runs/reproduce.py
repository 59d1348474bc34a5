"""Run a plan again, perhaps on another machine, and say how the result compares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lamina.core.errors import RunError
from lamina.core.files import sha256_of
from lamina.runs.compare import compare_runs
from lamina.runs.fit import resume
from lamina.runs.folder import new_run_folder
from lamina.runs.plan import BudgetConfig, Plan, write_plan
from lamina.runs.run import Run
from lamina.runs.watch import Watch


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How a repetition compares with its original."""

    path: Path
    """Folder of the repetition."""
    verdict: str
    """"identical" (weights bit by bit), "within noise" or "different"."""
    sentence: str
    """The same in plain words."""
    changes: tuple[str, ...]
    """What of the receipt differs: code, data, versions, hardware."""


def reproduce(
    path: Path | str, *, out: Path | None = None, watch: Watch | None = None
) -> Reproduction:
    """Carry out a finished run's plan again with the same number of steps.

    Args:
        path: Folder of the run.
        out: Folder of the repetition; None makes a new one beside it.
        watch: Takes what happens.

    Raises:
        RunError: The run is not finished.
    """
    original = Run(path)
    if original.status != "done":
        raise RunError(
            f"{original.path} is {original.status}, so there is nothing to compare with. "
            f"Finish it with: lamina resume {original.path}"
        )
    plan = repeatable(original.plan, original.evaluation)
    folder = new_run_folder(out, stem=f"{original.path.name}-again", root=original.path.parent)
    write_plan(plan, folder.plan)
    again = resume(folder.path, watch)
    changes = _changes(original, again)
    if _weights(original) == _weights(again):
        sentence = "The repetition is identical: every weight agrees bit by bit."
        return Reproduction(again.path, "identical", sentence, changes)
    comparison = compare_runs(original.path, again.path)
    verdict = "different" if comparison.outcome in ("better", "worse") else "within noise"
    return Reproduction(again.path, verdict, comparison.sentence, changes)


def repeatable(plan: Plan, evaluation: Mapping[str, Any]) -> Plan:
    """Return a finished run's plan with what its budget and the machine decided written into it.

    Args:
        plan: The plan of the run.
        evaluation: Its evaluation.json.
    """
    told = evaluation["training"]
    # One that validation stopped early is to stop by itself again, under the same schedule.
    steps = told.get("total_steps", told["steps"]) if told["is_stopped_early"] else told["steps"]
    return replace(
        plan,
        budget=BudgetConfig(),
        machine=replace(plan.machine, is_probed=False),
        recipe=replace(plan.recipe, training=replace(plan.recipe.training, steps=steps)),
    )


def _weights(run: Run) -> str:
    return sha256_of(run.folder.model / "network.safetensors")


def _changes(one: Run, other: Run) -> tuple[str, ...]:
    """Return what differs between two receipts, one line each."""
    first, second = (run.folder.read_json(run.folder.receipt) for run in (one, other))
    lines = []
    for section in ("versions", "hardware", "hashes"):
        for name in sorted(first[section].keys() | second[section].keys()):
            old, new = first[section].get(name), second[section].get(name)
            if old != new and name not in ("plan", "model"):
                lines.append(f"{section}.{name}: {old} → {new}")
    return tuple(lines)
