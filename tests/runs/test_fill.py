"""Filling in with a run."""

import pytest

from lamina.core.errors import ConfigError
from lamina.runs.fill import EVERY, PLACE, fill, filled_examples, fills
from tests.runs.tiny import finished


def test_each_hidden_place_is_filled_in_and_the_rest_stays() -> None:
    predictor = finished("masked").predictor
    assert fills(predictor)
    found = fill(predictor, f"sea{PLACE}is {PLACE}.", num_candidates=3)
    assert len(found.candidates) == 2
    assert all(len(place) == 3 for place in found.candidates)
    first, second = (place[0][0] for place in found.candidates)
    assert found.text == f"sea{first}is{second}."
    shares = [share for _, share in found.candidates[0]]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-6


def test_what_cannot_be_filled_in_is_explained() -> None:
    predictor = finished("masked").predictor
    with pytest.raises(ConfigError, match="nothing is missing"):
        fill(predictor, "the sea")
    with pytest.raises(ConfigError, match="at most 16 are read"):
        fill(predictor, f"the sea is blue and cold {PLACE}")
    with pytest.raises(ConfigError, match="fills in nothing"):
        fill(finished("language").predictor, PLACE)


def test_the_report_shows_examples() -> None:
    run = finished("masked")
    told = run.evaluation["filled"]
    hidden = [piece for pieces in told for piece in pieces if "filled" in piece]
    assert told
    assert hidden
    assert all(len(piece["text"]) == 1 for piece in hidden)  # bytes
    assert len(hidden) <= sum(len(p["text"]) for ps in told for p in ps) / (EVERY - 1) + len(told)
    assert "What it fills in" in run.folder.report.read_text(encoding="utf-8")
    assert filled_examples(finished("language").predictor, None) is None
