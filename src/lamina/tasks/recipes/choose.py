"""Which recipe fits the facts: by the kinds of input, then by the task."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from lamina.core.errors import DataError
from lamina.core.table import Entry, table
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.parts import AbstractEncoderConfig
from lamina.objectives.classification import CrossEntropyConfig, MultiLabelConfig
from lamina.objectives.regression import MSEConfig, PinballConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.images import image_recipe
from lamina.tasks.recipes.pairs import pair_recipe
from lamina.tasks.recipes.pretrained import pretrained_recipe
from lamina.tasks.recipes.series import series_recipe
from lamina.tasks.recipes.sounds import sound_recipe
from lamina.tasks.recipes.tabular import MIN_VALIDATION_ROWS, tabular_recipe
from lamina.tasks.recipes.texts import text_recipe

RECIPES: Mapping[str, Entry[Callable[[Facts], Recipe]]] = table(
    Entry("image", image_recipe, "Pictures.", "references in the file"),
    Entry("text", text_recipe, "Texts.", "references in the file"),
    Entry("sound", sound_recipe, "Recordings.", "references in the file"),
    Entry("series", series_recipe, "Series.", "references in the file"),
    Entry("number", tabular_recipe, "Numbers and categories.", "references in the file"),
    Entry("category", tabular_recipe, "Numbers and categories.", "references in the file"),
)
"""By kind of input, the most demanding first: it leads where several kinds come together."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that quantile regression answers: the median, the middle half and a 90 % interval."""


def choose_recipe(facts: Facts, *, task: str) -> Recipe:
    """Return the recipe for these facts.

    Args:
        facts: What the planner knows.
        task: Name of the task.

    Raises:
        DataError: There are no inputs, or one of a kind that this task cannot read.
    """
    if not facts.inputs:
        raise DataError(
            "no column is left to learn from. Name one with a modality, or ask for a forecast of "
            "the target with --horizon."
        )
    unread = sorted(facts.kinds - set(RECIPES))
    if unread:
        names = ", ".join(repr(spec.name) for spec in facts.inputs_of(unread[0]))
        raise DataError(
            f"{names} holds {unread[0]}, which only taggers read. Say what else it is, such as "
            "tags, with --as COLUMN=MODALITY, or leave it out with --ignore."
        )
    kinds = sorted(RECIPES, key=lambda kind: kind not in facts.pretrained)
    leading = next(kind for kind in kinds if kind in facts.kinds)
    if leading in facts.pretrained:
        recipe = pretrained_recipe(facts, leading)
    else:
        recipe = RECIPES[leading].value(facts)
    others = [kind for kind in RECIPES if kind in facts.kinds and kind not in _covered(leading)]
    if others:
        recipe = _joined(recipe, facts, leading, others)
    if facts.pair:
        recipe = pair_recipe(facts, recipe)
    return _for_task(recipe, facts, task)


def _covered(kind: str) -> tuple[str, ...]:
    """Return the kinds that a kind's own recipe has encoders for."""
    return ("number", "category") if kind in ("number", "category") else (kind,)


def _joined(recipe: Recipe, facts: Facts, leading: str, others: list[str]) -> Recipe:
    """Return a recipe with an encoder for every kind and a trunk that joins them."""
    encoders = dict(_encoders(recipe))
    for kind in others:
        own = _encoders(RECIPES[kind].value(facts))
        encoders.update({name: part for name, part in own.items() if name not in encoders})
    kept = {kind: encoders[kind] for kind in encoders if kind in facts.kinds}
    network = ModelConfig(encoders=kept, trunk=MLPConfig(depth=1, width=256, dropout=0.1))
    kinds = ", ".join((leading, *others))
    reasons = {
        **recipe.reasons,
        "network": f"inputs of several kinds ({kinds}): an encoder each, joined by a hidden layer; "
        f"the rest follows the recipe for {leading} inputs",
    }
    return replace(recipe, network=network, reasons=reasons)


def _encoders(recipe: Recipe) -> Mapping[str, AbstractEncoderConfig]:
    assert isinstance(recipe.network, ModelConfig), "a recipe of a kind of input"
    return recipe.network.encoders


def _for_task(recipe: Recipe, facts: Facts, task: str) -> Recipe:
    """Return the recipe with the objective of its task and the metric that keeps its weights."""
    ways = {
        "regression": (MSEConfig(), "squared error: the metric is its root"),
        "quantile_regression": (PinballConfig(quantiles=QUANTILES), "its minimum is the quantile"),
        "multi_label": (MultiLabelConfig(), "labels do not exclude each other"),
    }
    reasons = dict(recipe.reasons)
    if task not in ways:
        reasons.setdefault("objective", "classes exclude each other")
        default = recipe.objective if isinstance(recipe.objective, CrossEntropyConfig) else None
        return replace(recipe, objective=default or CrossEntropyConfig(), reasons=reasons)
    objective, why = ways[task]
    reasons["objective"] = why
    metric = {"regression": "rmse", "quantile_regression": "pinball_loss"}.get(task)
    if facts.num_validation_rows < MIN_VALIDATION_ROWS:
        metric = None
    validation = replace(recipe.training.validation, metric=metric, is_maximised=False)
    training = replace(recipe.training, validation=validation)
    return replace(recipe, objective=objective, training=training, reasons=reasons)
