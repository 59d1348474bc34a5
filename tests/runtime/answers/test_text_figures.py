"""What forms of figures of texts have in common."""

import numpy as np
import pytest

from lamina.runtime.answers.fill_ins import FillIns
from lamina.runtime.answers.likelihoods import Likelihoods


@pytest.mark.parametrize("form", [FillIns, Likelihoods])
def test_answers_are_the_figures_by_name_and_none_where_there_is_no_token(form) -> None:
    made = form.from_document({"name": form.name})
    assert made.num_columns == form.columns
    assert [answer.name for answer in made.answers] == list(form.names)
    empty, full = made.read(np.stack([np.zeros(form.columns), np.full(form.columns, 2.0)]))
    assert list(empty) == list(full) == list(form.names)
    assert empty["nats_per_token"] is None
    assert (full["nats_per_token"], full["tokens"]) == (1.0, 2.0)
