import math

import numpy as np
import pytest
import torch

from lamina.evaluation.predictions import Predictions
from tests.tasks.examples import encoded


def test_tags_are_answered_as_they_are_written():
    task, schema, _ = encoded("tags")
    names = schema.targets[0].fitted.levels
    values = np.full((2, len(names)), 0.1)
    values[0, [0, 2]] = 0.9
    answers = task.answers(Predictions("labels", values), schema)
    assert answers["tags"].to_list() == [f"{names[0]};{names[2]}", ""]
    assert answers[f"probability_{names[0]}"].to_list() == [0.9, 0.1]


def test_yes_and_no_columns_are_answered_each():
    task, schema, _ = encoded("booleans")
    answers = task.answers(Predictions("labels", np.array([[0.9, 0.2], [0.5, 0.4]])), schema)
    assert answers["is_warm"].to_list() == [True, True]
    assert answers["is_wet"].to_list() == [False, False]


def test_the_mean_is_over_probabilities():
    task = encoded("booleans")[0]
    logits = torch.logit(torch.tensor([[[0.9], [0.5]]]))
    assert torch.sigmoid(task.combine(logits)).item() == pytest.approx(0.7)
    sure = torch.full((1, 2, 1), 200.0)
    assert torch.isfinite(task.combine(sure)).all()


def test_combined_logits_keep_the_digits_of_rare_labels():
    # The mean of e-10 and e-12 (nearly) is .5 (4.54e-5 + 6.14e-6): its log-odds by hand.
    logits = torch.tensor([[[-10.0, 10.0], [-12.0, 12.0]]], dtype=torch.float64)
    share = (1 / (1 + math.exp(10)) + 1 / (1 + math.exp(12))) / 2
    wanted = math.log(share / (1 - share))
    found = encoded("booleans")[0].combine(logits.float())
    assert found.tolist()[0] == pytest.approx([wanted, -wanted], rel=2e-6)


def test_targets_of_both_forms_become_labels():
    for name in ("tags", "booleans"):
        task, schema, dataset = encoded(name)
        truth = task.truth(dataset.targets, schema, num_samples=dataset.num_rows)
        assert truth.shape == (dataset.num_rows, sum(s.size for s in task.outputs(schema)))
        assert set(np.unique(truth)) == {0.0, 1.0}
