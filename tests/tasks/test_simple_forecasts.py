import numpy as np

from lamina.evaluation.forecast_baselines import METHODS
from lamina.evaluation.predictions import Predictions
from lamina.tasks.simple_forecasts import simple_forecasts
from tests.runs.tiny import EVERY
from tests.tasks.examples import encoded


def test_every_method_answers_every_origin():
    task, schema, _ = encoded("forecast")
    part = task.histories(EVERY["forecast"].make(), schema).part
    like = Predictions("forecasts", np.zeros((len(part), 4 * 3)), (0.1, 0.5, 0.9))
    found = simple_forecasts(part, like)
    assert [one.name for one in found] == list(METHODS)
    for one in found:
        assert one.predictions.values.shape == (len(part), 12)
        assert np.isfinite(one.predictions.values).all()
    naive = next(one for one in found if one.name == "naive").predictions.decided()
    assert np.allclose(naive, naive[:, :1])  # the last value stays
