"""Explanations as JSON."""

import json

from lamina.explanation.records import (
    CheckRecord,
    FeatureAttribution,
    InputAttribution,
    Measured,
    RowExplanation,
    WrittenAttribution,
)


def test_a_document_is_json_and_holds_everything():
    columns = InputAttribution(
        "columns",
        "columns",
        (FeatureAttribution("age", "39", 0.5), FeatureAttribution("x", "1", -2)),
    )
    picture = InputAttribution("photo", "picture", grid=(1, 2), heat=(0.1, 3.0))
    told = RowExplanation(
        3, "income is >50K", 1.5, "log-odds", -0.5, "occlusion", (columns, picture),
        check=CheckRecord("passed", "Checked.", Measured(float("nan"))),
    )  # fmt: skip
    document = json.loads(json.dumps(told.to_document(), allow_nan=False))
    assert document["schema"] == 1
    assert document["inputs"][0]["features"][0] == {
        "label": "age", "value": "39", "attribution": 0.5,
    }  # fmt: skip
    assert document["inputs"][1]["grid"] == [1, 2]
    assert document["check"]["gain"]["value"] is None
    assert told.top(2) == (("photo", "1", 3.0), ("columns", "x", -2))


def test_the_places_that_a_part_rests_on_most_are_told_in_order():
    falls = ((0.2, -1.0, 0.004, 3.0), (0.0, 0.001, 0.0, -0.5))
    written = WrittenAttribution("text", ("a", "b"), ("x", "y", "z", "w"), falls)
    assert written.most_fallen(0) == (("w", 3.0), ("x", 0.2))
    assert written.most_fallen(0, 1) == (("w", 3.0),)
    assert written.most_fallen(1) == ()
