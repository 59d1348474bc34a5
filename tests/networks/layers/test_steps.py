"""The first layer of series encoders."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.steps import Steps, check_scale, mean_over_steps

NAN = float("nan")


def test_padding_becomes_zeros_and_a_mask() -> None:
    inputs = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [NAN, NAN]]])
    values, valid = Steps()(inputs)
    assert values.tolist() == [[[1.0, 3.0], [2.0, 4.0]], [[5.0, 0.0], [6.0, 0.0]]]
    assert valid.tolist() == [[[True, True]], [[True, False]]]


def test_levelled_series_have_mean_0_and_deviation_1_over_their_own_steps() -> None:
    inputs = torch.tensor([[[1.0], [3.0], [NAN]], [[7.0], [7.0], [7.0]]])
    values, _ = Steps("each")(inputs)
    torch.testing.assert_close(values[0, 0], torch.tensor([-1.0, 1.0, 0.0]))
    assert values[1].abs().max() == 0


def test_the_mean_over_steps_leaves_padding_out() -> None:
    sequence = torch.tensor([[[1.0, 3.0, 100.0]]])
    valid = torch.tensor([[[True, True, False]]])
    assert mean_over_steps(sequence, valid).tolist() == [[2.0]]


def test_an_unknown_scale_is_explained() -> None:
    check_scale("each")
    with pytest.raises(ConfigError, match="scale must be"):
        check_scale("all")
