"""Where tokens lie in time, against all alignments."""

import itertools

import pytest
import torch

from lamina.networks.alignment import alignment


def _by_hand(logs, tokens):
    """Return the shares, by walking through every sequence of states."""
    steps, found, total = len(logs), torch.zeros(len(tokens), len(logs)), 0.0
    for path in itertools.product(range(logs.shape[1]), repeat=steps):
        places, text = [], []
        for step, token in enumerate(path):
            if token and (step == 0 or path[step - 1] != token):
                text.append(token)
            places.append(len(text) - 1 if token else -1)
        if text != tokens:
            continue
        share = float(sum(logs[step, token] for step, token in enumerate(path)).exp())
        total += share
        for step, place in enumerate(places):
            if place >= 0:
                found[place, step] += share
    return found / total


@pytest.mark.parametrize("tokens", [[1], [1, 2], [2, 2], [1, 2, 1], [2, 2, 1]])
def test_shares_are_those_of_all_alignments(tokens) -> None:
    torch.manual_seed(len(tokens))
    logs = (1.5 * torch.randn(6, 3)).log_softmax(1)
    found = alignment(logs, torch.tensor(tokens))
    torch.testing.assert_close(found.float(), _by_hand(logs, tokens), rtol=1e-3, atol=1e-5)
    assert (found.sum(0) <= 1 + 1e-9).all()
    assert (found.sum(1) >= 1 - 1e-9).all(), "each token is heard for one step at least"


def test_too_few_steps_and_nothing_said_have_no_place() -> None:
    logs = torch.zeros(2, 3).log_softmax(1)
    assert not alignment(logs, torch.tensor([1, 1])).any()
    assert alignment(logs, torch.zeros(0, dtype=torch.int64)).shape == (0, 2)
