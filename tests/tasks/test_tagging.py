"""The task of tagging words."""

import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.answered import Answered
from lamina.data.dataset import encode_frame
from lamina.data.schema import infer_schema
from lamina.data.streaming import encode_source
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.tagging import Tagging
from tests.runs.tiny import sentences, tags, texts
from tests.tasks.examples import encoded, facts_of

TASK = Tagging()


def test_it_suits_tags_of_words() -> None:
    assert "a tag for each word" in TASK.suits(infer_schema(sentences(), targets=["slots"]))
    assert not TASK.accepts(infer_schema(texts(), targets=["mood"]))
    assert not TASK.accepts(infer_schema(tags(), targets=["tags"]))


def test_tags_are_given_to_learn_from_and_never_else() -> None:
    _, _, dataset = encoded("tagging")
    rows, recipe = torch.arange(4), TASK.plan(facts_of("tagging"))
    assert isinstance(TASK.part(dataset, rows, recipe, purpose="learn").samples, Answered)
    for purpose in ("watch", "answer"):
        assert TASK.part(dataset, rows, recipe, purpose=purpose).samples is dataset


def test_tags_that_fitting_never_saw_are_not_learnt_from(tmp_path) -> None:
    _, schema, _ = encoded("tagging")
    frame = sentences(3).with_columns(
        slots=pl.Series([["B-x"] * len(row) if n == 1 else row for n, row in enumerate(TAGS)])
    )
    for dataset in (
        encode_frame(schema, frame),
        encode_source(schema, [frame], tmp_path),
    ):
        assert dataset.usable().tolist() == [0, 1, 2]
        part = TASK.part(dataset, torch.arange(3), None, purpose="learn")
        assert part.index.tolist() == [0, 2]
        truth = TASK.truth(
            TASK.part(dataset, torch.arange(3), None).targets(), schema, num_samples=3
        )
        assert truth[1].startswith("B-? B-?")


TAGS = sentences(3)["slots"].to_list()


def test_lists_of_other_lengths_are_put_aside_and_told() -> None:
    _, schema, _ = encoded("tagging")
    frame = sentences(3)
    tags_of = [row[:-1] if n == 1 else row for n, row in enumerate(frame["slots"].to_list())]
    dataset = encode_frame(schema, frame.with_columns(slots=pl.Series(tags_of)))
    assert dataset.usable().tolist() == [0, 2]
    (problem,) = dataset.problems
    count = len(frame["words"][1])
    assert problem.where == "column 'slots', row 1"
    assert problem.what == f"{count - 1} tags for {count} words"


def test_ids_become_tags_and_spans() -> None:
    _, schema, dataset = encoded("tagging")
    index = torch.tensor([0, 7])
    targets = dataset.targets_of(index)
    truth = TASK.truth(targets, schema, num_samples=2)
    wanted = [row for n, row in enumerate(sentences()["slots"].to_list()) if n in (0, 7)]
    assert [text.replace("B-", "I-").split() for text in truth] == wanted
    figures = torch.tensor([[0.0, 2.0], [0.6931472, 4.0]])
    outputs = {"slots": torch.cat([figures, targets["slots"].float()], dim=1)}
    found = TASK.predictions(outputs, schema)
    assert found.texts == tuple(truth)
    answers = TASK.answers(found, schema)
    assert answers["slots"].to_list() == [text.split() for text in truth]
    assert answers["probability of all slots"].to_list() == pytest.approx([1.0, 0.5])
    frame = sentences()[[0, 7]]
    part = TASK.part(encode_frame(schema, frame), torch.arange(2), None)
    replies = TASK.replies(found, part, frame, schema)
    for words, spans in zip(frame["words"].to_list(), replies["slots spans"].to_list()):
        town = " ".join(words[words.index("to") + 1 :])
        assert spans == [f"{town} (town)"]


def test_the_loss_is_nats_per_sentence() -> None:
    recipe = TASK.plan(facts_of("tagging"))
    loss = TASK.loss(recipe, encoded("tagging")[1], None)
    found = torch.tensor([[6.0, 3.0, 0.0], [1.0, 4.0, 0.0]])
    assert loss({LIKELIHOOD: found}, None).tolist() == [6.0, 1.0]


def test_simple_taggers_know_training_rows_only() -> None:
    _, schema, dataset = encoded("tagging")
    recipe = TASK.plan(facts_of("tagging"))
    rows = torch.arange(dataset.num_rows)
    known, part = (TASK.part(dataset, some, recipe) for some in (rows[:60], rows[60:]))
    truth = TASK.truth(part.targets(), schema, num_samples=len(part))
    like = TASK.predictions(
        {"slots": torch.cat([torch.zeros(len(part), 2), part.targets()["slots"]], dim=1)}, schema
    )
    found = {b.name: b.predictions.texts for b in TASK.baselines(known, part, like)}
    assert list(found) == ["most_frequent_tag", "word_window"]
    for texts_found in found.values():
        assert [len(t.split()) for t in texts_found] == [len(t.split()) for t in truth]
    assert found["word_window"] == tuple(truth)


def test_tags_have_no_mean_and_are_given_to_be_explained() -> None:
    schema = encoded("tagging")[1]
    assert TASK.combine(torch.ones(2, 1, 3)).shape == (2, 3)
    with pytest.raises(DataError, match="no mean"):
        TASK.combine(torch.ones(2, 2, 3))
    outputs = {"slots": torch.tensor([[0.5, 3.0, 1.0, 2.0, 3.0]])}
    assert TASK.given(outputs, schema)["slots"].tolist() == [[1, 2, 3]]
