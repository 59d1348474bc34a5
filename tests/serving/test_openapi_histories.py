from lamina.serving.config import ServingConfig
from lamina.serving.openapi import openapi_document
from tests.serving.histories import signature


def _schemas():
    document = openapi_document({"shops": (signature(), "1" * 64)}, ServingConfig(), version="0")
    return document["components"]["schemas"]


def test_columns_are_lists_of_cells():
    row = _schemas()["shops.Row"]
    assert row["required"] == ["day", "sold"]
    sold = row["properties"]["sold"]
    assert sold["type"] == "array"
    assert sold["items"]["type"] == ["number", "null"]
    assert len(sold["examples"][0]) == 14
    several, single = row["properties"]["open"]["anyOf"]
    assert several["items"] == single
    assert "steps ahead" in row["properties"]["open"]["description"]
    assert "of the past" in row["properties"]["rain"]["description"]
    assert "left out" in row["properties"]["shop"]["description"]


def test_answers_are_lists_of_the_steps_ahead():
    answer = _schemas()["shops.Answer"]["properties"]
    assert answer["sold_q95"]["type"] == ["array", "null"]
    assert answer["sold_q95"]["minItems"] == answer["sold_q95"]["maxItems"] == 3
    assert answer["day"]["items"]["type"] == ["string", "number"]
    assert "null" in answer["shop"]["type"]
