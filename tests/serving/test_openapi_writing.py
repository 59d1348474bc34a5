"""The document says of writing what the server does."""

import pytest

from lamina.serving.asked_text import read_asked
from lamina.serving.config import LimitsConfig, ServingConfig
from lamina.serving.openapi import openapi_document
from lamina.serving.openapi_writing import asked_schema, written_schema
from lamina.serving.refusal import Refusal
from lamina.serving.strict_json import write_json
from tests.serving.fakes import Parrot, Shop

jsonschema = pytest.importorskip("jsonschema", reason="the schema's own validator is absent")

LIMITS = LimitsConfig()
CASES = [
    {},
    {"prompt": "a", "num": 8, "stop": "x", "stream": True},
    {"stop": ["a", "b"], "seed": 0, "top_k": None},
    {"num": 9},
    {"num": 0},
    {"temperature": 0},
    {"temperature": -1},
    {"top_p": 0},
    {"top_p": 1},
    {"stop": [""]},
    {"stop": ""},
    {"stream": 1},
    {"max_tokens": 5000},
    {"seed": -1},
    {"other": 1},
]


@pytest.mark.parametrize("document", CASES)
def test_what_the_schema_allows_is_read_and_what_it_forbids_is_refused(document) -> None:
    allowed = jsonschema.Draft202012Validator(asked_schema(LIMITS)).is_valid(document)
    try:
        read_asked(write_json(document), "application/json", LIMITS)
    except Refusal:
        assert not allowed
    else:
        assert allowed


def test_schemas_are_valid_and_only_models_that_write_have_them() -> None:
    for schema in (asked_schema(LIMITS), written_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)
    models = {"parrot": (Parrot.signature, "1"), "shop": (Shop().signature, "2")}
    told = openapi_document(models, ServingConfig(), version="1")
    assert "/v1/models/parrot/generate" in told["paths"]
    assert "/v1/models/shop/generate" not in told["paths"]
    assert "parrot.AskedText" in told["components"]["schemas"]


def test_an_answer_fits() -> None:
    texts = [{"text": "a", "tokens": 1, "end": end} for end in ("end", "stop", "length", "time")]
    answer = {"model": "m", "version": "v", "texts": texts}
    jsonschema.Draft202012Validator(written_schema()).validate(answer)
