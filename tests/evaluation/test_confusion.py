import pytest
from sklearn.metrics import confusion_matrix as reference

from lamina.core.errors import ConfigError
from lamina.evaluation.confusion import confusion_matrix
from tests.evaluation.conftest import make_classes, make_numbers


def test_equals_sklearn():
    predictions, targets = make_classes(100, 4)
    matrix = confusion_matrix(predictions, targets)
    assert (matrix == reference(targets, predictions.decided(), labels=range(4))).all()


def test_numbers_are_refused():
    with pytest.raises(ConfigError, match="class predictions"):
        confusion_matrix(*make_numbers())
