import numpy as np
import pytest

from lamina.evaluation.exponential_smoothing import Model, Smoothing, choose, fit, forecast, models


def _series(trend=0.0, season=(0.0,), noise=0.1, steps=80, seed=0):
    source = np.random.default_rng(seed)
    time = np.arange(steps)
    return (
        10
        + trend * time
        + np.asarray(season)[time % len(season)]
        + noise * source.normal(size=steps)
    )[:, None]


def _set(model, weights, series, period=1, horizon=2):
    smoothing = Smoothing(model, np.asarray(weights, float)[:, None], np.zeros(1))
    last = np.array([len(series) - 1])
    return forecast(series, smoothing, period, last, horizon)[0, :, 0]


def test_simple_smoothing_by_hand():
    series = np.array([[4.0], [8.0], [6.0]])
    # The level starts at the mean of the first steps, 6; weight 1/2: 5, 6.5, 6.25.
    assert _set(Model("A", "N", "N"), [0.5, 0, 0, 1], series).tolist() == [6.25, 6.25]


def test_gaps_leave_the_level_alone():
    series = np.array([[np.nan], [4.0], [np.nan], [8.0], [6.0]])
    assert _set(Model("A", "N", "N"), [0.5, 0, 0, 1], series).tolist() == [6.25, 6.25]


def test_damped_trends_level_off():
    series = np.arange(1.0, 31.0)[:, None]
    linear = _set(Model("A", "A", "N"), [0.5, 0.1, 0, 1.0], series, horizon=3)
    assert linear == pytest.approx([31.0, 32.0, 33.0])
    damped = np.diff(_set(Model("A", "D", "N"), [0.5, 0.1, 0, 0.9], series, horizon=4))
    assert damped[1:] == pytest.approx(0.9 * damped[:-1])


@pytest.mark.parametrize(
    ("series", "period", "wanted"),
    [
        (_series(), 4, {"N"}),
        (_series(season=(0, 3, -1, 2)), 4, {"A", "M"}),
    ],
)
def test_the_season_that_is_there_is_chosen(series, period, wanted):
    best = min(choose(series, period), key=lambda each: float(each.criterion[0]))
    assert best.model.season in wanted
    assert best.model.trend == "N"


def test_growing_waves_ask_for_factors():
    time = np.arange(120)
    wave = 1 + 0.4 * np.sin(2 * np.pi * time / 12)
    series = (50 + 2 * time) * wave * np.exp(0.01 * np.random.default_rng(1).normal(size=120))
    best = min(choose(series[:, None], 12), key=lambda each: float(each.criterion[0]))
    assert best.model.season == "M"
    ahead = forecast(series[:, None], best, 12, np.array([119]), 12)[0, :, 0]
    later = np.arange(120, 132)
    truth = (50 + 2 * later) * (1 + 0.4 * np.sin(2 * np.pi * later / 12))
    assert np.abs(ahead / truth - 1).mean() < 0.05


def test_series_side_by_side_answer_as_alone():
    model = Model("A", "A", "N")
    short = np.vstack([np.full((30, 1), np.nan), _series(trend=0.5, steps=50)])
    both = np.hstack([_series(trend=1.0), short])
    together = fit(both, model, 1)
    assert np.isfinite(together.criterion).all()
    origins = np.array([60, 79])
    answer = forecast(both, together, 1, origins, 3)
    for column in range(2):
        part = Smoothing(model, together.weights[:, [column]], together.criterion[[column]])
        alone = forecast(both[:, [column]], part, 1, origins, 3)
        assert np.allclose(alone[:, :, 0], answer[:, :, column])


def test_models_that_need_positive_values_are_left_out():
    names = {model.name for model in models(has_season=True, is_positive=False)}
    assert names == {
        f"ETS(A,{trend},{season})" for trend in ("N", "A", "Ad") for season in ("N", "A")
    }
    assert len(list(models(has_season=True, is_positive=True))) == 15
    assert len(list(models(has_season=False, is_positive=True))) == 6


def test_a_series_too_short_for_a_model_is_not_given_it():
    assert np.isinf(fit(_series(steps=8), Model("A", "D", "A"), 4).criterion).all()
