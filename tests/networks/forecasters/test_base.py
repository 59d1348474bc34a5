import torch

from lamina.networks.forecasters.base import SeriesSpec, as_steps

SPEC = SeriesSpec(look_back=4, horizon=2, channels=3, others=1, size=5)


def test_steps_and_channels_stand_where_they_belong():
    flat = torch.arange(3 * 10).reshape(1, 3, 10)
    steps = as_steps(flat, SPEC)
    assert steps.shape == (1, 3, 5, 2)
    # Channel 1, third number, second step: 10 numbers of channel 0, 2 steps of 2 numbers, 1 more.
    assert steps[0, 1, 2, 1] == 10 + 2 * 2 + 1
    assert torch.equal(as_steps(flat.flatten(1), SPEC), steps)
