"""Fill-ins as figures."""

import math

import numpy as np
import pytest

from lamina.runtime.answers.fill_ins import FillIns


def test_figures_worked_out_by_hand() -> None:
    form = FillIns.from_document({"name": "fill_ins"})
    found = form.read(np.array([[6.0, 3.0, 9.0, 1.0], [0.0, 0.0, 0.0, 0.0]]))
    assert found[0] == pytest.approx(
        {"nats_per_token": 2.0, "fill_accuracy": 1 / 3, "perplexity": math.exp(2), "tokens": 3.0}
    )
    assert found[1]["nats_per_token"] is None
    assert form.num_columns == 4
    assert [answer.name for answer in form.answers] == list(found[0])
