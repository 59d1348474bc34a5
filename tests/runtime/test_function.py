"""Raw rows to answers through a small model made by hand."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest

from lamina.runtime.answers.tag_sequences import TagSequences
from lamina.runtime.errors import BundleError, DataError
from lamina.runtime.function import BATCH_ROWS, Function, load
from lamina.runtime.signature import Field, Signature
from tests.runtime import made


def _function(document=None) -> Function:
    def graph(inputs):
        x = np.nan_to_num(inputs["number"][:, 0].astype(np.float64))
        yes = 1 / (1 + np.exp(-x))
        return np.stack([1 - yes, yes], axis=1)

    return Function(document or made.document(), graph, identity="0" * 64)


def test_a_file_answers_as_worked_out_by_hand(tmp_path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(made.artefact())
    function = load(path)
    found = function.predict([{"x": "14", "c": "a"}, {"x": 10, "c": None}])
    # (14 - 10) / 2 = 2, clipped to 2 / sqrt(1 + 4 / 9) = 1.66410; its logistic is 0.84078.
    assert found[0]["y"] == "yes"
    assert found[0]["probability_yes"] == pytest.approx(0.8407877, abs=1e-6)
    assert found[0]["probability"] == found[0]["probability_yes"]
    assert found[1]["y"] == "no"
    assert list(found[0]) == [answer.name for answer in function.signature.answers]
    assert len(function.identity) == 64


def test_no_rows_have_no_answers() -> None:
    assert _function().predict([]) == []
    assert _function().values([]).shape == (0, 2)


def test_many_rows_are_answered_in_pieces_and_in_order() -> None:
    rows = [{"x": i % 21, "c": "a"} for i in range(2 * BATCH_ROWS + 3)]
    found = _function().predict(rows)
    one_by_one = [_function().predict([row])[0] for row in rows[:30]]
    assert found[:30] == one_by_one
    assert len(found) == len(rows)


def test_cells_of_the_wrong_type_are_missing_or_unseen() -> None:
    function = _function()
    plain = function.predict([{"x": None, "c": None}])[0]
    for x, c in [(b"1", b"a"), ([1], {"a": 1}), ("word", 3.5), (math.nan, math.inf)]:
        assert function.predict([{"x": x, "c": c}])[0] == plain


def test_a_cell_that_a_row_lacks_is_missing_and_a_column_that_all_lack_is_an_error() -> None:
    function = _function()
    found = function.predict([{"x": 14.0, "c": "a"}, {"c": "a"}])
    assert found[1]["probability_yes"] == 0.5
    with pytest.raises(DataError, match=r"column 'x' .* is missing.* Did you mean 'xx'"):
        function.predict([{"xx": 1, "c": "a"}])


def test_arrays_of_one_element_count_as_it() -> None:
    function = _function()
    assert function.predict([{"x": np.array(14), "c": np.str_("a")}]) == function.predict(
        [{"x": 14, "c": "a"}]
    )


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("form"),
        lambda d: d["form"].update(name="guess"),
        lambda d: d["form"].update(labels=["no", "maybe"]),
        lambda d: d["columns"].pop(),
        lambda d: d["columns"][0].update(modality="smell"),
        lambda d: d["columns"][0]["state"].update(scale=0.0),
        lambda d: d["inputs"].pop(),
        lambda d: d["inputs"][0].update(kind="category"),
        lambda d: d["inputs"][0].update(columns=["x", "z"]),
        lambda d: d.update(inputs="number"),
    ],
)
def test_damaged_documents_are_refused(damage) -> None:
    document = copy.deepcopy(made.document())
    damage(document)
    with pytest.raises(BundleError):
        _function(document)


def test_a_graph_that_answers_in_another_shape_is_refused() -> None:
    function = Function(made.document(), lambda inputs: np.zeros((1, 5)), identity="")
    with pytest.raises(BundleError, match="must answer"):
        function.predict([{"x": 1, "c": "a"}])


def test_answers_of_free_length_are_as_wide_as_the_longest() -> None:
    signature = Signature.from_document(made.document()["signature"])
    form = {
        "name": "tag_sequences",
        "target": "y",
        "words": "w",
        "marks_spans": False,
        "tags": ["a", "b"],
        "chain": [[0.0, 0.0]] * 4,
    }
    fields = (Field(name="w", modality="words"),)
    answers = TagSequences.from_document(form).answers
    document = {
        "signature": replace(signature, fields=fields, answers=answers).to_document(),
        "columns": [
            {
                "name": "w",
                "modality": "words",
                "state": {"words": ["x"], "letters": ["x"], "max_length": 9},
            }
        ],
        "inputs": [{"name": "words", "kind": "words", "columns": ["w"]}],
        "form": form,
    }

    def graph(inputs):
        ids = inputs["words"][..., 0]
        assert inputs["words"].shape[2] == 22
        # Tag b for the word of the vocabulary, a for others.
        scores = np.stack([np.where(ids == 2, 0.0, 9.0), np.where(ids == 2, 9.0, 0.0)], axis=2)
        scores[ids == 0] = np.nan
        return scores.reshape(len(ids), -1)

    function = Function(document, graph, identity="")
    rows = [{"w": ["x", "y"]}, {"w": []}, {"w": "x"}, {"w": ["y"] * 10}]
    found = function.predict(rows)
    assert [one["y"] for one in found] == [["b", "a"], None, ["b"], None]
    assert "at most" in found[3][function.signature.error]
    values = function.values(rows)
    assert values.shape == (4, 4)
    assert np.isnan(values[[1, 3]]).all()
    assert np.isnan(values[2, 2:]).all()
