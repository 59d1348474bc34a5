"""Likelihoods as figures."""

import math

import numpy as np
import pytest

from lamina.runtime.answers.likelihoods import Likelihoods


def test_figures_worked_out_by_hand() -> None:
    form = Likelihoods.from_document({"name": "likelihoods"})
    found = form.read(np.array([[6.0, 3.0, 6.0], [0.0, 0.0, 0.0]]))
    assert found[0] == pytest.approx(
        {
            "nats_per_token": 2.0,
            "bits_per_byte": 1 / math.log(2),
            "perplexity": math.exp(2),
            "tokens": 3.0,
        }
    )
    assert found[1] == {
        "nats_per_token": None,
        "bits_per_byte": None,
        "perplexity": None,
        "tokens": 0.0,
    }
    assert form.num_columns == 3
    assert [answer.name for answer in form.answers] == list(found[0])
