"""Hiding runs of bands and frames."""

import torch

from lamina.networks.layers.spec_augment import colour_bands, hide_runs, stretch_bands

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


def test_a_colour_is_one_smooth_curve_for_each_recording() -> None:
    torch.manual_seed(0)
    logs = torch.zeros(400, 16, 30)
    found = colour_bands(logs, VALID[:1].expand(400, 1, 30), strength=0.7)
    assert (found == found[:, :, :1]).all()
    curves = found[:, :, 0]
    assert not torch.equal(curves[0], curves[1])
    # At its ends the curve is a knot; between knots it is a line, which is less wide.
    assert abs(float(curves[:, 0].std()) - 0.7) < 0.06
    assert float(curves.diff(dim=1).abs().max()) < 2 * 1.8 * 0.7 * 6 / 16


def test_behind_the_end_stay_zeros() -> None:
    torch.manual_seed(0)
    valid = torch.arange(30)[None, None] < torch.full((50, 1, 1), 10)
    found = colour_bands(LOGS * valid, valid, strength=1.0)
    assert found[:, :, 10:].abs().max() == 0
    assert stretch_bands(LOGS * valid, most=0.3)[:, :, 10:].abs().max() == 0


def test_stretched_bands_keep_the_lowest_and_move_the_others_along_lines() -> None:
    torch.manual_seed(0)
    ramp = torch.arange(16.0)[None, :, None].expand(50, 16, 3)
    found = stretch_bands(ramp, most=0.2)
    assert (found[:, 0] == 0).all()
    factors = found[:, 5, 0] / 5
    assert 0.8 <= factors.min() < 0.85
    assert 1.15 < factors.max() <= 1.2
    torch.testing.assert_close(found[:, 10, 1], 10 * factors)
    assert found.max() <= 15
    torch.testing.assert_close(stretch_bands(ramp, most=0.0), ramp)
