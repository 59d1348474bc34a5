"""Network that hears speech."""

import itertools
import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.answers import LIKELIHOOD
from lamina.networks.taggers.contexts import RecurrentContextConfig
from lamina.networks.transcriber import TranscriberConfig
from lamina.networks.transcript_search import TranscriptSearchConfig
from lamina.runtime.answers.transcripts import Transcripts

SIZES = np.array([0, 0, 0, 1, 1, 2])
HEARD = InputSpec("sound", "sound", ("sound",), (), rate=4_000, num_steps=1_000)
WRITTEN = InputSpec("said", "text", ("said",), (), vocabulary_size=6, token_bytes=SIZES)
OUTPUT = OutputSpec("said", 2)


def _model(**settings):
    torch.manual_seed(0)
    config = TranscriberConfig(
        num_bands=16,
        widths=(4, 6),
        context=RecurrentContextConfig(depth=1, width=6),
        **settings,
    )
    return config.build([HEARD, WRITTEN], [OUTPUT]).eval()


@torch.no_grad()
def test_a_transcript_is_as_likely_as_all_its_alignments() -> None:
    model = _model(frames_per_step=4)
    sound, answer = torch.randn(1, 700), torch.tensor([[2, 4, 4, 3]])
    found = model({"sound": sound, "said": answer})[LIKELIHOOD][0]
    logs, valid = model.steps(sound)
    assert valid.all()
    assert logs.shape[1] == 5
    share = 0.0
    for path in itertools.product(range(6), repeat=5):
        if tuple(t for t, _ in itertools.groupby(path) if t) == (4, 4, 3):
            share += float(sum(logs[0, step, t] for step, t in enumerate(path)).exp())
    assert float(torch.exp(-found[0])) == pytest.approx(share, rel=1e-3)
    assert found[1:].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("frames", [2, 4])
def test_padding_changes_nothing(frames) -> None:
    model = _model(frames_per_step=frames)
    sound, answer = torch.randn(2, 900), torch.tensor([[2, 3, 5], [2, 4, 0]])
    padded = F.pad(sound, (0, 333), value=float("nan"))
    one = model({"sound": sound, "said": answer})[LIKELIHOOD]
    other = model({"sound": padded, "said": F.pad(answer, (0, 2))})[LIKELIHOOD]
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)
    features = [model.features({"sound": s}) for s in (sound, padded)]
    torch.testing.assert_close(*features, rtol=1e-3, atol=1e-4)
    written = [model({"sound": s})["said"] for s in (sound, padded)]
    assert torch.equal(written[0][:, 1:], written[1][:, 1:])


@pytest.mark.parametrize("beam", [1, 4])
def test_what_is_written_can_be_spelt(beam) -> None:
    model = _model(search=TranscriptSearchConfig(beam=beam))
    found = model({"sound": torch.randn(3, 2_000)})["said"]
    tokens = found[:, 2:].long()
    assert set(tokens.unique().tolist()) <= {0, 3, 4, 5}
    assert torch.equal((tokens > 0).sum(1).float(), found[:, 1])


def test_a_sound_too_short_for_its_transcript_teaches_nothing() -> None:
    model = _model()
    found = model({"sound": torch.randn(1, 80), "said": torch.tensor([[2, 3, 4, 5, 3, 4, 5]])})
    assert found[LIKELIHOOD][0].tolist() == [0.0, 6.0, 8.0]


@torch.no_grad()
def test_other_formats_get_the_scores_and_find_what_it_finds() -> None:
    model = _model()
    model.initialise({}, {"said": torch.tensor([[2, 3, 4], [2, 5, 4]])})
    sound = torch.randn(2, 1_500)
    sound[1, 900:] = torch.nan
    found = model({"sound": sound})["said"]
    logs, valid = model.steps(sound)
    pieces = ["<mark>", "a", "b", "c"]
    document = {"target": "said", "pieces": pieces, **json.loads(json.dumps(model.decoding()))}
    scores = logs.masked_fill(model.token_bytes.eq(0) & (torch.arange(6) > 0), -1e4)
    scores = scores.masked_fill(~valid.unsqueeze(2), torch.nan).flatten(1)
    for row, answer in zip(
        found, Transcripts.from_document(document).read(scores.double().numpy())
    ):
        assert answer["said"] == "".join(pieces[int(t) - 2] for t in row[2:] if t)
        assert answer["said: nats per token"] == pytest.approx(
            float(row[0] / row[1].clamp(1)), rel=1e-4
        )


def test_runs_of_training_transcripts_are_learnt_at_the_start() -> None:
    model = _model()
    model.initialise({}, {"said": torch.tensor([[2, 3, 4], [2, 3, 4]])})
    table = model.language.table()
    likely, rare = (table.log_probability([3], token) for token in (4, 5))
    assert likely > rare + 1
    assert "language.runs" in model.state_dict()


def test_what_it_cannot_hear_is_explained() -> None:
    for inputs in ([WRITTEN], [HEARD, HEARD, WRITTEN], [WRITTEN, WRITTEN]):
        with pytest.raises(ConfigError, match="reads one sound and writes one text"):
            TranscriberConfig().build(inputs, [OUTPUT])
    with pytest.raises(ConfigError, match="frames_per_step"):
        TranscriberConfig(frames_per_step=3)
    with pytest.raises(ConfigError, match="widths"):
        TranscriberConfig(widths=(8,))
    with pytest.raises(ConfigError, match="hidden_frames"):
        TranscriberConfig(hidden_frames=1.0)


@torch.no_grad()
def test_a_row_for_each_token_says_when_it_is_heard() -> None:
    model = _model()
    found = model.looks({"sound": torch.randn(1, 2_000), "said": torch.tensor([[2, 3, 4]])})
    assert found.shape[0] == 2
    assert (found.sum(dim=1) >= 1 - 1e-6).all()
    assert model.seconds_per_place == pytest.approx(0.04)
