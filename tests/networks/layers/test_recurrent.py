"""Recurrent layers."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lamina.networks.layers.recurrent import CELLS, Recurrent, reversing_order


@pytest.mark.parametrize("cell", CELLS)
def test_parity_with_torchs_packed_sequences(cell) -> None:
    layer = Recurrent(cell, 3, 4)
    reference = CELLS[cell].value(3, 4, batch_first=True, bidirectional=True)
    state = layer.forwards.state_dict()
    state |= {f"{name}_reverse": value for name, value in layer.backwards.state_dict().items()}
    reference.load_state_dict(state)
    sequence, lengths = torch.randn(3, 6, 3), torch.tensor([6, 4, 1])
    valid = torch.arange(6) < lengths[:, None]
    packed = pack_padded_sequence(sequence, lengths, batch_first=True)
    wanted, _ = pad_packed_sequence(reference(packed)[0], batch_first=True)
    torch.testing.assert_close(layer(sequence, valid) * valid.unsqueeze(2), wanted)


def test_reversing_by_hand() -> None:
    valid = torch.tensor([[True, True, True, False], [True, False, False, False]])
    assert reversing_order(valid).tolist() == [[2, 1, 0, 3], [0, 1, 2, 3]]


def test_one_direction() -> None:
    layer = Recurrent("gru", 3, 4, is_bidirectional=False)
    assert layer.out_features == 4
    assert isinstance(layer.forwards, nn.GRU)


@pytest.mark.parametrize("cell", CELLS)
def test_cells_read_in_float32_where_the_processor_has_no_bfloat16_kernel(cell, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    layer = Recurrent(cell, 3, 4)
    sequence, valid = torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):
        lowered = layer(sequence, valid)
    torch.testing.assert_close(lowered, layer(sequence, valid))
