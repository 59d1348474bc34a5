"""The task of a language model."""

from types import SimpleNamespace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.schema import infer_schema
from lamina.tasks.language_model import BYTES_LIMIT, LanguageModel
from tests.runs.tiny import passages, table, texts
from tests.tasks.examples import encoded, facts_of

TASK = LanguageModel()


def test_it_suits_one_text_with_nothing_to_predict() -> None:
    assert "nothing to predict" in TASK.suits(infer_schema(passages()))
    assert TASK.suits(infer_schema(texts(), targets=["mood"])) == ""
    assert TASK.suits(infer_schema(table())) == ""


def test_few_texts_are_cut_into_bytes_and_many_into_pairs() -> None:
    options = ModalityOptions()
    assert TASK.fitting(options, 1_000).tokens == "bytes"
    assert TASK.fitting(options, BYTES_LIMIT).tokens == "byte_pairs"
    assert TASK.fitting(ModalityOptions(tokens="byte_pairs"), 10).tokens == "byte_pairs"


def test_rows_on_disk_are_refused() -> None:
    _, schema, _ = encoded("language")
    stored = SimpleNamespace(schema=schema, inputs={"text": object()})
    with pytest.raises(ConfigError, match="in memory"):
        TASK.part(stored, torch.arange(3), TASK.plan(facts_of("language")))


def test_a_likely_text_surprises_less() -> None:
    _, schema, _ = encoded("language")
    outputs = {"likelihood": torch.tensor([[8.0, 4.0, 4.0], [2.0, 4.0, 4.0]])}
    evidence = TASK.evidence(outputs, schema)[:, 0]
    assert evidence[1] < evidence[0]
    assert TASK.claim(schema, 0) == ("bits_per_byte", "bits per byte")
