import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.forecasters.recurrent import RecurrentForecasterConfig
from tests.networks.forecasters.made import SPEC, samples


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_cell_reads_all_series_and_what_is_known(cell):
    model = RecurrentForecasterConfig(cell=cell, width=8, depth=2, dropout=0.0).build(SPEC)
    inputs = samples()
    past, known = inputs["past"].nan_to_num().transpose(1, 2), inputs["known"]
    answer = model(past, known)
    assert answer.shape == (6, 3, 3, 5)
    moved = past.clone()
    moved[:, 4, -1] += 1.0  # a series that is not asked for
    assert not torch.equal(model(moved, known), answer)
    later = known.clone()
    later[:, SPEC.look_back - 1] += 1.0
    assert not torch.equal(model(past, later), answer)


def test_refuses_no_layer_and_unknown_cells():
    with pytest.raises(ConfigError, match="depth"):
        RecurrentForecasterConfig(depth=0)
    with pytest.raises(ConfigError, match="lstm"):
        RecurrentForecasterConfig(cell="lsmt").build(SPEC)
