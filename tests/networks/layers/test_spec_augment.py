"""Hiding runs of bands and frames."""

import torch

from lamina.networks.layers.spec_augment import hide_runs

LOGS = torch.ones(50, 16, 30)
VALID = torch.ones(50, 1, 30, dtype=torch.bool)


def test_runs_of_bands_are_hidden_over_all_frames() -> None:
    torch.manual_seed(0)
    hidden = hide_runs(LOGS, VALID, bands=0.5, frames=0.0)
    assert (hidden == hidden[:, :, :1]).all()
    assert 0.2 < 1 - float(hidden.mean()) < 0.6


def test_runs_of_frames_lie_within_the_sound() -> None:
    torch.manual_seed(0)
    valid = torch.arange(30)[None, None] < torch.full((50, 1, 1), 10)
    hidden = hide_runs(LOGS, valid, bands=0.0, frames=0.5)
    assert (hidden == hidden[:, :1]).all()
    assert (hidden[:, :, 10:] == 1).all()
    assert 0.2 < 1 - float(hidden[:, :, :10].mean()) < 0.6


def test_nothing_is_hidden_where_nothing_is_asked() -> None:
    assert torch.equal(hide_runs(LOGS, VALID, bands=0.0, frames=0.0), LOGS)
