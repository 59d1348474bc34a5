"""Names of answers never hide a target."""

from lamina.runtime.answers.base import beside


def test_names_make_way_for_targets() -> None:
    assert beside("probability", ("y",)) == "probability"
    assert beside("probability", ("probability", "probability_")) == "probability__"
