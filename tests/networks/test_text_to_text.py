"""Network from text to text."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.answers import LIKELIHOOD, MARK
from lamina.networks.text_to_text import TextToTextConfig
from lamina.networks.translator import TranslatorConfig

SIZES = np.array([0, 0, 0, 1, 1, 2, 3])
READ, WRITTEN = (
    InputSpec(name, "text", (name,), (), vocabulary_size=7, token_bytes=SIZES)
    for name in ("en", "de")
)
OUTPUT = OutputSpec("de", 2)


def _model():
    torch.manual_seed(0)
    translator = TranslatorConfig(depth_read=1, depth_written=1, width=8, num_heads=2)
    model = TextToTextConfig(translator=translator).build([READ, WRITTEN], [OUTPUT]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model


def test_nats_are_those_of_each_token_and_of_the_end() -> None:
    model = _model()
    read, answer = torch.tensor([[2, 3, 5], [2, 4, 0]]), torch.tensor([[2, 5, 6], [2, 3, 0]])
    found = model({"en": read, "de": answer})[LIKELIHOOD]
    states = model.translator.states(answer, model.translator.read(read))
    logs = model.translator.scores(states).log_softmax(2)
    first = -(logs[0, 0, 5] + logs[0, 1, 6] + logs[0, 2, MARK])
    second = -(logs[1, 0, 3] + logs[1, 1, MARK])
    torch.testing.assert_close(found[:, 0], torch.stack([first, second]))
    assert found[:, 1].tolist() == [3.0, 2.0]
    assert found[:, 2].tolist() == [5.0, 1.0]
    spread = -torch.stack([logs[0].mean(1).sum(), logs[1, :2].mean(1).sum()])
    torch.testing.assert_close(found[:, 3], spread)


def test_padding_changes_nothing() -> None:
    model = _model()
    read, answer = torch.tensor([[2, 3, 5]]), torch.tensor([[2, 5, 6]])
    one = model({"en": read, "de": answer})[LIKELIHOOD]
    other = model({"en": F.pad(read, (0, 3)), "de": F.pad(answer, (0, 2))})[LIKELIHOOD]
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    features = [model.features({"en": t}) for t in (read, F.pad(read, (0, 3)))]
    torch.testing.assert_close(*features, rtol=1e-4, atol=1e-4)


def test_an_answer_that_it_writes_is_as_likely_as_it_says() -> None:
    model, read = _model(), torch.tensor([[2, 3, 5], [2, 4, 4]])
    found = model({"en": read})["de"]
    tokens = found[:, 2:].long()
    assert not set(tokens.unique().tolist()) & {1, MARK}
    answer = torch.cat([torch.full((2, 1), MARK), tokens], dim=1)
    measured = model({"en": read, "de": answer})[LIKELIHOOD]
    ended = found[:, 1] == (tokens > 0).sum(1) + 1  # one that was cut off has no end
    assert ended.any()
    torch.testing.assert_close(found[ended, 0], measured[ended, 0], rtol=1e-4, atol=1e-4)


def test_what_it_cannot_read_is_explained() -> None:
    number = InputSpec("number", "number", ("x",), (1,))
    for inputs in ([WRITTEN], [number, WRITTEN], [READ, READ, WRITTEN]):
        with pytest.raises(ConfigError, match="reads one text and writes one"):
            TextToTextConfig().build(inputs, [OUTPUT])
    larger = InputSpec("de", "text", ("de",), (), vocabulary_size=8, token_bytes=np.ones(8))
    with pytest.raises(ConfigError, match="is_shared to false"):
        TextToTextConfig().build([READ, larger], [OUTPUT])
    assert TextToTextConfig(is_shared=False).build([READ, larger], [OUTPUT])


def test_a_row_for_each_token_says_what_it_rests_on() -> None:
    model = _model()
    read, answer = torch.tensor([[2, 3, 5, 4]]), torch.tensor([[2, 5, 6]])
    found = model.looks({"en": read, "de": answer})
    assert found.shape == (2, 4)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2))
    assert model.seconds_per_place is None
