"""Forms of answers are those that predictions have."""

from lamina.evaluation.predictions import KINDS
from lamina.runtime.answers.table import FORMS


def test_every_kind_of_predictions_that_is_exported_has_a_form() -> None:
    # Transcripts are texts that are sought in the scores of a single pass.
    assert set(FORMS) == set(KINDS) | {"transcripts"}
