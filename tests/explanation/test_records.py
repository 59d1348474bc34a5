"""Explanations as JSON."""

import json

from lamina.explanation.records import (
    CheckRecord,
    FeatureAttribution,
    InputAttribution,
    Measured,
    RowExplanation,
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
