"""The table of methods."""

import pytest

from lamina.core.errors import ConfigError
from lamina.explanation.features import AbstractFeatures
from lamina.explanation.table import DEFAULTS, METHODS, default_method, method_for
from tests.explanation.made import convolutions, perceptron, reader


def test_every_kind_of_features_has_a_method():
    kinds = {own.kind for own in AbstractFeatures.__subclasses__()}
    assert set(DEFAULTS) == kinds
    assert set(DEFAULTS.values()) <= set(METHODS)


def test_defaults_suit():
    for asked in (perceptron(), convolutions(), reader([3, 4])):
        assert method_for(default_method(asked), asked)[1] == ("0",)


def test_unknown_and_unfit_methods_are_answered_with_those_that_fit():
    with pytest.raises(ConfigError, match="occlusion"):
        method_for("oclusion", perceptron())
    with pytest.raises(ConfigError, match="Use occlusion or shapley"):
        method_for("grad_cam", perceptron())
