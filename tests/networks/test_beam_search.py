"""Beam search, against all texts that could be written."""

import itertools

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.beam_search import SearchConfig, search
from lamina.networks.translator import TranslatorConfig

MARK, SIZE = 2, 6


def _translator(seed=0):
    torch.manual_seed(seed)
    config = TranslatorConfig(depth_read=1, depth_written=1, width=16, num_heads=2)
    translator = config.build(SIZE, SIZE, is_shared=True).eval()
    for parameter in translator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return translator


@torch.no_grad()
def _nats(translator, read, answer, *, is_ended=True):
    written = torch.tensor([[MARK, *answer]])
    truth = torch.tensor([*answer, MARK] if is_ended else answer)
    scores = translator.scores(translator.states(written, translator.read(read)))[0]
    logs = scores.log_softmax(1)
    return -float(logs[torch.arange(len(truth)), truth].sum())


@torch.no_grad()
def _find(translator, read, **settings):
    banned = torch.tensor([0, 1])
    return search(translator, read, SearchConfig(**settings), mark=MARK, banned=banned)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_wide_beam_finds_the_likeliest_of_all_texts(seed, penalty) -> None:
    translator, read = _translator(seed), torch.tensor([[2, 3, 5]])
    found = _find(translator, read, beam=40, most_tokens=4, length_penalty=penalty)
    # Up to three tokens and an end; those that are cut off count only where nothing ended.
    texts = [t for n in range(4) for t in itertools.product(range(3, SIZE), repeat=n)]
    best = min(texts, key=lambda t: _nats(translator, read, t) / (len(t) + 1) ** penalty)
    assert tuple(t for t in found.tokens[0].tolist() if t) == best
    assert float(found.nats[0]) == pytest.approx(_nats(translator, read, best), rel=1e-4)
    assert int(found.counts[0]) == len(best) + 1


def test_texts_searched_together_are_found_as_alone() -> None:
    translator = _translator(3)
    read = torch.tensor([[2, 3, 5, 4], [2, 4, 0, 0], [2, 5, 5, 0]])
    together = _find(translator, read, beam=3, most_tokens=8)
    for row in range(3):
        alone = _find(translator, read[row : row + 1], beam=3, most_tokens=8)
        length = alone.tokens.shape[1]
        assert torch.equal(together.tokens[row, :length], alone.tokens[0])
        assert float(together.nats[row]) == pytest.approx(float(alone.nats[0]), rel=1e-4)


def test_a_beam_of_one_takes_the_likeliest_token_always() -> None:
    translator, read = _translator(5), torch.tensor([[2, 4, 3]])
    reading, written = translator.read(read), [MARK]
    for _ in range(6):
        scores = translator.scores(translator.states(torch.tensor([written]), reading))[0, -1]
        scores[:2] = -torch.inf
        written.append(int(scores.argmax()))
        if written[-1] == MARK:
            break
    wanted = [token for token in written[1:] if token != MARK]
    found = _find(translator, read, beam=1, most_tokens=6)
    assert [t for t in found.tokens[0].tolist() if t] == wanted


def test_answers_are_bounded_by_what_was_read() -> None:
    translator = _translator()
    with torch.no_grad():
        translator.written.weight[MARK] = -10.0  # never ends
        translator.norm.weight.fill_(1.0)
    found = _find(translator, torch.tensor([[2, 4], [2, 5]]), beam=2, tokens_per_token=0.5)
    assert found.tokens.shape[1] <= 21
    assert found.counts.max() <= 21


def test_settings_that_cannot_be_are_refused() -> None:
    for settings in ({"beam": 0}, {"most_tokens": 0}, {"tokens_per_token": 0.0}):
        with pytest.raises(ConfigError, match="beam and most_tokens"):
            SearchConfig(**settings)
    with pytest.raises(ConfigError, match="length_penalty"):
        SearchConfig(length_penalty=-1.0)
