"""The plan: every decision of a run with its reason, as frozen records and as YAML.

The file is made to be read and edited: `lamina plan` writes it, `lamina fit plan.yaml` runs it.
`reasons` maps the path of a decision to one sentence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from lamina.core.config import from_document, part_from_document, part_to_document, to_document
from lamina.core.config import name_of as name_in
from lamina.core.errors import ConfigError, unknown_name
from lamina.core.files import write_atomically
from lamina.data.augmentation import AugmentationConfig
from lamina.data.modalities.base import ModalityOptions
from lamina.data.splits import SplitConfig
from lamina.evaluation.metrics import direction
from lamina.networks.architectures import architecture_from_document, architecture_to_document
from lamina.networks.layers.lora import LoraConfig
from lamina.objectives.table import OBJECTIVES
from lamina.reports.html_table import html_table
from lamina.runs.settings import apply_settings
from lamina.tasks.base import AbstractTask
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.table import TASKS
from lamina.training.config import TrainingConfig

SCHEMA = 1
"""Number of the plan's form; a newer one is refused."""

SECTIONS = (
    "schema",
    "task",
    "seed",
    "data",
    "budget",
    "machine",
    "transfer",
    "network",
    "objective",
    "augmentation",
    "training",
    "answering",
    "reasons",
)
"""Parts of a plan, in the order of the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataConfig:
    """Which rows, which columns, which parts."""

    source: str
    """Path, name or query of the rows."""
    test: str | None = None
    """Source of the test rows; none splits them off."""
    validation: str | None = None
    """Source of the validation rows; none splits them off."""
    target: tuple[str, ...] = ()
    """Columns to predict."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Modality of each column that is used."""
    ignore: tuple[str, ...] = ()
    """Columns left out."""
    named: tuple[str, ...] = ()
    """Those of `columns` and `ignore` that the user named; all others were found out."""
    group: str | None = None
    """Column whose equal cells stay on one side of the split."""
    time: str | None = None
    """Column by whose order the split is made."""
    series: str | None = None
    """Column that tells the series of a long table apart; each is split in time by itself where
    times are plain numbers."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """Options of the source."""
    split: SplitConfig = field(default_factory=SplitConfig)
    """How rows are split."""
    fitting: ModalityOptions = field(default_factory=ModalityOptions)
    """Limits of vocabularies, texts and pictures."""
    storage: Literal["memory", "disk"] = "memory"
    """Where encoded rows lie while training."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetConfig:
    """What training may take."""

    time_s: float | None = None
    """Wall time in seconds."""
    energy_j: float | None = None
    """Energy in joules."""
    max_epochs: float | None = None
    """Passes through the training rows beyond which more time is not used; none for no limit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineConfig:
    """How the machine is used."""

    is_probed: bool = True
    """Whether threads, number type and layout are measured before training and set in
    training.execution; off once they were."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartConfig:
    """Which trained network to start from, and how much of it is trained further."""

    run: str | None = None
    """Folder of the run; none starts from fresh weights."""
    pretrained: str | None = None
    """Published model whose weights an encoder starts from: a folder or hub:owner/name."""
    pretrained_sha256: str | None = None
    """Digest of its files; a folder that holds others is refused."""
    frozen_layers: int | Literal["all"] = 0
    """Layers of the pretrained encoder that stay as they are, from the input on: "all" or a number;
    the vectors of words or patches are the first."""
    lora: LoraConfig = field(default_factory=LoraConfig)
    """Corrections of low rank that are trained in place of the pretrained encoder's layers."""
    freeze: tuple[str, ...] = ()
    """Patterns of parameters that stay as they are, such as "encoders.*"."""
    rate_factor: float = 0.3
    """Factor on the learning rate of the last layer that was taken over."""
    rate_factor_per_layer: float = 0.9
    """Further factor for each layer below it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Every decision of a run."""

    task: str
    """Name of the task."""
    data: DataConfig
    """Rows, columns, parts."""
    recipe: Recipe
    """Network, objective, augmentation, training, answering."""
    budget: BudgetConfig = field(default_factory=BudgetConfig)
    """What training may take."""
    machine: MachineConfig = field(default_factory=MachineConfig)
    """How the machine is used."""
    transfer: StartConfig = field(default_factory=StartConfig)
    """Which network to start from."""
    seed: int = 0
    """Seed of everything random."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """By path: why."""

    def to_document(self) -> dict[str, Any]:
        """Return the plan as plain nested values."""
        objective = self.recipe.objective
        return {
            "schema": SCHEMA,
            "task": self.task,
            "seed": self.seed,
            "data": to_document(self.data),
            "budget": to_document(self.budget),
            "machine": to_document(self.machine),
            "transfer": to_document(self.transfer),
            "network": architecture_to_document(self.recipe.network),
            "objective": part_to_document(name_in(OBJECTIVES, objective), objective),
            "augmentation": to_document(self.recipe.augmentation),
            "training": to_document(self.recipe.training),
            "answering": to_document(self.recipe.answering),
            "reasons": dict(self.reasons),
        }

    def _repr_html_(self) -> str:
        """Return the decisions that have a reason, for notebooks."""
        document = self.to_document()
        rows = []
        for path, reason in self.reasons.items():
            value: Any = document
            for name in path.split("."):
                value = value.get(name, "") if isinstance(value, Mapping) else ""
            shown = value.get("name", "") if isinstance(value, Mapping) else value
            rows.append((path, shown, reason))
        return html_table(("decision", "value", "reason"), rows)

    def with_settings(self, settings: Iterable[str]) -> "Plan":
        """Return the plan with values changed by NAME=VALUE texts.

        Args:
            settings: Texts such as "training.batch_size=128".

        Raises:
            ConfigError: A name or a value is wrong.
        """
        settings = tuple(settings)
        if not settings:
            return self
        document, reasons = self.to_document(), dict(self.reasons)
        for text in settings:
            try:
                document, paths = apply_settings(document, [text])
            except ConfigError:
                # A part that was swapped shows its settings once it is built.
                document = plan_from_document(document).to_document()
                document, paths = apply_settings(document, [text])
            reasons |= dict.fromkeys(paths, "set by the user")
        return replace(plan_from_document(document), reasons=reasons)


def plan_from_document(document: Mapping[str, Any]) -> Plan:
    """Return the plan that nested values hold.

    Args:
        document: As `Plan.to_document` returns it.

    Raises:
        ConfigError: It is of a newer schema, or a name or value in it is wrong.
    """
    _check_sections(document)
    recipe = Recipe(
        network=architecture_from_document(document["network"]),
        objective=part_from_document(OBJECTIVES, document["objective"], what="objective"),
        augmentation=_section(AugmentationConfig, document, "augmentation"),
        training=_section(TrainingConfig, document, "training"),
        answering=_section(AnsweringConfig, document, "answering"),
    )
    if document["task"] not in TASKS:
        raise ConfigError(unknown_name("task", str(document["task"]), TASKS))
    recipe = _fitting_task(recipe, TASKS[document["task"]].value)
    seed = document.get("seed", 0)
    if type(seed) is not int or seed < 0:
        raise ConfigError(f"seed must be a whole number from 0, got {seed!r}.")
    return Plan(
        task=document["task"],
        data=_section(DataConfig, document, "data"),
        recipe=recipe,
        budget=_section(BudgetConfig, document, "budget"),
        machine=_section(MachineConfig, document, "machine"),
        transfer=_section(StartConfig, document, "transfer"),
        seed=seed,
        reasons={str(k): str(v) for k, v in (document.get("reasons") or {}).items()},
    )


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as YAML.

    Args:
        plan: The plan.
        path: Where to.
    """
    head = "# Every decision of a run; change any value and run it with: lamina fit plan.yaml\n"
    body = yaml.safe_dump(
        _plain(plan.to_document()), sort_keys=False, allow_unicode=True, width=100
    )
    write_atomically(path, head + body)


def read_plan(path: Path) -> Plan:
    """Return the plan in a YAML file.

    Args:
        path: The file.

    Raises:
        ConfigError: It cannot be read, is no plan, or is of a newer schema.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the plan {path}: {error}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{path} is no valid YAML{where}. Write a new one with lamina plan."
        ) from error
    if not isinstance(document, Mapping):
        raise ConfigError(f"{path} holds no plan. Write one with: lamina plan SOURCE")
    return plan_from_document(document)


def check_plan_path(path: Path) -> None:
    """Raise an error where no plan can be written to a path, before the work for it is done.

    Args:
        path: Where to write.

    Raises:
        ConfigError: The suffix is wrong, the folder is missing, or something else is there.
    """
    if path.suffix not in (".yaml", ".yml"):
        raise ConfigError(
            f"a plan is written to a file that ends in .yaml or .yml, got {str(path)!r}. "
            f"Try {path.name}.yaml."
        )
    if not path.parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no folder {path.parent}. Make it first.")
    if path.exists() and not _holds_plan(path):
        raise ConfigError(f"{path} is there already and is no plan. Choose another --out.")


def _holds_plan(path: Path) -> bool:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return False
    return isinstance(document, Mapping) and {"schema", "task", "network"} <= document.keys()


def _check_sections(document: Mapping[str, Any]) -> None:
    schema = document.get("schema")
    if type(schema) is not int:
        raise ConfigError(f"this is no plan: its schema is {schema!r}, wanted {SCHEMA}.")
    if schema > SCHEMA:
        raise ConfigError(
            f"the plan has schema {schema}, this Lamina reads up to {SCHEMA}. "
            "Upgrade with: pip install -U lamina"
        )
    for name in document:
        if name not in SECTIONS:
            raise ConfigError(unknown_name("section of the plan", str(name), SECTIONS))
    for name in ("task", "data", "network", "objective"):
        if name not in document:
            raise ConfigError(f"the plan lacks its section {name!r}. Write one with lamina plan.")


def _fitting_task(recipe: Recipe, task: AbstractTask) -> Recipe:
    """Return a recipe that fits a task; which way its metric is better, the metric says itself."""
    name, validation = name_in(OBJECTIVES, recipe.objective), recipe.training.validation
    if name not in task.objectives:
        raise ConfigError(
            f"the objective {name!r} does not fit the task {task.name!r}. "
            f"Use {' or '.join(map(repr, task.objectives))}."
        )
    if validation.metric is None:
        return recipe
    known = dict.fromkeys((*task.metrics, *task.watched))
    if validation.metric not in known:
        what = f"metric of the task {task.name!r}"
        raise ConfigError(unknown_name(what, validation.metric, known))
    validation = replace(validation, is_maximised=direction(validation.metric) > 0)
    return replace(recipe, training=replace(recipe.training, validation=validation))


def _section(kind: type[Any], document: Mapping[str, Any], name: str) -> Any:
    return from_document(kind, document.get(name) or {}, where=name)


def _plain(value: Any) -> Any:
    """Return a value of plain types only: YAML's safe writer knows no tuples."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value
