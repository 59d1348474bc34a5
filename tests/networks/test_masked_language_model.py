"""Masked language model."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.core.random import draws
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.masked_language_model import HIDDEN, MaskedLanguageModelConfig
from lamina.networks.transformer import TransformerConfig

SIZES = np.array([0, 0, 0, *[1] * 8])
SPEC = InputSpec("text", "text", ("text",), (), vocabulary_size=11, token_bytes=SIZES)
BLOCKS = TransformerBlocksConfig(depth=1, width=16, num_heads=2, dropout=0.0)


def _model(**settings):
    torch.manual_seed(0)
    config = MaskedLanguageModelConfig(
        encoder=TransformerConfig(blocks=BLOCKS), **{"context": 12, "hidden": 0.25, **settings}
    )
    model = config.build([SPEC], [OutputSpec("likelihood", 4)]).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4)
    return model


@torch.no_grad()
def test_each_token_is_measured_in_a_reading_that_hides_it() -> None:
    model = _model()
    tokens = torch.tensor([[2, 3, 4, 5, 6, 7, 0]])
    nats = hits = 0.0
    for round_ in range(4):
        hidden = (torch.arange(7) % 4 == round_) & (tokens > 2)
        scores = model.fill(torch.where(hidden, HIDDEN, tokens))[hidden]
        full = model.scores(model.encoder.states(torch.where(hidden, HIDDEN, tokens)))[hidden]
        nats += float(F.cross_entropy(full, tokens[hidden], reduction="sum"))
        hits += float((full.argmax(1) == tokens[hidden]).sum())
        # Padding, the mark of hidden places and that of beginnings are never filled in.
        assert (scores[:, :3] < -1e30).all()
    found = model({"text": tokens})["likelihood"][0]
    # The mark (2) and padding (0) are no part of the text.
    torch.testing.assert_close(found, torch.tensor([nats, 5.0, 5.0, hits]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("length", [1, 5, 12, 13, 24, 30])
def test_padding_changes_nothing(length) -> None:
    model = _model()
    tokens = torch.randint(3, 11, (3, length))
    padded = F.pad(tokens, (0, 7))
    for name in ("features", "forward"):
        one, other = (getattr(model, name)({"text": t}) for t in (tokens, padded))
        if name == "forward":
            one, other = one["likelihood"], other["likelihood"]
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_program_reads_as_many_places_as_a_text_has() -> None:
    model = _model()

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens):
            return self.model({"text": tokens})["likelihood"], self.model._stretches(tokens)

    free = torch.export.Dim.DYNAMIC
    example = torch.full((3, model.traced_tokens), 3)
    program = torch.export.export(Both(), (example,), dynamic_shapes=({0: free, 1: free},))
    for length, stretches in ((3, (1, 3)), (11, (1, 11)), (12, (1, 12)), (30, (3, 12))):
        tokens = torch.randint(3, 11, (2, length))
        values, pieces = program.module(check_guards=False)(tokens)
        assert tuple(pieces.shape) == (2 * stretches[0], stretches[1])
        torch.testing.assert_close(values, model({"text": tokens})["likelihood"])


def test_while_training_as_many_are_hidden_as_the_share_says() -> None:
    model = _model().train()
    tokens = torch.randint(3, 11, (5, 12))
    tokens[0, 8:] = 0
    found = model({"text": tokens})["likelihood"]
    assert found[:, 1].tolist() == [2.0, 3.0, 3.0, 3.0, 3.0]


def test_what_is_hidden_does_not_depend_on_how_a_batch_is_split() -> None:
    model = _model().train()
    tokens = torch.randint(3, 11, (6, 12))
    with draws(1, 5, start=0, batch_size=6):
        whole = model({"text": tokens})["likelihood"]
    parts = []
    for start in (0, 2, 4):
        with draws(1, 5, start=start, batch_size=6):
            parts.append(model({"text": tokens[start : start + 2]})["likelihood"])
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-4, atol=1e-4)
    with draws(1, 6, start=0, batch_size=6):
        assert not torch.equal(model({"text": tokens})["likelihood"], whole)


def test_shares_of_what_hidden_places_show(monkeypatch) -> None:
    model = _model(context=400, hidden=0.5, replaced=0.2, kept=0.3).train()
    seen = []
    states = model.encoder.states
    monkeypatch.setattr(model.encoder, "states", lambda x: (seen.append(x), states(x))[1])
    tokens = torch.full((20, 400), 3)
    model({"text": tokens})
    shows_mark = float((seen[0] == HIDDEN).float().mean())
    others = float(((seen[0] != HIDDEN) & (seen[0] != 3)).float().mean())
    assert shows_mark == pytest.approx(0.25, abs=0.02)
    # Of the random tokens, one of nine is the right one.
    assert others == pytest.approx(0.1 * 8 / 9, abs=0.02)


def test_it_learns_what_stands_between() -> None:
    config = MaskedLanguageModelConfig(
        encoder=TransformerConfig(blocks=TransformerBlocksConfig(depth=1, width=32, dropout=0.0)),
        context=12,
    )
    torch.manual_seed(0)
    model = config.build([SPEC], [OutputSpec("likelihood", 4)])
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    text = 3 + torch.arange(60) % 8
    for _ in range(150):
        window = text[torch.randint(0, 40, (16,))[:, None] + torch.arange(12)]
        found = model({"text": window})["likelihood"]
        optimizer.zero_grad()
        (found[:, 0] / found[:, 1]).mean().backward()
        optimizer.step()
    found = model.eval()({"text": text[None, :12]})["likelihood"][0]
    assert found[3] / found[1] > 0.9


def test_wrong_settings_are_explained() -> None:
    with pytest.raises(ConfigError, match="context must be at least 2"):
        MaskedLanguageModelConfig(context=1)
    with pytest.raises(ConfigError, match="hidden must be above 0"):
        MaskedLanguageModelConfig(hidden=0.9)
    with pytest.raises(ConfigError, match="at most 1 together"):
        MaskedLanguageModelConfig(replaced=0.9, kept=0.3)
    words = InputSpec("text", "text", ("text",), (), vocabulary_size=7)
    with pytest.raises(ConfigError, match="reads one text cut into"):
        MaskedLanguageModelConfig().build([words], [OutputSpec("likelihood", 4)])
