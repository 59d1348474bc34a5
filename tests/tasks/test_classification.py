import numpy as np
import torch

from lamina.evaluation.predictions import Predictions
from tests.tasks.examples import encoded


def test_answers_name_the_class_and_every_probability():
    task, schema, _ = encoded("classes")
    answers = task.answers(
        Predictions("classes", np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1]])), schema
    )
    assert answers.to_dict(as_series=False) == {
        "size": ["middle", "large"],
        "probability": [0.5, 0.7],
        "probability_large": [0.2, 0.7],
        "probability_middle": [0.5, 0.2],
        "probability_small": [0.3, 0.1],
    }


def test_a_thousand_classes_do_not_make_a_thousand_columns():
    import polars as pl

    from lamina.data.schema import fit_schema, infer_schema

    frame = pl.DataFrame(
        {"x": np.arange(600.0) ** 0.5, "y": [f"class {i % 150}" for i in range(600)]}
    )
    schema = fit_schema(infer_schema(frame, targets=["y"]), frame)
    task = encoded("classes")[0]
    found = task.predictions({"y": torch.randn(4, 150)}, schema)
    assert task.answers(found, schema).columns == ["y", "probability"]


def test_a_target_may_be_called_like_a_column_of_the_answers():
    import polars as pl

    from lamina.data.schema import fit_schema, infer_schema

    task = encoded("classes")[0]
    found = Predictions("classes", np.array([[0.25, 0.75]]))
    for name in ("probability", "probability_no"):
        frame = pl.DataFrame({"x": [1.5, 2.5, 0.5, 3.5], name: ["no", "yes", "no", "yes"]})
        schema = fit_schema(infer_schema(frame, targets=[name]), frame)
        answers = task.answers(found, schema)
        assert answers.width == 4
        assert answers.row(0) == ("yes", 0.75, 0.25, 0.75)


def test_probabilities_sum_to_one():
    task, schema, _ = encoded("classes")
    found = task.predictions({"size": 100 * torch.randn(50, 3)}, schema)
    assert np.allclose(found.values.sum(1), 1)
    assert found.values.dtype == np.float64
