"""Written answers for a report."""

import numpy as np
import pytest

from lamina.runs.answered import MOST_ANSWERS, MOST_LOOKS
from tests.runs.tiny import EVERY, finished


@pytest.mark.parametrize("name", ["text_to_text", "transcription"])
def test_answers_are_shown_beside_what_is_right_and_what_they_rest_on(name) -> None:
    run = finished(name)
    told = run.evaluation["answers"]
    frame = EVERY[name].make()
    assert 0 < len(told["rows"]) <= MOST_ANSWERS
    for one in told["rows"]:
        assert one["truth"] == frame[EVERY[name].target][one["row"]]
        assert one["error"] >= 0
        if name == "text_to_text":
            assert one["read"] == frame["text"][one["row"]]
        else:
            assert one["read"] == ""
    errors = [one["error"] for one in told["rows"]]
    assert errors[0] == max(errors)
    assert len(told["looks"]) <= MOST_LOOKS
    for one in told["looks"]:
        shares = np.array(one["shares"])
        assert shares.shape == (len(one["down"]), len(one["across"]))
        if name == "text_to_text":
            assert np.allclose(shares.sum(1), 1, atol=0.03)
    page = run.folder.report.read_text()
    assert "Answers of the test part" in page
    assert ("What answers rest on" in page) == bool(told["looks"])
