"""From a request to a finished run: prepare, plan, train, evaluate, report.

Read `fit` first; each line is one stage. `resume` enters the same path with the plan on disk.
"""

import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lamina.core.errors import ConfigError, DataCheckError
from lamina.core.records import Finding
from lamina.runs.conclude import conclude
from lamina.runs.draft import (
    as_prose,
    check_task,
    choose_task,
    draft_data,
    draft_plan,
    for_prose,
    has_targets,
    settle_early,
    start_of,
    with_columns,
)
from lamina.runs.folder import LOCK, RunFolder, lock_folder, new_run_folder, open_run_folder
from lamina.runs.masked import for_start
from lamina.runs.paired import for_pair
from lamina.runs.plan import DataConfig, Plan, check_plan_path, read_plan, write_plan
from lamina.runs.prepare import (
    Material,
    Rows,
    guess_group,
    guess_target,
    infer,
    make_material,
    read_rows,
    split,
)
from lamina.runs.pretrained import for_pretrained, within_reach
from lamina.runs.request import FitRequest, Roles, column_names
from lamina.runs.run import Run
from lamina.runs.start import as_started, with_start_checked
from lamina.runs.trackers.table import make_tracker, start_tracking
from lamina.runs.train import train_network
from lamina.runs.watch import Watch
from lamina.tasks.table import TASKS
from lamina.training.processes import Processes, process_group


def fit(request: FitRequest, watch: Watch | None = None) -> Run:
    """Carry out a request from data to report.

    Args:
        request: What the user asks; its source may be a plan.
        watch: Takes what happens.

    Returns:
        The finished run; an interrupted one has a usable model and can be resumed.

    Raises:
        DataError: The data cannot be read or learnt from.
        DataCheckError: A check found something severe, and it was not overruled.
        ConfigError: A setting is wrong.
    """
    watch = watch or Watch()
    make_tracker(watch.track)  # what is wrong with it is told before the work
    with process_group() as processes:
        folder = _shared_folder(request, processes)
        with lock_folder(folder) if processes.is_first else nullcontext():
            try:
                plan, material = prepare(request, folder.data, watch)
                _stop_on_severe(material.findings, request)
            except BaseException:
                _leave_nothing(folder, request, processes)
                raise
            if processes.is_first:
                write_plan(plan, folder.plan)
            return _carry_out(folder, plan, material, processes, watch)


def resume(path: Path | str, watch: Watch | None = None) -> Run:
    """Go on with a run that was interrupted; a finished one is returned as it is.

    Args:
        path: The run folder.
        watch: Takes what happens.

    Raises:
        RunError: There is no run there, or another process works on it.
        BundleError: The checkpoint belongs to another plan.
    """
    watch = watch or Watch()
    make_tracker(watch.track)
    folder = open_run_folder(path)
    if folder.status() == "done":
        watch.say(f"{folder.path} is finished already.")
        return Run(folder.path)
    with process_group() as processes, lock_folder(folder) if processes.is_first else nullcontext():
        plan = read_plan(folder.plan)
        material = gather(plan, folder=folder.data, watch=watch)
        return _carry_out(folder, plan, material, processes, watch)


def prepare(
    request: FitRequest, folder: Path, watch: Watch, *, is_judged: bool = True
) -> tuple[Plan, Material]:
    """Return the plan and the material for a request.

    Args:
        request: What the user asks; its source may be a plan.
        folder: Where rows are written that live in memory only, or do not fit there.
        watch: Takes what happens.
        is_judged: Whether the data are checked and the model is to be tested.
    """
    if is_plan(request.source):
        plan = _adapted(read_plan(Path(request.source)), request)
        material = gather(plan, folder=folder, watch=watch)
        check_task(TASKS[plan.task].value, material.schema)
        return plan, material
    request = as_prose(settle_early(request))
    request, data = as_started(request, draft_data(request, folder=folder), watch)
    data = for_prose(for_pretrained(request, for_start(request, data)))
    rows = _read(data, watch)
    columns = rows.frame.columns
    wanted = column_names(data.target, columns)
    target = guess_target(rows, wanted=wanted) if has_targets(request, data, rows) else ()
    data = replace(data, target=target, ignore=column_names(data.ignore, columns))
    data = replace(data, group=guess_group(rows, data))
    schema = infer(rows, data)
    task, why = choose_task(request, schema)
    watch.say(f"Task: {task.name} ({why})")
    num_bytes = int(rows.frame.estimated_size() / max(1, rows.frame.height) * rows.num_rows)
    framed = task.framed(data.fitting, rows.frame, schema)
    data = replace(with_columns(data, schema), fitting=task.fitting(framed, num_bytes, schema))
    data = for_pair(request, within_reach(request, data, schema), schema, rows.frame)
    parts = split(rows, schema, data, seed=request.seed or 0)
    material = make_material(
        rows,
        schema,
        parts,
        data,
        seed=request.seed or 0,
        folder=folder,
        is_judged=is_judged,
    )
    plan = draft_plan(request, data, material, task, why)
    check_parts(plan, material)
    return plan, with_start_checked(plan, material)


def check_parts(plan: Plan, material: Material) -> None:
    """Raise an error where a part of the rows gives no sample, before a run begins.

    Args:
        plan: Every decision.
        material: Rows, schema, split, encoded data.

    Raises:
        DataError: A part has rows, but no sample.
    """
    task, recipe = TASKS[plan.task].value.asked_by(plan.recipe), plan.recipe
    for rows in (material.split.train, material.split.validation, material.split.test):
        task.part(material.dataset, rows, recipe)


def gather(plan: Plan, *, folder: Path, watch: Watch) -> Material:
    """Return the material that a plan names.

    Args:
        plan: Every decision.
        folder: Where encoded rows go if the plan stores them on disk.
        watch: Takes what happens.
    """
    rows = _read(plan.data, watch)
    schema = infer(rows, plan.data)
    parts = split(rows, schema, plan.data, seed=plan.seed)
    material = make_material(rows, schema, parts, plan.data, seed=plan.seed, folder=folder)
    return with_start_checked(plan, material)


def plan_only(request: FitRequest, watch: Watch | None = None) -> Plan:
    """Return the plan for a request, without training; write it where the request says so.

    Args:
        request: What the user asks; `out` is the file to write.
        watch: Takes what happens.

    Raises:
        ConfigError: It cannot be written there, or names data that live in memory only.
    """
    if request.out is not None:
        check_plan_path(request.out)
        _refuse_memory(request)
    with tempfile.TemporaryDirectory() as folder:
        plan = prepare(request, Path(folder), watch or Watch())[0]
    if request.out is not None:
        write_plan(plan, request.out)
    return plan


def check_only(request: FitRequest, watch: Watch | None = None) -> Material:
    """Return the material for a request with what the checks found, without training.

    Args:
        request: What the user asks.
        watch: Takes what happens.
    """
    with tempfile.TemporaryDirectory() as folder:
        return prepare(request, Path(folder), watch or Watch())[1]


def is_plan(source: object) -> bool:
    """Return whether a source is the file of a plan.

    Args:
        source: What the user gave.
    """
    return isinstance(source, (str, Path)) and str(source).endswith((".yaml", ".yml"))


def _read(data: DataConfig, watch: Watch) -> Rows:
    rows = read_rows(data)
    watch.say(f"Read {rows.num_rows:,} rows, {rows.frame.width} columns")
    return rows


def _refuse_memory(request: FitRequest) -> None:
    """Refuse to write a plan whose rows nobody could read again."""
    given = (request.source, request.test, request.validation)
    if not all(what is None or isinstance(what, (str, Path)) for what in given):
        raise ConfigError(
            "the plan of data that live in memory cannot be fitted from its file. Write the data "
            "to a file first, or leave out `out`."
        )


def _carry_out(
    folder: RunFolder, plan: Plan, material: Material, processes: Processes, watch: Watch
) -> Run:
    started = datetime.now(UTC)
    if processes.is_first:
        tracker = start_tracking(watch.track, folder.path, plan, watch.warn)
        watch = replace(watch, tracker=tracker)
    trained = train_network(folder, plan, material, watch)
    if processes.is_first:
        conclude(folder, plan, material, trained, started=started, watch=watch)
    return Run(folder.path)


def _adapted(plan: Plan, request: FitRequest) -> Plan:
    """Return a plan from a file with what the request says beside it."""
    budget = plan.budget
    if request.time_s is not None:
        budget = replace(budget, time_s=request.time_s)
    if request.energy_j is not None:
        budget = replace(budget, energy_j=request.energy_j)
    roles = (request.roles, request.reading, request.test, request.validation)
    if roles != (Roles(), {}, None, None):
        raise ConfigError(
            "a plan names its own data, columns and reading options; change them in the file or "
            "with --set, such as --set data.target=price."
        )
    if request.pretrained is not None:
        raise ConfigError(
            "a plan names its own pretrained model; change it in the file, or plan anew with "
            "--pretrained."
        )
    start = plan.transfer
    if request.from_run is not None:
        start = replace(start, run=start_of(request))
    seed = plan.seed if request.seed is None else request.seed
    plan = replace(plan, budget=budget, transfer=start, seed=seed)
    objective = () if request.objective is None else (f"objective={request.objective}",)
    return plan.with_settings((*objective, *request.settings))


def _stop_on_severe(findings: tuple[Finding, ...], request: FitRequest) -> None:
    severe = [finding for finding in findings if finding.severity == "severe"]
    if not severe or request.is_overruled:
        return
    told = "\n".join(f"- {f.check}: {f.message} {f.remedy}" for f in severe)
    raise DataCheckError(
        f"the checks before training found {len(severe)} severe "
        f"{'fault' if len(severe) == 1 else 'faults'}:\n{told}\n"
        "Mend the data, or go on in spite of it with --overrule."
    )


def _shared_folder(request: FitRequest, processes: Processes) -> RunFolder:
    """Return the run folder; with several processes the first makes it for all."""
    made = None
    if processes.is_first:
        made = str(new_run_folder(request.out, stem=stem_of(request.source)).path)
    path = made if processes.count == 1 else processes.share(made)
    return RunFolder(Path(str(path)))


def stem_of(source: object) -> str:
    """Return a short name of a source for its run folder.

    Args:
        source: What the user gave.
    """
    if not isinstance(source, (str, Path)):
        return "data"
    path = Path(str(source))
    name = path.name.split(".")[0] or path.parent.name
    return path.resolve().parent.name if is_plan(source) and name == "plan" else name


def _leave_nothing(folder: RunFolder, request: FitRequest, processes: Processes) -> None:
    """Remove what was made for a run that never began, so that no empty runs pile up."""
    if not processes.is_first or folder.plan.exists():
        return
    shutil.rmtree(folder.data, ignore_errors=True)
    (folder.path / LOCK).unlink(missing_ok=True)
    if request.out is None:
        folder.path.rmdir()
