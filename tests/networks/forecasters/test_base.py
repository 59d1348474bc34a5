import torch

from lamina.networks.forecasters.base import SeriesSpec, as_steps, by_channel

SPEC = SeriesSpec(look_back=4, horizon=2, channels=3, others=1, size=5)


def test_steps_and_channels_stand_where_they_belong():
    flat = torch.arange(3 * 10).reshape(1, 3, 10)
    steps = as_steps(flat, SPEC)
    assert steps.shape == (1, 2, 3, 5)
    # Channel 1, second step, third number: 10 numbers of channel 0, 5 of the first step, 2 more.
    assert steps[0, 1, 1, 2] == 10 + 5 + 2


def test_the_past_of_other_series_is_left_out():
    past = torch.arange(16).reshape(1, 4, 4)
    assert by_channel(past, SPEC)[0].tolist() == [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14]]
