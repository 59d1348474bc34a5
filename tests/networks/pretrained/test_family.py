"""What families share."""

import pytest

from lamina.core.errors import BundleError
from lamina.networks.layers.activations import ACTIVATIONS
from lamina.networks.pretrained import family
from lamina.networks.pretrained.files import Settings


def test_every_activation_is_one_of_ours() -> None:
    assert set(family.ACTIVATIONS.values()) <= set(ACTIVATIONS)


def test_an_unknown_activation_is_named() -> None:
    with pytest.raises(BundleError, match="'maxout' is not known; known: gelu"):
        family.activation_of(Settings({"act": "maxout"}, "config.json"), "act")
