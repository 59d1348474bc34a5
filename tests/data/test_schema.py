"""Tests of the schema: what is inferred, fitted, and kept."""

import json

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import BundleError, ConfigError, DataError, NotFittedError
from lamina.data.schema import (
    Schema,
    fit_schema,
    infer_schema,
    input_name,
    recognise,
)

NUM_ROWS = 60


def frame():
    rows = range(NUM_ROWS)
    return pl.DataFrame(
        {
            "row_id": list(rows),
            "age": [str(20 + i % 50) for i in rows],
            "job": [["clerk", "nurse", "smith"][i % 3] for i in rows],
            "smoker": [["yes", "no"][i % 2] for i in rows],
            "day": [f"2020-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in rows],
            "note": [f"patient number {i} feels {'good' if i % 2 else 'bad'} today" for i in rows],
            "empty": [None] * NUM_ROWS,
            "same": ["x"] * NUM_ROWS,
            "split": [["train", "train", "test"][i % 3] for i in rows],
            "income": [1000.5 + i for i in rows],
            "class": [["low", "high"][i % 2] for i in rows],
        }
    )


def roles(schema):
    return {column.name: (column.role, column.modality) for column in schema.columns}


def test_roles_and_modalities_a_user_would_expect():
    schema = infer_schema(frame(), targets=["class"])
    assert roles(schema) == {
        "row_id": ("ignored", ""),
        "age": ("input", "number"),
        "job": ("input", "category"),
        "smoker": ("input", "boolean"),
        "day": ("input", "datetime"),
        "note": ("input", "text"),
        "empty": ("ignored", ""),
        "same": ("ignored", ""),
        "split": ("split", ""),
        "income": ("input", "number"),
        "class": ("target", "category"),
    }
    assert schema.column("age").evidence == "60 of 60 cells are numbers, 50 distinct"
    assert schema.column("empty").evidence == "all 60 cells are missing"


@pytest.mark.parametrize(
    ("cells", "modality"),
    [
        ([1, 2, 3] * 20, "category"),
        (["1", "2", "3"] * 20, "category"),
        ([0, 1] * 30, "category"),
        ([0.0, 1.0] * 30, "category"),
        ([True, False] * 30, "boolean"),
        ([0.5, 1.5, 2.5] * 20, "number"),
        (list(range(30)) * 2, "number"),
        (["a", "b", "c"] * 20, "category"),
        ([["a"], ["a", "b"], []] * 20, "tags"),
    ],
)
def test_what_a_target_is_taken_for(cells, modality):
    data = pl.DataFrame({"x": np.random.default_rng(0).normal(size=60), "y": cells})
    assert infer_schema(data, targets=["y"]).targets[0].modality == modality


def test_the_user_overrules():
    schema = infer_schema(
        frame(),
        targets=["income"],
        overrides={"age": "category", "row_id": "number", "same": "ignored"},
        ignore=["note"],
        roles={"group": "job", "time": "day"},
    )
    found = roles(schema)
    assert found["age"] == ("input", "category")
    assert found["row_id"] == ("input", "number")
    assert (found["note"][0], found["job"][0], found["day"][0]) == ("ignored", "group", "time")
    assert schema.column("age").overruled


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"targets": ["clas"]}, DataError, "Did you mean 'class'"),
        ({"overrides": {"agee": "number"}}, DataError, "Did you mean 'age'"),
        ({"overrides": {"age": "categorie"}}, ConfigError, "Did you mean 'category'"),
        ({"targets": ["same"]}, DataError, "all 60 cells are 'x'"),
        ({"targets": ["empty"]}, DataError, "missing"),
        ({"targets": ["day"]}, DataError, "cannot be predicted"),
        ({"targets": ["code"]}, DataError, "different in each"),
        ({"targets": ["job"], "roles": {"group": "job"}}, DataError, "once only"),
    ],
)
def test_what_cannot_be_is_answered_in_plain_words(arguments, error, message):
    if arguments.get("targets") == ["day"]:
        data = frame().with_columns(pl.col("day").str.to_date())
    else:
        codes = pl.Series("code", [f"c{row}" for row in range(frame().height)])
        data = frame().with_columns(codes)
    with pytest.raises(error, match=message):
        infer_schema(data, **arguments)


def test_no_rows_and_no_inputs_are_refused():
    with pytest.raises(DataError, match="0 rows"):
        infer_schema(pl.DataFrame({"a": []}))
    with pytest.raises(DataError, match="no column is left"):
        infer_schema(pl.DataFrame({"y": [1.5, 2.5]}), targets=["y"])


def test_specs_join_numbers_and_categories_and_leave_texts_alone():
    data = frame()
    schema = fit_schema(infer_schema(data, targets=["class", "income"]), data)
    specs = {spec.name: spec for spec in schema.input_specs()}
    assert set(specs) == {"number", "category", "note"}
    assert specs["number"].columns[0] == "age"
    assert set(specs["number"].columns) == {"age", "day"}
    assert specs["number"].quantiles.shape == (specs["number"].shape[0], 65)
    assert specs["category"].columns == ("job", "smoker")
    assert specs["category"].cardinalities == (4, 3)
    assert [(spec.name, spec.size) for spec in schema.output_specs()] == [
        ("income", 1),
        ("class", 2),
    ]


def test_an_unfitted_schema_says_so():
    with pytest.raises(NotFittedError, match="fit_schema"):
        infer_schema(frame(), targets=["class"]).input_specs()


def test_documents_survive_json_and_damage_is_refused():
    data = frame()
    for schema in (
        infer_schema(data, targets=["class"]),
        fit_schema(infer_schema(data, targets=["class"]), data),
    ):
        document = json.loads(json.dumps(schema.to_document(), allow_nan=False))
        assert Schema.from_document(document) == schema
    for damage in (
        {},
        {"columns": 3},
        {"columns": [{}]},
        {"columns": [*document["columns"], document["columns"][1]]},
        {"columns": [document["columns"][1] | {"role": "king"}]},
        {"columns": [document["columns"][1] | {"modality": "numbre"}]},
        {"columns": [document["columns"][1] | {"fitted": {"role": "input"}}]},
        {"columns": [document["columns"][1] | {"fitted": 7}]},
        [],
    ):
        with pytest.raises(BundleError):
            Schema.from_document(damage)


def test_a_target_of_one_class_in_training_is_refused():
    data = pl.DataFrame({"x": [1.0, 2.0, 3.0], "y": ["a", "a", "b"]})
    schema = infer_schema(data, targets=["y"])
    with pytest.raises(DataError, match="only the class 'a'"):
        fit_schema(schema, data[:2])


def test_an_input_without_training_cells_is_put_aside():
    data = pl.DataFrame({"x": [None, None, 3.0, 4.0], "z": [1.5, 2.5, 3.5, 4.5]})
    schema = fit_schema(infer_schema(data), data[:2])
    assert schema.column("x").role == "ignored"
    with pytest.raises(DataError, match="no cell of 2"):
        fit_schema(infer_schema(data, overrides={"x": "number"}), data[:2])
    with pytest.raises(DataError, match="left to learn from"):
        fit_schema(infer_schema(data[["x"]]), data[["x"]][:2])


def test_names_that_are_taken_get_another():
    assert input_name("number") != "number"
    assert input_name("note") == "note"
    assert recognise(pl.Series("x", [{"a": 1}]))[0] == ""


def test_columns_that_nobody_named_are_as_they_are_recognised():
    data = pl.DataFrame(
        {
            "x": np.arange(60) * 0.37,
            "key": [f"k{number * 7919}" for number in range(60)],
            "y": ["a", "b"] * 30,
        }
    )
    found = infer_schema(data, targets=["y"])
    said = {c.name: c.modality for c in found.columns if c.role in ("input", "target")}
    options = {"targets": ["y"], "overrides": said, "ignore": ["key"]}
    assert infer_schema(data, **options, named=()) == found
    named = infer_schema(data, **options, named=["key"])
    assert [c.name for c in named.columns if c.overruled] == ["key"]
    assert all(c.overruled for c in infer_schema(data, **options).columns)
    other = infer_schema(data, targets=["y"], overrides={"x": "category"}, ignore=["key"], named=())
    assert other.column("x").overruled
    assert not other.column("key").overruled


def test_the_source_may_say_what_a_column_is_and_the_user_knows_better():
    frame = pl.DataFrame(
        {"x": list(map(float, range(100))), "label": [str(i % 37) for i in range(100)]}
    )
    said = {"label": "category"}
    label = infer_schema(frame, targets=("label",), by_source=said).column("label")
    assert (label.modality, label.evidence, label.overruled) == (
        "category",
        "the source says so",
        False,
    )
    label = infer_schema(
        frame, targets=("label",), by_source=said, overrides={"label": "number"}
    ).column("label")
    assert (label.modality, label.overruled) == ("number", True)


def test_lists_are_sentences_only_beside_tags_of_their_words():
    frame = pl.DataFrame(
        {
            "bought": [["milk", "milk", "tea"], ["tea"], ["milk", "tea"]] * 4,
            "tags": [["B-x", "O", "O"], ["O"], ["B-x", "O"]] * 4,
            "paid": ["yes", "no", "no"] * 4,
        }
    )
    assert infer_schema(frame, targets=["tags"]).column("bought").modality == "words"
    schema = infer_schema(frame, targets=["paid"])
    assert [c.modality for c in schema.inputs] == ["tags", "tags"]
    said = infer_schema(frame, targets=["paid"], overrides={"bought": "words"})
    assert said.column("bought").modality == "words"
