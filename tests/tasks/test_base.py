import pytest
import torch

from lamina.core.errors import NotFittedError
from lamina.data.schema import infer_schema
from lamina.tasks.base import class_names, label_names, mean_logits, modality_of
from tests.runs.tiny import table
from tests.tasks.examples import encoded


def test_the_mean_is_over_probabilities_not_logits():
    # Two answers, [0.9, 0.1] and [0.5, 0.5]: their mean is [0.7, 0.3].
    logits = torch.log(torch.tensor([[[0.9, 0.1], [0.5, 0.5]]]))
    found = mean_logits(logits)
    assert torch.allclose(found.exp(), torch.tensor([[0.7, 0.3]]))
    one = torch.randn(3, 1, 4)
    assert torch.equal(mean_logits(one), one[:, 0])


def test_classes_and_labels_have_names():
    assert class_names(encoded("classes")[1], "size") == ("large", "middle", "small")
    assert class_names(encoded("boolean")[1], "is_wet") == ("False", "True")
    assert set(label_names(encoded("tags")[1])) == {"hot", "wet", "far", "none"}
    assert label_names(encoded("booleans")[1]) == ("is_warm", "is_wet")


def test_a_schema_must_be_fitted():
    schema = infer_schema(table(), targets=["answer"])
    with pytest.raises(NotFittedError, match="column 'answer' is not fitted"):
        modality_of(schema, "answer")
