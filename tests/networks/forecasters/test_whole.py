import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.forecasters.base import SeriesSpec
from lamina.networks.forecasters.whole import ForecasterConfig
from tests.networks.forecasters.made import answers, build, samples


@pytest.mark.parametrize("normalisation", ["window", "last"])
def test_answers_move_and_stretch_with_the_series(normalisation):
    model = build(ForecasterConfig(normalisation=normalisation, cycle=False)).eval()
    inputs = samples()
    with torch.no_grad():
        plain = answers(model, inputs)
        moved = answers(model, {**inputs, "past": inputs["past"] * 8.0 + 100.0})
    assert torch.allclose(moved[2:], plain[2:] * 8.0 + 100.0, atol=1e-2)


@pytest.mark.parametrize("gap", [float("nan"), float("inf"), float("-inf")])
def test_gaps_count_for_nothing(gap):
    spec = SeriesSpec(look_back=4, horizon=1, channels=1)
    model = build(ForecasterConfig(), spec).eval()
    past = torch.tensor([[[1.0], [gap], [3.0], [gap]], [[gap]] * 4])
    with torch.no_grad():
        answer = answers(model, _inputs(past, horizon=1), spec)
    # The normalised past has mean 0, so the answer is its center: 2; without any step it is 0.
    assert answer.flatten().tolist() == pytest.approx([2.0, 0.0], abs=1e-6)


def test_the_cycle_is_given_back_at_its_place():
    spec = SeriesSpec(look_back=4, horizon=3, channels=1, period=3)
    model = build(ForecasterConfig(normalisation="none"), spec).eval()
    with torch.no_grad():
        model.cycle.copy_(torch.tensor([[0.0], [10.0], [20.0]]))
        past = torch.tensor([10.0, 20.0, 0.0, 10.0]).reshape(1, 4, 1)
        answer = answers(model, {**_inputs(past, horizon=3), "phase": torch.tensor([1])}, spec)
    # The past is the cycle from its place 1 on and nothing more; so is the future, from place 2.
    assert answer.flatten().tolist() == pytest.approx([20.0, 0.0, 10.0])


def test_what_is_known_ahead_has_effects_on_its_own_step():
    spec = SeriesSpec(look_back=4, horizon=2, channels=1, known=1)
    model = build(ForecasterConfig(covariate_width=0, normalisation="none"), spec)
    with torch.no_grad():
        model.effects.weight.fill_(3.0)
        known = torch.tensor([9.0, 9.0, 9.0, 9.0, 1.0, 2.0]).reshape(1, 6, 1)
        inputs = {**_inputs(torch.zeros(1, 4, 1), horizon=2), "known": known}
        answer = answers(model, inputs, spec)
    assert answer.flatten().tolist() == pytest.approx([3.0, 6.0])


def test_a_large_spread_does_not_enlarge_the_rounding_of_what_quantiles_share():
    torch.manual_seed(0)
    spec = SeriesSpec(look_back=14, horizon=3, channels=1, size=5, period=7)
    model = build(ForecasterConfig(), spec).eval()
    with torch.no_grad():
        model.cycle.normal_()
        for weight in model.backbone.parameters():
            weight.copy_(1e-3 * torch.randn_like(weight))
        model.spread.fill_(1e3)
        past = 30.0 + torch.randn(16, 14, 1)
        inputs = {**_inputs(past, horizon=3), "phase": torch.arange(16) % 7}
        found = answers(model, inputs, spec)
        exact = answers(model.double(), {**inputs, "past": past.double()}, spec)
    assert (exact[..., 4] - exact[..., 0]).abs().max() > 1.0
    assert (found - exact).abs().max() < 2e-4


def test_learns_a_wave():
    torch.manual_seed(0)
    series = torch.sin(torch.arange(400) * 2 * torch.pi / 12)
    windows = series.unfold(0, 30, 1)[:, :, None]
    spec = SeriesSpec(look_back=24, horizon=6, channels=1, period=12)
    model = build(ForecasterConfig(), spec)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    inputs = {**_inputs(windows[:, :24], horizon=6), "phase": torch.arange(len(windows)) % 12}
    for _ in range(150):
        answer = answers(model, inputs, spec)[..., 0]
        loss = (answer - windows[:, 24:]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.01  # the variance is 0.5


def test_refuses_what_cannot_be():
    with pytest.raises(ConfigError, match="covariate_width"):
        ForecasterConfig(covariate_width=-1)
    with pytest.raises(ConfigError, match="horizon"):
        ForecasterConfig(horizon=0)
    windows = [InputSpec("past", "window", (), (9, 1)), InputSpec("known", "window", (), (12, 0))]
    with pytest.raises(ConfigError, match="look_back and horizon alike"):
        ForecasterConfig(look_back=8, horizon=3).build(windows, [OutputSpec("y", 3)])


def _inputs(past, *, horizon):
    """Return windows of a past with nothing known ahead, all at the start of the cycle."""
    rows, steps = past.shape[:2]
    phase = torch.zeros(rows, dtype=torch.int64)
    return {"past": past, "known": past.new_zeros(rows, steps + horizon, 0), "phase": phase}
