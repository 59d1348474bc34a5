"""Search for transcripts, against all alignments."""

import itertools

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.ngram_memory import NgramMemory
from lamina.networks.transcript_search import TranscriptSearchConfig, transcribe

PLAIN = {"language_weight": 0.0, "token_bonus": 0.0}


def _joined(path):
    """Return the text of an alignment: repeated tokens joined, blanks left out."""
    return tuple(t for t, _ in itertools.groupby(path) if t != 0)


def _shares(logs):
    """Return the probability of each text, over all alignments."""
    found = {}
    for path in itertools.product(range(logs.shape[1]), repeat=logs.shape[0]):
        share = float(sum(logs[step, token] for step, token in enumerate(path)).exp())
        found[_joined(path)] = found.get(_joined(path), 0.0) + share
    return found


def _logs(seed, steps=5, tokens=4):
    torch.manual_seed(seed)
    return (1.5 * torch.randn(1, steps, tokens)).log_softmax(2)


def _find(logs, language=None, **settings):
    valid = torch.ones(logs.shape[:2], dtype=torch.bool)
    config = TranscriptSearchConfig(**settings)
    return transcribe(logs, valid, config, language or NgramMemory(config.order))


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_finds_the_likeliest_text_of_all(seed) -> None:
    logs = _logs(seed)
    shares = _shares(logs[0])
    best = max(shares, key=shares.get)
    found = _find(logs, beam=200, **PLAIN)[0]
    assert tuple(int(t) for t in found[2:]) == best
    assert float(torch.exp(-found[0])) == pytest.approx(shares[best], rel=1e-3)
    assert int(found[1]) == len(best)


@pytest.mark.parametrize("seed", range(3))
def test_a_beam_of_one_takes_the_likeliest_alignment(seed) -> None:
    logs = _logs(seed, steps=7)
    found = _find(logs, beam=1)[0]
    best = _joined(logs[0].argmax(1).tolist())
    assert tuple(int(t) for t in found[2:] if t) == best
    assert float(found[0]) == pytest.approx(-float(logs[0].max(1).values.sum()), rel=1e-5)


@pytest.mark.parametrize("beam", [1, 4])
def test_padding_is_not_heard_and_rows_do_not_meet(beam) -> None:
    logs = torch.cat([_logs(1, 6), _logs(2, 6)])
    valid = torch.arange(6)[None] < torch.tensor([[4], [6]])
    config, language = TranscriptSearchConfig(beam=beam, **PLAIN), NgramMemory(2)
    both = transcribe(logs, valid, config, language)
    for row, length in enumerate((4, 6)):
        some = (slice(row, row + 1), slice(length))
        alone = transcribe(logs[some], valid[some], config, language)
        assert torch.allclose(both[row, : alone.shape[1]], alone[0], atol=1e-4)
        assert not both[row, alone.shape[1] :].any()


def test_what_is_usual_decides_between_what_sounds_alike() -> None:
    logs = torch.tensor([[[-9.0, -0.7, -0.65, -9.0]]]).log_softmax(2)
    language = NgramMemory(2)
    language.learn(torch.tensor([[2, 1], [2, 1], [2, 1]]))
    assert int(_find(logs, language, beam=4, **PLAIN)[0, 2]) == 2
    found = _find(logs, language, beam=4, language_weight=1.0, token_bonus=0.0, order=2)
    assert int(found[0, 2]) == 1


def test_tokens_are_worth_what_is_said() -> None:
    logs = torch.tensor([[[0.5, 0.4, 0.1]]]).log()
    assert _find(logs, beam=4, **PLAIN)[0, 1] == 0
    assert _find(logs, beam=4, language_weight=0.0, token_bonus=1.0)[0, 1] == 1


def test_settings_that_cannot_be_are_refused() -> None:
    for settings in ({"beam": 0}, {"order": 0}, {"order": 9}):
        with pytest.raises(ConfigError, match="beam must be at least 1"):
            TranscriptSearchConfig(**settings)
    with pytest.raises(ConfigError, match="language_weight"):
        TranscriptSearchConfig(language_weight=-1.0)
