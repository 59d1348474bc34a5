"""The task that tells identities apart."""

from dataclasses import replace

import numpy as np
import torch

from lamina.data.modalities.base import ModalityOptions
from lamina.networks.angular import AngularHeadConfig
from lamina.tasks.recognition import MAX_SIZE, WIDTH, Recognition
from tests.tasks.examples import encoded, facts_of

TASK = Recognition(width=2)


def outputs(*angles: float) -> dict[str, torch.Tensor]:
    """Return embeddings in a plane, and cosines with forty centres."""
    turn = torch.tensor(angles)
    vectors = torch.stack([turn.cos(), turn.sin()], dim=1)
    centers = torch.linspace(0, 3, 40)
    return {"who": torch.cat([vectors, torch.cos(turn[:, None] - centers)], dim=1)}


def test_answers_name_the_nearest_known_identity() -> None:
    _, schema, _ = encoded("identity")
    found = TASK.predictions(outputs(0.0, 3.0), schema)
    assert found.kind == "embeddings"
    names = TASK.choices(schema)
    assert len(names) == 40
    answers = TASK.answers(found, schema)
    assert answers["who"].to_list() == [names[0], names[39]]
    np.testing.assert_allclose(answers["similarity"], [1, 1], rtol=1e-6)
    assert len(answers["embedding"][0]) == 2
    assert TASK.chosen(found).tolist() == [0, 39]


def test_several_answers_are_averaged_and_brought_to_length_1() -> None:
    _, schema, _ = encoded("identity")
    both = torch.stack([outputs(0.2)["who"], outputs(0.6)["who"]], dim=1)
    found = TASK.predictions({"who": TASK.combine(both)}, schema)
    np.testing.assert_allclose(found.values[0, 2:], [np.cos(0.4), np.sin(0.4)], rtol=1e-6)


def test_the_loss_reads_the_cosines_alone() -> None:
    task, schema, dataset = encoded("identity")
    recipe = task.plan(facts_of("identity"))
    batch = dataset.batch(torch.arange(3))
    found = outputs(0.1, 0.5, 0.9)
    loss = TASK.loss(recipe, schema, None)(found, batch)
    turned = {"who": found["who"].clone()}
    turned["who"][:, :2] = 7.0
    assert loss.shape == (3,)
    assert torch.equal(TASK.loss(recipe, schema, None)(turned, batch), loss)


def test_pictures_are_small_unless_the_user_wants_more() -> None:
    assert TASK.fitting(ModalityOptions(), 0).max_size == MAX_SIZE
    assert TASK.fitting(ModalityOptions(max_size=112), 0).max_size == 112


def test_the_width_is_that_of_the_head() -> None:
    task, schema, _ = encoded("identity")
    recipe = task.plan(facts_of("identity"))
    assert task.outputs(schema)[0].size == WIDTH + 40
    narrow = replace(recipe, network=replace(recipe.network, head=AngularHeadConfig(width=7)))
    assert task.asked_by(narrow).outputs(schema)[0].size == 7 + 40


def test_the_baseline_sees_the_pixels() -> None:
    task, schema, dataset = encoded("identity")
    recipe = task.plan(facts_of("identity"))
    known = task.part(dataset, torch.arange(48), recipe)
    asked = task.part(dataset, torch.arange(48, 96), recipe)
    (found,) = task.baselines(known, asked, TASK.predictions(outputs(0.0), schema))
    assert found.predictions.num_rows == 48
    assert "training rows" in found.note
