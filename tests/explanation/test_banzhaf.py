"""Banzhaf values: exact ones, and credit that is shared."""

import itertools

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.banzhaf import Banzhaf
from lamina.explanation.features import Columns, Words
from lamina.explanation.occlusion import Occlusion
from lamina.explanation.question import ask


def columns(count: int) -> Columns:
    return Columns(torch.arange(count), torch.zeros(1, count))


def test_a_sum_is_given_its_terms_exactly() -> None:
    sample, weights = torch.tensor([[1.0, -2.0, 0.5]]), torch.tensor([2.0, 1.0, 4.0])
    question = ask(lambda x: x @ weights, sample, features=[columns(3)])
    found = Banzhaf().attribute(question).values["0"]
    assert found.tolist() == pytest.approx([2.0, -2.0, 2.0], abs=1e-5)


def test_many_contexts_come_to_the_exact_value() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    sample = torch.randn(1, 6)
    with torch.no_grad():
        every = torch.tensor(list(itertools.product((0.0, 1.0), repeat=6)))
        answers = network(every * sample)[:, 0]
    # The mean with the feature less the mean without it, over all subsets of the others.
    exact = torch.stack([answers[f == 1].mean() - answers[f == 0].mean() for f in every.T])
    question = ask(network, sample, features=[columns(6)])
    found = Banzhaf(num_contexts=2000).attribute(question).values["0"]
    torch.testing.assert_close(found, exact, atol=0.02, rtol=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_what_two_features_do_together_is_shared_exactly(seed) -> None:
    sample = torch.tensor([[2.0, 3.0, 1.0]])
    question = ask(lambda x: x[:, 0] * x[:, 1] + x[:, 2], sample, features=[columns(3)])
    found = Banzhaf(num_contexts=2, seed=seed).attribute(question).values["0"]
    # In one context of each pair the other factor is there.
    assert found.tolist() == pytest.approx([3.0, 3.0, 1.0])
    assert Occlusion().attribute(question).values["0"].tolist() == [6.0, 6.0, 1.0]


def test_features_that_each_suffice_share_what_neither_loses_alone() -> None:
    sample = torch.ones(1, 4)
    either = ask(lambda x: x[:, :2].amax(dim=1), sample, features=[columns(4)])
    assert Occlusion().attribute(either).values["0"].tolist() == [0, 0, 0, 0]
    found = Banzhaf(num_contexts=400).attribute(either).values["0"]
    # The one counts where the other is not there: in half of the contexts.
    assert found[:2].tolist() == pytest.approx([0.5, 0.5], abs=1e-6)
    assert found[2:].tolist() == [0, 0]


def test_a_sequence_of_words_counts_once_and_not_for_each_of_its_words() -> None:
    # The three words 7 8 9 in a row are worth 3, the word 5 is worth 2.
    words = torch.tensor([[4, 7, 8, 9, 4, 5, 4]])

    def worth(texts: torch.Tensor) -> torch.Tensor:
        row = torch.nn.functional.pad(texts, (0, 2))
        is_there = (row[:, :-2] == 7) & (row[:, 1:-1] == 8) & (row[:, 2:] == 9)
        return 3.0 * is_there.any(dim=1) + 2.0 * (texts == 5).any(dim=1)

    question = ask(worth, words, features=[Words()])
    alone = Occlusion().attribute(question).values["0"]
    assert alone.tolist() == [0, 3, 3, 3, 0, 2, 0]
    found = Banzhaf(num_contexts=400).attribute(question).values["0"]
    # Both other words are there in a quarter of the contexts, and so is what stands between.
    assert found[[1, 2, 3]].tolist() == pytest.approx([0.75] * 3, abs=0.3)
    assert found[5] == pytest.approx(2.0)
    assert int(found.argmax()) == 5


def test_the_contexts_depend_on_the_seed_alone() -> None:
    question = ask(lambda x: x.prod(dim=1), torch.full((1, 5), 2.0), features=[columns(5)])
    first, again, other = (Banzhaf(seed=seed).attribute(question).values["0"] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("number", [0, 1, 3, -2])
def test_an_odd_number_of_contexts_is_explained(number) -> None:
    with pytest.raises(ConfigError, match=r"num_contexts must be 2, 4, 6"):
        Banzhaf(num_contexts=number)
