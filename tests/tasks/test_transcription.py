"""The task of transcripts."""

import torch

from lamina.data.modalities.base import ModalityOptions
from lamina.data.schema import infer_schema
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.transcription import MOST_SECONDS, Transcription
from tests.runs.tiny import sounds, spoken, turned
from tests.tasks.examples import encoded, facts_of

TASK = Transcription()


def test_it_suits_a_text_to_be_predicted_from_a_recording() -> None:
    assert "'said' is a text" in TASK.suits(infer_schema(spoken(), targets=["said"]))
    assert not TASK.accepts(infer_schema(sounds(), targets=["way"]))
    assert not TASK.accepts(infer_schema(turned(), targets=["answer"]))


def test_texts_are_cut_into_bytes_and_sentences_are_heard_to_the_end() -> None:
    found = TASK.fitting(ModalityOptions(), 10)
    assert (found.tokens, found.max_seconds, found.is_joint) == ("bytes", MOST_SECONDS, False)
    assert TASK.fitting(ModalityOptions(tokens="byte_pairs", max_seconds=60), 10).max_seconds == 60


def test_the_loss_is_nats_per_token() -> None:
    _, schema, dataset = encoded("transcription")
    loss = TASK.loss(TASK.plan(facts_of("transcription")), schema, None)
    outputs = {LIKELIHOOD: torch.tensor([[6.0, 3.0, 3.0], [1.0, 4.0, 4.0]])}
    assert loss(outputs, dataset.batch(torch.arange(2))).tolist() == [2.0, 0.25]


def test_the_commonest_text_is_the_simple_answer() -> None:
    _, _, dataset = encoded("transcription")
    recipe = TASK.plan(facts_of("transcription"))
    known, part = (TASK.part(dataset, rows, recipe) for rows in (torch.arange(30), torch.arange(4)))
    (found,) = TASK.baselines(known, part, None)
    texts = spoken()["said"][:30]
    assert set(found.predictions.texts) <= set(texts.mode())
    assert found.predictions.num_rows == 4
