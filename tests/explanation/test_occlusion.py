"""Occlusion against numbers worked out by hand, and against captum."""

import captum.attr
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.occlusion import Occlusion
from tests.explanation.made import convolutions, linear, perceptron, reader, worth


def test_a_column_counts_what_it_adds_to_its_references():
    # 2·(1 − 1.5) = −1 and 3·(4 − 1) = 9.
    asked = linear([2.0, 3.0], [1.0, 4.0], [[1.0, 0.0], [2.0, 2.0]])
    assert Occlusion().attribute(asked).values["0"].tolist() == [-1.0, 9.0]


def test_a_word_counts_what_it_adds():
    asked = reader([3, 4, 3, 9])
    found = Occlusion().attribute(asked).values["0"]
    assert torch.allclose(found, worth(asked), atol=1e-6)


def test_columns_equal_captum():
    asked = perceptron()
    wanted = captum.attr.Occlusion(asked.network).attribute(
        asked.inputs["0"], sliding_window_shapes=(1,), target=1
    )
    assert torch.allclose(Occlusion().attribute(asked).values["0"], wanted[0], atol=1e-6)


def test_patches_equal_captum():
    asked = convolutions()
    wanted = captum.attr.Occlusion(asked.network).attribute(
        asked.inputs["0"], sliding_window_shapes=(3, 2, 2), strides=(3, 2, 2), target=0
    )
    found = Occlusion().attribute(asked).values["0"].view(4, 4)
    assert torch.allclose(found, wanted[0, 0, ::2, ::2], atol=1e-6)


def test_sliding_windows_give_each_patch_the_mean_of_those_that_cover_it():
    asked = convolutions()
    wanted = captum.attr.Occlusion(asked.network).attribute(
        asked.inputs["0"], sliding_window_shapes=(3, 4, 4), strides=(3, 2, 2), target=0
    )
    found = Occlusion(window=2).attribute(asked).values["0"].view(4, 4)
    assert torch.allclose(found, wanted[0, 0, ::2, ::2], atol=1e-6)


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="window"):
        Occlusion(window=0)
