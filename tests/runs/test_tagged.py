"""Tagged sentences for a report."""

from types import SimpleNamespace

import numpy as np
import polars as pl

from lamina.data.schema import fit_schema, infer_schema
from lamina.evaluation.predictions import Predictions
from lamina.runs.tagged import MOST_SENTENCES, MOST_WORDS, tagged_sentences
from tests.runs.tiny import sentences
from tests.tasks.examples import encoded


def _material(frame):
    _, schema, _ = encoded("tagging")
    return SimpleNamespace(rows=SimpleNamespace(is_whole=True, frame=frame), schema=schema)


def _found(texts):
    return Predictions("tag_sequences", np.zeros((len(texts), 2)), texts=tuple(texts))


def test_kinds_have_figures_and_sentences_their_mistakes() -> None:
    frame = sentences(3)
    rows = np.array([2, 0])
    lengths = [len(frame["words"][int(row)]) for row in rows]
    true = ["O " * (n - 2) + "B-town I-town" for n in lengths]
    own = ["B-town " + "O " * (lengths[0] - 2) + "B-town", true[1]]
    told = tagged_sentences(_material(frame), rows, _found(own), np.array(true, dtype=object))
    (kind,) = told["kinds"]
    # Found three, of which one is right; true are two.
    assert kind == {
        "kind": "town",
        "true": 2,
        "span_precision": 1 / 3,
        "span_recall": 1 / 2,
        "span_f1": 2 / 5,
    }
    first, second = told["sentences"]
    assert (first["row"], first["is_mistake"]) == (2, True)
    assert [(s["first"], s["how"]) for s in first["spans"]] == [
        (0, "wrong"),
        (lengths[0] - 2, "missed"),
        (lengths[0] - 1, "wrong"),
    ]
    assert (second["row"], second["is_mistake"]) == (0, False)
    assert [s["how"] for s in second["spans"]] == ["right"]
    assert first["words"] == frame["words"][2].to_list()


def test_reports_hold_some_sentences_and_the_beginning_of_long_ones() -> None:
    frame = pl.DataFrame({"words": [["the"] * 500] * 200})
    texts = ["O " * 499 + "B-town"] * 200
    told = tagged_sentences(
        _material(frame), np.arange(200), _found(texts), np.array(["O " * 500] * 200, dtype=object)
    )
    assert len(told["sentences"]) <= MOST_SENTENCES
    assert all(len(one["words"]) == MOST_WORDS for one in told["sentences"])
    assert all(one["spans"] == [] for one in told["sentences"])
    assert told["kinds"] == []


def test_of_tags_that_mark_no_spans_only_mistakes_are_marked() -> None:
    frame = pl.DataFrame({"words": [["the", "the", "cat"]], "slots": [["DT", "DT", "NN"]]})
    schema = fit_schema(infer_schema(frame, targets=["slots"]), frame)
    material = SimpleNamespace(rows=SimpleNamespace(is_whole=True, frame=frame), schema=schema)
    truth = np.array(["DT DT NN"], dtype=object)
    told = tagged_sentences(material, np.array([0]), _found(["DT NN NN"]), truth)
    (one,) = told["sentences"]
    assert sorted((s["kind"], s["first"], s["how"]) for s in one["spans"]) == [
        ("DT", 1, "missed"),
        ("NN", 1, "wrong"),
    ]
