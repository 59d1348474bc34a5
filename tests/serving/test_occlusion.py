"""What an answer came from, measured by asking again."""

import dataclasses
import json
import math
from datetime import datetime

import numpy as np
import pytest

from lamina.core.config import from_document
from lamina.explanation.records import RowExplanation
from lamina.runtime.signature import Answer, Field, Signature
from lamina.serving.function import typical_row
from lamina.serving.occlusion import (
    MOST_VERSIONS,
    MOST_WORDS,
    occlusions,
    references,
)
from lamina.serving.refusal import Refusal
from tests.serving.fakes import AGE, BOUGHT, COLOUR, IS_NEW, NOTE, PHOTO, Price, Shop, png


def _explain(function, row):
    row = {**typical_row(function.signature), **row}
    planned = occlusions(function.signature, row)
    return planned.told(function.predict(planned.rows()))


def _columns(told):
    features = [
        one for own in told["inputs"] if own["kind"] == "columns" for one in own["features"]
    ]
    return {one["label"]: one["attribution"] for one in features}


def _own(told, name):
    return next(own for own in told["inputs"] if own["name"] == name)


def test_columns_are_charged_with_what_the_log_odds_lose() -> None:
    shop = Shop("shop", AGE, COLOUR)
    told = _explain(shop, {"age": 60, "colour": "red"})
    assert (told["answer"], told["unit"]) == ("buys is yes", "log-odds")
    columns = _columns(told)
    # The shop adds a tenth of each year: quantiles stand in for 60, of which the mean is 45.
    ages = references(AGE, 4)
    assert columns["age"] == pytest.approx(sum(60 - age for age in ages) / 40)
    # Two of four stand-ins are red as well, one or two are green (-1), the rest blue (0).
    score = {"red": 1.0, "green": -1.0}
    lost = [1.0 - score.get(colour, 0.0) for colour in references(COLOUR, 4)]
    assert columns["colour"] == pytest.approx(sum(lost) / 4)


def test_with_all_taken_away_the_reference_is_left() -> None:
    shop = Shop("shop", AGE, COLOUR, NOTE, PHOTO)
    row = {"age": 60, "colour": "red", "note": "good", "photo": np.zeros((8, 8, 3), np.uint8)}
    told = _explain(shop, row)
    # 1.5 of the age, 1 of the colour, 2 of the word, -4 of the dark corner.
    assert told["value"] == pytest.approx(0.5)
    # Ages of 45 on average, colours that add 1, 1, -1 and 0, no word, and the even picture is dark.
    assert told["reference"] == pytest.approx(0.25 - 4)
    assert told["probability"] == pytest.approx(1 / (1 + math.exp(-0.5)))


@pytest.mark.parametrize("fields", [(AGE, COLOUR), (NOTE,), (PHOTO,), (AGE, NOTE, PHOTO, BOUGHT)])
def test_what_is_told_reads_as_an_explanation_of_a_run(fields) -> None:
    photo = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    row = {"age": 60.5, "note": "good  and cheap", "photo": photo, "bought": datetime(2024, 1, 2)}
    told = _explain(Shop("shop", *fields), {f.name: row[f.name] for f in fields if f.name in row})
    own = {key: value for key, value in told.items() if key != "schema"}
    read = from_document(RowExplanation, own, where="explanation")
    assert json.loads(json.dumps(read.to_document())) == json.loads(json.dumps(told))
    names = {own.name for own in read.inputs}
    columns = {field.name for field in fields if field.modality not in ("text", "image")}
    assert names == ({f.name for f in fields} - columns) | ({"columns"} if columns else set())
    if "bought" in {field.name for field in fields}:
        shown = {feature.label: feature.value for feature in read.inputs[0].features}
        assert shown == {"age": "60.5", "bought": "2024-01-02 00:00:00"}


def test_the_class_that_is_answered_is_explained() -> None:
    told = _explain(Shop("shop", AGE), {"age": 20})
    assert told["answer"] == "buys is no"
    assert _columns(told)["age"] > 0


def test_words_are_left_out_one_by_one() -> None:
    told = _explain(Shop("shop", NOTE), {"note": "such a good  thing"})
    words = _own(told, "note")["features"]
    assert [word["label"] for word in words] == ["such", "a", "good", "thing"]
    assert told["texts"] == {"note": "such a good  thing"}
    found = {word["label"]: word["attribution"] for word in words}
    assert found["good"] == pytest.approx(2.0)
    assert found["thing"] == found["such"] == 0


def test_an_empty_text_has_no_words() -> None:
    assert _own(_explain(Shop("shop", NOTE), {"note": ""}), "note")["features"] == []


def test_a_patch_of_a_picture_counts_where_the_function_looks() -> None:
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    pixels[:4, :4] = 255
    part = _own(_explain(Shop("shop", PHOTO), {"photo": pixels}), "photo")
    heat = np.array(part["heat"]).reshape(part["grid"])
    assert heat.shape == (8, 8)
    assert (heat[:4, :4] > 0).all()
    assert np.abs(heat[4:]).max() == np.abs(heat[:, 4:]).max() == 0


def test_an_encoded_picture_is_explained_as_the_network_sees_it() -> None:
    shop = Shop("shop", PHOTO)
    row = {"photo": png(side=20, grey=255)}
    first, *others = occlusions(shop.signature, row).rows()
    # What is told of places is in the size of the picture that came.
    assert first == row
    assert all(other["photo"].shape == (8, 8, 3) for other in others)
    assert len(_own(_explain(shop, row), "photo")["heat"]) == 64


def test_a_picture_that_cannot_be_read_is_refused_like_any_row() -> None:
    with pytest.raises(Refusal, match="cannot be decoded"):
        _explain(Shop("shop", PHOTO), {"photo": b"no picture"})


def test_a_model_that_answers_windows_says_where_it_is_explained() -> None:
    shop = Shop("shop", dataclasses.replace(PHOTO, framing="windows"))
    with pytest.raises(Refusal, match="Explain it from the run: lamina explain RUN PICTURES"):
        occlusions(shop.signature, {"photo": png(side=20, grey=255)})


def test_numbers_are_explained_in_their_unit_and_gaps_do_no_harm() -> None:
    told = _explain(Price(), {"age": 50})
    assert (told["answer"], told["unit"]) == ("price", "price")
    ages = references(AGE, 4)
    assert _columns(told)["age"] == pytest.approx(sum(2 * (50 - age) for age in ages) / 4)
    assert all(map(math.isfinite, _columns(_explain(Price(), {"age": None})).values()))


def test_of_quantiles_the_middle_one_is_explained() -> None:
    answers = tuple(
        Answer(name=f"q{level}", kind="quantile", target="price", level=level)
        for level in (0.1, 0.5, 0.9)
    )
    signature = Signature(name="m", task="quantiles", fields=(AGE,), answers=answers)
    planned = occlusions(signature, {"age": 50})
    told = planned.told([{"q0.1": 1, "q0.5": r["age"], "q0.9": 99} for r in planned.rows()])
    assert told["answer"] == "price, quantile 0.5"
    assert _columns(told)["age"] != 0


@pytest.mark.parametrize("field", [AGE, COLOUR, IS_NEW, BOUGHT])
def test_stand_ins_are_cells_that_training_had(field) -> None:
    for count in (1, 3, 4):
        found = references(field, count)
        assert 1 <= len(found) <= count
        for cell in found:
            if field.levels:
                assert cell in field.levels
            elif isinstance(cell, datetime):
                assert field.low <= (cell - datetime(1970, 1, 1)).total_seconds() <= field.high
            else:
                assert field.low <= cell <= field.high


def test_stand_ins_come_as_often_as_in_training() -> None:
    assert references(COLOUR, 4) == ("red", "red", "green", "blue")


@pytest.mark.parametrize("columns", [1, 150, 161, 2000])
@pytest.mark.parametrize("texts", [0, 1, 5, 300])
def test_however_large_the_row_the_versions_are_bounded(columns, texts) -> None:
    fields = [
        Field(name=f"x{i}", modality="number", quantiles=(0.0, 1.0), low=0.0, high=1.0, typical=0.5)
        for i in range(columns)
    ]
    notes = [Field(name=f"t{i}", modality="text", typical="") for i in range(texts)]
    signature = Signature(name="m", task="regression", fields=(*fields, *notes), answers=())
    row = {f"t{i}": "word " * 500 for i in range(texts)}
    planned = occlusions(signature, row)
    assert len(planned.versions) <= MOST_VERSIONS
    covered = {number for version in planned.versions for number, _ in version.parts}
    assert texts > 100 or covered == set(range(columns + texts))
    assert all(len(words) <= MOST_WORDS for words in planned.pieces)


def test_columns_taken_away_together_share_what_is_lost() -> None:
    fields = tuple(
        Field(name=f"x{i}", modality="number", quantiles=(0.0,), low=0.0, high=0.0, typical=0.0)
        for i in range(2 * MOST_VERSIONS)
    )
    answer = Answer(name="y", kind="number", target="y")
    signature = Signature(name="m", task="regression", fields=fields, answers=(answer,))
    planned = occlusions(signature, {field.name: 1.0 for field in fields})
    told = planned.told([{"y": sum(row.values())} for row in planned.rows()])
    assert list(_columns(told).values()) == [1.0] * len(fields)
    assert (told["value"], told["reference"]) == (len(fields), 0.0)


def test_of_very_many_classes_the_decision_is_followed_and_its_loss_never_overstated() -> None:
    answers = (
        Answer(name="y", kind="class", target="y"),
        Answer(name="probability", kind="probability", target="y"),
    )
    fields = (AGE, COLOUR)
    signature = Signature(name="m", task="classification", fields=fields, answers=answers)
    versions = occlusions(signature, {"age": 45, "colour": "red"})
    own, same = {"y": "a", "probability": 0.9}, {"y": "a", "probability": 0.5}
    other = {"y": "b", "probability": 0.7}  # leaves .3 for "a" at most
    given = [same if "age" in version.cells else other for version in versions.versions]
    told = versions.told([own, *given, *[same] * len(versions.blanks)])
    assert (told["answer"], told["unit"], told["probability"]) == ("y is a", "log-odds", 0.9)
    assert (told["value"], told["reference"]) == pytest.approx((math.log(9), 0.0))
    columns = _columns(told)
    assert columns["age"] == pytest.approx(math.log(9))
    assert columns["colour"] == pytest.approx(math.log(9) - math.log(3 / 7))


def test_a_model_without_numbers_cannot_be_explained() -> None:
    answer = Answer(name="y", kind="class", target="y")
    signature = Signature(name="m", task="classification", fields=(AGE,), answers=(answer,))
    with pytest.raises(Refusal, match="neither numbers nor probabilities"):
        occlusions(signature, {"age": 1}).told([{"y": "a"}] * 9)
