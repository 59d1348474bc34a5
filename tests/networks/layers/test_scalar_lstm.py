import math

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.scalar_lstm import ScalarLSTM


def test_two_steps_by_hand():
    cell = ScalarLSTM(1, 1)
    with torch.no_grad():
        cell.norm.weight.fill_(0.0)  # what comes in is the bias alone
        cell.recurrent.fill_(0.0)
        cell.gates.bias.copy_(torch.tensor([0.5, 1.0, 2.0, 0.3]))
        answer = cell(torch.zeros(1, 2, 1)).flatten().tolist()
    enters, keeps, shows = math.tanh(0.5), 1 / (1 + math.exp(-2)), 1 / (1 + math.exp(-0.3))
    memory = count = 0.0
    for found in answer:
        memory = keeps * memory + math.exp(1.0) * enters
        count = keeps * count + math.exp(1.0)
        assert found == pytest.approx(shows * memory / count, abs=1e-6)


def test_large_gates_stay_finite():
    cell = ScalarLSTM(8, 2)
    with torch.no_grad():
        cell.gates.bias.fill_(500.0)
        assert cell(torch.randn(3, 20, 8)).isfinite().all()


def test_refuses_heads_that_do_not_divide():
    with pytest.raises(ConfigError, match="divide"):
        ScalarLSTM(10, 4)
