"""The table of methods."""

from collections.abc import Iterator
from dataclasses import replace
from inspect import isabstract

import pytest

from lamina.core.errors import ConfigError
from lamina.explanation.features import AbstractFeatures
from lamina.explanation.table import DEFAULTS, METHODS, default_method, method_for
from tests.explanation.made import convolutions, perceptron, reader


def _built(base: type[AbstractFeatures]) -> Iterator[type[AbstractFeatures]]:
    """Yield the classes below another that samples have; those between are bases only."""
    for own in base.__subclasses__():
        if not isabstract(own):
            yield own
        yield from _built(own)


def test_every_kind_of_features_has_a_method():
    kinds = {own.kind for own in _built(AbstractFeatures)}
    assert set(DEFAULTS) == {*kinds, "counted words"}
    assert set(DEFAULTS.values()) <= set(METHODS)


def test_defaults_suit():
    for asked in (perceptron(), convolutions(), reader([3, 4])):
        assert method_for(default_method(asked), asked)[1] == ("0",)


def test_words_of_which_sequences_are_counted_have_a_method_of_their_own():
    asked = reader([3, 4])
    assert default_method(asked) == "occlusion"
    assert default_method(replace(asked, mixed=frozenset(asked.features))) == "banzhaf"
    # Beside a table one scale is needed for both.
    table = perceptron()
    both = replace(asked, features={**table.features, "text": asked.features["0"]})
    assert default_method(replace(both, mixed=frozenset({"text"}))) == "occlusion"


def test_unknown_and_unfit_methods_are_answered_with_those_that_fit():
    with pytest.raises(ConfigError, match="occlusion"):
        method_for("oclusion", perceptron())
    with pytest.raises(ConfigError, match="Use occlusion or banzhaf"):
        method_for("grad_cam", perceptron())
