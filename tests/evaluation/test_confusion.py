import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as reference

from lamina.core.errors import ConfigError
from lamina.evaluation.confusion import confusion_matrix, top_confusions
from tests.evaluation.conftest import make_classes, make_numbers


def test_equals_sklearn():
    predictions, targets = make_classes(100, 4)
    matrix = confusion_matrix(predictions, targets)
    assert (matrix == reference(targets, predictions.decided(), labels=range(4))).all()


def test_top_confusions_by_hand():
    top = top_confusions(np.array([[5, 1, 0], [3, 2, 5], [0, 0, 4]]), count=2)
    assert [(c.true, c.answered, c.num_rows, c.share) for c in top] == [
        (1, 2, 5, 0.5),
        (1, 0, 3, 0.3),
    ]
    assert top_confusions(np.diag([3, 4])) == ()


def test_numbers_are_refused():
    with pytest.raises(ConfigError, match="class predictions"):
        confusion_matrix(*make_numbers())
