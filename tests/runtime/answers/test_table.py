"""Forms of answers are those that predictions have."""

from lamina.evaluation.predictions import KINDS
from lamina.runtime.answers.table import FORMS


def test_every_kind_of_predictions_that_is_exported_has_a_form() -> None:
    # Of texts, those are exported whose scores come from one pass: transcripts.
    assert set(FORMS) == set(KINDS) - {"forecasts", "texts"} | {"transcripts"}
