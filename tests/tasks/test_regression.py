import numpy as np
import torch

from tests.runs.tiny import table
from tests.tasks.examples import encoded


def test_numbers_come_back_in_their_units():
    task, schema, dataset = encoded("numbers")
    truth = task.truth(dataset.targets, schema, num_samples=dataset.num_rows)
    assert np.allclose(truth, table().select("price", "weight").to_numpy(), rtol=1e-4, atol=1e-4)
    found = task.predictions(dataset.targets, schema)
    assert np.allclose(found.values, truth)


def test_several_targets_count_alike():
    task, schema, dataset = encoded("numbers")
    from tests.tasks.examples import facts_of

    loss = task.loss(task.plan(facts_of("numbers")), schema, None)
    batch = dataset.batch(torch.arange(8))
    right = {name: value.clone() for name, value in batch.targets.items()}
    assert torch.allclose(loss(right, batch), torch.zeros(8), atol=1e-6)
    for name in right:
        wrong = {**right, name: right[name] + 2.0}
        assert torch.allclose(loss(wrong, batch), torch.full((8,), 2.0), rtol=1e-4)  # 2² / 2


def test_several_answers_are_averaged():
    task = encoded("number")[0]
    assert task.combine(torch.tensor([[[1.0], [2.0], [6.0]]])).tolist() == [[3.0]]
