"""The document describes what the server does: its own examples pass, and its answers fit."""

import re

import pytest

from lamina.runtime.signature import Answer, Field, Signature
from lamina.serving.config import ServingConfig
from lamina.serving.openapi import cell_schema, moment_text, openapi_document
from lamina.serving.rows import RowReader
from lamina.serving.strict_json import write_json
from tests.serving.fakes import AGE, BOUGHT, COLOUR, PHOTO, Shop
from tests.serving.test_rows import EVERY

jsonschema = pytest.importorskip("jsonschema", reason="the schema's own validator is absent")


def document(token=None, signature=EVERY):
    models = {"every-1.2": (signature, "0" * 16)}
    return openapi_document(models, ServingConfig(token=token), version="1.0")


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere():
    told = document()
    schemas = told["components"]["schemas"]
    for reference in references(told):
        assert reference.removeprefix("#/components/schemas/") in schemas
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)


def test_operations_have_names_of_their_own():
    ids = [
        operation["operationId"]
        for path in document()["paths"].values()
        for operation in path.values()
    ]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"\w+", name) for name in ids)


@pytest.mark.parametrize("field", EVERY.fields, ids=lambda field: field.name)
def test_the_examples_of_a_column_are_read(field):
    schema = cell_schema(field)
    checker = jsonschema.Draft202012Validator(schema)
    reader = RowReader(EVERY, ServingConfig().limits)
    for value in [*schema.get("examples", []), None]:
        checker.validate(value)
        reader.read(write_json({"row": {field.name: value}}), "application/json")


def test_a_schema_is_valid_itself():
    for schema in document()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_columns_are_described_with_range_and_levels():
    assert "In training whole numbers from 20 to 70." in cell_schema(AGE)["description"]
    assert "Missing in some training rows." in cell_schema(AGE)["description"]
    assert "3 levels in training; others are allowed." in cell_schema(COLOUR)["description"]
    assert "from 1970-01-01 to 1970-01-03" in cell_schema(BOUGHT)["description"]
    assert "8 × 8 pixels in colour" in cell_schema(PHOTO)["description"]


def test_levels_are_examples_and_bind_nobody():
    checker = jsonschema.Draft202012Validator(cell_schema(COLOUR))
    assert checker.is_valid("mauve")
    assert checker.is_valid(3)
    assert not checker.is_valid(["red"])


def test_a_token_is_asked_for_except_for_health():
    told = document(token="sesame-open")
    assert told["security"] == [{"token": []}]
    assert told["paths"]["/health"]["get"]["security"] == []
    assert "sesame" not in str(told)
    assert "security" not in document()


def test_names_from_data_do_no_harm():
    odd = '"}],<script>$ref\n'
    fields = (Field(name=odd, modality="category", levels=(odd,), shares=(1.0,), typical=odd),)
    answers = (Answer(name=odd, kind="class", target=odd),)
    signature = Signature(name=odd, task="classification", fields=fields, answers=answers)
    told = document(signature=signature)
    assert odd in told["components"]["schemas"]["every-1.2.Row"]["properties"]
    assert write_json(told)


def test_moments():
    assert moment_text(0) == "1970-01-01"
    assert moment_text(86399) == "1970-01-01 23:59"
    assert moment_text(1e300) == "1e+300 s after 1970"


def test_answers_of_a_model_fit_its_schema():
    function = Shop()
    told = openapi_document({"shop": (function.signature, "v")}, ServingConfig(), version="1.0")
    schema = told["components"]["schemas"]["shop.Answer"]
    checker = jsonschema.Draft202012Validator(schema)
    checker.validate(function.predict([{"age": 30}])[0])
    assert not checker.is_valid({"buys": "yes"})
