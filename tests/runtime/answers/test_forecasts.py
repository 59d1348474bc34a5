"""Forecasts, worked out by hand."""

import numpy as np
import pytest

from lamina.core.errors import BundleError
from lamina.runtime.answers.forecasts import Forecasts

DOCUMENT = {
    "targets": ["x", "y"],
    "levels": [0.1, 0.5, 0.9],
    "horizon": 2,
    "time": "day",
    "series": "shop",
}


def test_numbers_become_lists_of_steps() -> None:
    form = Forecasts.from_document(DOCUMENT)
    # Step by step, in each target by target, in each level by level.
    values = np.arange(12.0)[None]
    (found,) = form.read(values)
    assert form.num_columns == 12
    assert [answer.name for answer in form.answers] == list(found)
    assert list(found)[:6] == ["shop", "day", "x", "x_q10", "x_q50", "x_q90"]
    assert found["shop"] is None
    assert found["day"] is None
    assert found["x"] == found["x_q50"] == [1.0, 7.0]
    assert found["y_q90"] == [5.0, 11.0]
    kinds = {answer.kind: answer.num_steps for answer in form.answers}
    assert kinds == {"series": None, "time": 2, "number": 2, "quantile": 2}


def test_a_table_of_one_series_names_none() -> None:
    form = Forecasts.from_document({**DOCUMENT, "series": ""})
    assert form.answers[0].name == "day"


@pytest.mark.parametrize(
    "change",
    [{"levels": [0.5, 0.1]}, {"levels": [0.1, 0.9]}, {"levels": []}, {"horizon": 0}, {"time": 3}],
)
def test_damaged_documents_are_refused(change) -> None:
    with pytest.raises(BundleError, match="an answer of forecasts"):
        Forecasts.from_document({**DOCUMENT, **change})
