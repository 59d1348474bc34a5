"""What an answer came from, measured by asking again."""

import math
from datetime import datetime

import numpy as np
import pytest

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


def _parts(told):
    return {part["name"]: part for part in told["parts"]}


def test_columns_are_charged_with_what_the_log_odds_lose() -> None:
    shop = Shop("shop", AGE, COLOUR)
    told = _explain(shop, {"age": 60, "colour": "red"})
    assert (told["explains"], told["unit"]) == ("buys: yes", "log-odds")
    parts = _parts(told)
    # The shop adds a tenth of each year: quantiles stand in for 60, of which the mean is 45.
    ages = references(AGE, 4)
    assert parts["age"]["attribution"] == pytest.approx(sum(60 - age for age in ages) / 40)
    # Two of four stand-ins are red as well, one or two are green (-1), the rest blue (0).
    score = {"red": 1.0, "green": -1.0}
    lost = [1.0 - score.get(colour, 0.0) for colour in references(COLOUR, 4)]
    assert parts["colour"]["attribution"] == pytest.approx(sum(lost) / 4)


def test_the_class_that_is_answered_is_explained() -> None:
    told = _explain(Shop("shop", AGE), {"age": 20})
    assert told["explains"] == "buys: no"
    assert _parts(told)["age"]["attribution"] > 0


def test_words_are_left_out_one_by_one() -> None:
    told = _explain(Shop("shop", NOTE), {"note": "such a good  thing"})
    words = _parts(told)["note"]["words"]
    assert "".join(word["text"] for word in words) == "such a good  thing"
    found = {word["text"].strip(): word["attribution"] for word in words}
    assert found["good"] == pytest.approx(2.0)
    assert found["thing"] == found["such"] == 0


def test_an_empty_text_has_no_words() -> None:
    assert _parts(_explain(Shop("shop", NOTE), {"note": ""}))["note"]["words"] == []


def test_a_patch_of_a_picture_counts_where_the_function_looks() -> None:
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    pixels[:4, :4] = 255
    part = _parts(_explain(Shop("shop", PHOTO), {"photo": pixels}))["photo"]
    heat = np.array(part["heat"]).reshape(part["grid"])
    assert heat.shape == (8, 8)
    assert (heat[:4, :4] > 0).all()
    assert np.abs(heat[4:]).max() == np.abs(heat[:, 4:]).max() == 0


def test_an_encoded_picture_is_explained_as_the_network_sees_it() -> None:
    shop = Shop("shop", PHOTO)
    row = {"photo": png(side=20, grey=255)}
    assert occlusions(shop.signature, row).rows()[0]["photo"].shape == (8, 8, 3)
    assert len(_parts(_explain(shop, row))["photo"]["heat"]) == 64


def test_a_picture_that_cannot_be_read_is_refused_like_any_row() -> None:
    with pytest.raises(Refusal, match="cannot be decoded"):
        _explain(Shop("shop", PHOTO), {"photo": b"no picture"})


def test_numbers_are_explained_in_their_unit_and_gaps_do_no_harm() -> None:
    told = _explain(Price(), {"age": 50})
    assert (told["explains"], told["unit"]) == ("price", "price")
    ages = references(AGE, 4)
    assert _parts(told)["age"]["attribution"] == pytest.approx(
        sum(2 * (50 - age) for age in ages) / 4
    )
    assert all(math.isfinite(p["attribution"]) for p in _explain(Price(), {"age": None})["parts"])


def test_of_quantiles_the_middle_one_is_explained() -> None:
    answers = tuple(
        Answer(name=f"q{level}", kind="quantile", target="price", level=level)
        for level in (0.1, 0.5, 0.9)
    )
    signature = Signature(name="m", task="quantiles", fields=(AGE,), answers=answers)
    planned = occlusions(signature, {"age": 50})
    told = planned.told([{"q0.1": 1, "q0.5": r["age"], "q0.9": 99} for r in planned.rows()])
    assert told["explains"] == "price, quantile 0.5"
    assert told["parts"][0]["attribution"] != 0


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
    assert [part["attribution"] for part in told["parts"]] == [1.0] * len(fields)


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
    told = versions.told([own, *given])
    assert (told["explains"], told["unit"]) == ("y: a", "log-odds")
    parts = _parts(told)
    assert parts["age"]["attribution"] == pytest.approx(math.log(9))
    assert parts["colour"]["attribution"] == pytest.approx(math.log(9) - math.log(3 / 7))


def test_a_model_without_numbers_cannot_be_explained() -> None:
    answer = Answer(name="y", kind="class", target="y")
    signature = Signature(name="m", task="classification", fields=(AGE,), answers=(answer,))
    with pytest.raises(Refusal, match="neither numbers nor probabilities"):
        occlusions(signature, {"age": 1}).told([{"y": "a"}] * 5)
