"""The task of filling in."""

import torch

from lamina.data.modalities.base import ModalityOptions
from lamina.data.schema import infer_schema
from lamina.tasks.masked_language_model import MaskedLanguageModel
from tests.runs.tiny import finished, passages, texts
from tests.tasks.examples import encoded, facts_of

TASK = MaskedLanguageModel()


def test_it_is_asked_by_name_only() -> None:
    assert TASK.suits(infer_schema(passages())) == ""
    assert TASK.accepts(infer_schema(passages()))
    assert not TASK.accepts(infer_schema(texts(), targets=["mood"]))


def test_texts_are_cut_into_pairs() -> None:
    assert TASK.fitting(ModalityOptions(), 1_000).tokens == "byte_pairs"
    assert TASK.fitting(ModalityOptions(tokens="bytes"), 1_000).tokens == "bytes"


def test_each_token_is_answered_once_and_learnt_from_more_often() -> None:
    _, _, dataset = encoded("masked")
    rows = torch.arange(dataset.num_rows)
    recipe = TASK.plan(facts_of("masked"))
    learnt = TASK.part(dataset, rows, recipe, purpose="learn")
    asked = TASK.part(dataset, rows, recipe)
    sizes = asked.samples.stops - asked.samples.starts
    assert int(sizes.sum()) == int(dataset.inputs["text"].lengths[rows].sum())
    assert len(learnt) >= len(asked)


def test_a_likely_text_surprises_less() -> None:
    _, schema, _ = encoded("masked")
    outputs = {"likelihood": torch.tensor([[8.0, 4.0, 4.0, 0.0], [2.0, 4.0, 4.0, 1.0]])}
    evidence = TASK.evidence(outputs, schema)[:, 0]
    assert evidence[1] < evidence[0]
    assert TASK.claim(schema, 0) == ("nats_per_token", "nats per token")


def test_counting_is_in_the_same_table() -> None:
    run = finished("masked")
    assert {"frequent", "neighbours"} <= set(run.evaluation["baselines"])
    assert 0.0 <= run.metrics["fill_accuracy"].value <= 1.0
