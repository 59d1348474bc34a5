"""Every recipe, for facts of every kind, size and machine: it builds, learns and can be written."""

import pytest
import torch
import yaml

from lamina.networks.model import ModelConfig
from lamina.runs.plan import DataConfig, Plan, plan_from_document, write_plan
from lamina.tasks.recipes.choose import RECIPES, choose_recipe
from lamina.training.groups import parameter_groups
from tests.runs.tiny import EXAMPLES
from tests.tasks.examples import encoded, facts_of, variations


def take_a_step(task, schema, dataset, recipe):
    torch.manual_seed(0)
    model = recipe.network.build(task.asked_inputs(schema), task.outputs(schema))
    part = task.explained(dataset, dataset.usable(), recipe)
    batch = part.samples.batch(part.index[:12])
    model.initialise(batch.inputs, batch.targets)
    loss = task.loss(recipe, schema, None)
    groups = parameter_groups(model, rates=recipe.training.rates)
    optimizers = recipe.training.optimizer.build(groups)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    model.train()
    first = loss(model(batch.inputs), batch)
    assert first.shape == (12,)
    first.mean().backward()
    for optimizer in optimizers:
        optimizer.step()
    after = dict(model.named_parameters())
    assert any(not torch.equal(value, after[name]) for name, value in before.items())
    assert all(torch.isfinite(value).all() for value in after.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_recipe_builds_and_takes_a_step(name):
    task, schema, dataset = encoded(name)
    take_a_step(task, schema, dataset, task.plan(facts_of(name)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_size_budget_and_machine_gives_a_plan_that_survives_its_file(name, tmp_path):
    task, schema, _ = encoded(name)
    networks = set()
    for facts in variations(facts_of(name)):
        recipe = task.plan(facts)
        plan = Plan(task=task.name, data=DataConfig(source="x"), recipe=recipe)
        write_plan(plan, tmp_path / "plan.yaml")
        document = yaml.safe_load((tmp_path / "plan.yaml").read_text())
        again = plan_from_document(document)
        assert again.to_document() == plan.to_document()
        assert recipe.training.total_steps(facts.num_samples) >= 1
        text = yaml.safe_dump(document["network"])
        if text not in networks:
            networks.add(text)
            own = task.asked_by(recipe)
            recipe.network.build(own.asked_inputs(schema), own.outputs(schema))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_chosen_has_a_reason_at_a_place_of_the_plan(name):
    task, _, _ = encoded(name)
    for facts in variations(facts_of(name)):
        recipe = task.plan(facts)
        plan = Plan(task=task.name, data=DataConfig(source="x"), recipe=recipe)
        assert {"network", "objective"} <= recipe.reasons.keys()
        for path, reason in recipe.reasons.items():
            assert len(reason) > 10
            place = plan.to_document()
            for key in path.split("."):
                assert key in place, path
                place = place[key]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_of_input_has_an_encoder(name):
    task, _, _ = encoded(name)
    facts = facts_of(name)
    network = task.plan(facts).network
    if isinstance(network, ModelConfig):
        assert facts.kinds <= set(network.encoders)
    assert facts.kinds <= set(RECIPES)


def test_each_task_has_its_objective():
    facts = facts_of("binary")
    found = {
        task: type(choose_recipe(facts, task=task).objective).__name__
        for task in ("classification", "multi_label", "regression", "quantile_regression")
    }
    assert found == {
        "classification": "CrossEntropyConfig",
        "multi_label": "MultiLabelConfig",
        "regression": "MSEConfig",
        "quantile_regression": "PinballConfig",
    }
