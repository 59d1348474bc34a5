"""Questions to any callable of tensors."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.explanation import question as file
from lamina.explanation.features import Columns
from lamina.explanation.question import ask, replaced_output
from tests.explanation.made import linear


def test_answers_are_the_mean_over_what_stands_in():
    # 2·1 + 3·4 = 14; without the second column 2·1 + 3·mean(0, 2) = 5; without both 2·1.5 + 3 = 6.
    asked = linear([2.0, 3.0], [1.0, 4.0], [[1.0, 0.0], [2.0, 2.0]])
    assert asked.value() == 14.0
    removed = torch.tensor([[False, False], [False, True], [True, True]])
    assert asked.answers_without(removed).tolist() == [14.0, 5.0, 6.0]


def test_pieces_give_the_same_answers(monkeypatch):
    asked = linear([2.0, 3.0, 5.0], [1.0, 4.0, 2.0], [[1.0, 0.0, 1.0], [2.0, 2.0, 0.0]])
    removed = torch.randn(40, 3) > 0
    whole = asked.answers_without(removed)
    monkeypatch.setattr(file, "MOST_SAMPLES", 7)
    assert torch.equal(asked.answers_without(removed), whole)


def test_inputs_that_are_not_attributed_stay_as_they_are():
    one = Columns(torch.tensor([0]), torch.zeros(1, 1))
    asked = ask(lambda a, b: (a * b)[:, 0], torch.tensor([[3.0]]), torch.tensor([[5.0]]),
                features=[one, one])  # fmt: skip
    assert asked.counts() == {"0": 1, "1": 1}
    alone = asked.only(["1"])
    assert alone.answers_without(torch.tensor([[True], [False]])).tolist() == [0.0, 15.0]


def test_several_outputs_need_a_choice():
    network = nn.Linear(3, 2)
    with pytest.raises(ConfigError, match="output=0"):
        ask(network, torch.ones(1, 3)).value()
    with torch.no_grad():
        wanted = float(network(torch.ones(1, 3))[0, 1])
    assert ask(network, torch.ones(1, 3), output=1).value() == wanted


def test_wrong_samples_are_refused():
    with pytest.raises(ConfigError, match="one sample"):
        ask(lambda x: x, torch.ones(2, 3))
    with pytest.raises(ConfigError, match="Patches"):
        ask(lambda x: x, torch.ones(1, 3, 4, 4))


def test_an_output_is_replaced_only_inside():
    layer = nn.Linear(2, 2)
    with replaced_output(layer, lambda out: out * 0):
        assert layer(torch.ones(1, 2)).abs().sum() == 0
    assert layer(torch.ones(1, 2)).abs().sum() > 0
