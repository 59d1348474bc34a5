"""The task from text to text."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.answered import Answered
from lamina.data.modalities.base import ModalityOptions
from lamina.data.schema import infer_schema
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.text_to_text import MOST_TOKENS, TextToText
from tests.runs.tiny import table, texts, turned
from tests.tasks.examples import encoded, facts_of

TASK = TextToText()


def test_it_suits_a_text_to_be_predicted_from_a_text() -> None:
    assert "'answer' is a text" in TASK.suits(infer_schema(turned(), targets=["answer"]))
    assert not TASK.accepts(infer_schema(texts(), targets=["mood"]))
    assert not TASK.accepts(infer_schema(table(), targets=["price"]))


def test_both_texts_are_cut_into_the_same_pieces() -> None:
    found = TASK.fitting(ModalityOptions(), 10)
    assert (found.tokens, found.is_joint, found.max_length) == ("byte_pairs", True, MOST_TOKENS)
    assert TASK.fitting(ModalityOptions(tokens="bytes"), 10).tokens == "bytes"
    assert TASK.fitting(ModalityOptions(max_length=900), 10).max_length == 900
    _, schema, _ = encoded("text_to_text")
    read, written = (schema.column(name).fitted for name in ("text", "answer"))
    assert read.words == written.words


def test_answers_are_given_unless_they_are_sought() -> None:
    _, _, dataset = encoded("text_to_text")
    rows, recipe = torch.arange(4), TASK.plan(facts_of("text_to_text"))
    for purpose in ("learn", "watch"):
        samples = TASK.part(dataset, rows, recipe, purpose=purpose).samples
        assert isinstance(samples, Answered)
    assert TASK.part(dataset, rows, recipe).samples is dataset
    chosen = SimpleNamespace(training=SimpleNamespace(validation=SimpleNamespace(metric="bleu")))
    assert TASK.part(dataset, rows, chosen, purpose="watch").samples is dataset


def test_tokens_become_the_texts_they_spell() -> None:
    _, schema, dataset = encoded("text_to_text")
    targets = dataset.targets_of(torch.tensor([0, 7]))
    truth = TASK.truth(targets, schema, num_samples=2)
    assert truth.tolist() == [turned()["answer"][row] for row in (0, 7)]
    figures = torch.tensor([[3.0, 2.0], [1.0, 4.0]])
    outputs = {"answer": torch.cat([figures, targets["answer"].float()], dim=1)}
    found = TASK.predictions(outputs, schema)
    assert found.texts == tuple(truth)
    answers = TASK.answers(found, schema)
    assert answers["answer"].to_list() == truth.tolist()
    assert answers["answer: nats per token"].to_list() == [1.5, 0.25]


def test_given_answers_are_measured() -> None:
    _, schema, _ = encoded("text_to_text")
    found = TASK.predictions({LIKELIHOOD: torch.ones(3, 4)}, schema)
    assert (found.kind, found.values.shape) == ("likelihoods", (3, 3))
    assert TASK.truth({}, schema, num_samples=3).tolist() == [0.0] * 3


def test_simple_answers_know_training_rows_only() -> None:
    _, _, dataset = encoded("text_to_text")
    recipe = TASK.plan(facts_of("text_to_text"))
    known, part = (TASK.part(dataset, rows, recipe) for rows in (torch.arange(40), torch.arange(5)))
    found = {b.name: b.predictions.texts for b in TASK.baselines(known, part, None)}
    truth = tuple(turned()["answer"][:5])
    assert found["most similar text"] == truth
    assert found["the text itself"] == tuple(turned()["text"][:5])


def test_texts_have_no_mean_and_a_form_for_exported_files() -> None:
    assert TASK.combine(torch.ones(2, 1, 3)).shape == (2, 3)
    with pytest.raises(DataError, match="no mean"):
        TASK.combine(torch.ones(2, 2, 3))
    _, schema, _ = encoded("text_to_text")
    form = TASK.form(schema)
    assert (form["name"], form["target"]) == ("texts", "answer")
    assert form["pieces"][1:4] == ["Ā", "ā", "Ă"]
    assert isinstance(TASK.truth({}, schema, num_samples=1), np.ndarray)
