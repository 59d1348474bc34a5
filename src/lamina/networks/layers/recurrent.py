"""Recurrent layers over padded sequences, torch's fused cells inside.

The backward direction reads each text reversed in place, so that padding always comes last and
never reaches a token; so nothing has to be packed, and the layer can be exported.

Source: Elman 1990 (rnn); Hochreiter and Schmidhuber 1997 (lstm); Cho et al. 2014, arXiv:1406.1078
(gru); Schuster and Paliwal 1997 (both directions).
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.random import shared_mask
from lamina.core.table import Entry, look_up, table

CELLS: Mapping[str, Entry[Callable[..., nn.RNNBase]]] = table(
    Entry("gru", nn.GRU, "Gated recurrent unit.", "Cho et al. 2014, arXiv:1406.1078"),
    Entry("lstm", nn.LSTM, "Long short-term memory.", "Hochreiter and Schmidhuber 1997"),
    Entry("rnn", nn.RNN, "Simple recurrence with tanh.", "Elman 1990"),
)
"""All recurrent cells by name."""


class Recurrent(nn.Module):
    """One recurrent layer, forward or in both directions.

    Args:
        cell: Name in `CELLS`.
        in_features: Width of the input.
        width: Units per direction.
        is_bidirectional: Reads each text backwards too.

    Shape:
        sequence [batch, length, in_features], valid bool [batch, length] (padding last) →
        [batch, length, out_features].

    Source:
        Schuster and Paliwal 1997.
    """

    def __init__(
        self, cell: str, in_features: int, width: int, *, is_bidirectional: bool = True
    ) -> None:
        super().__init__()
        kind = look_up(CELLS, cell, what="recurrent cell")
        self.forwards = kind(in_features, width, batch_first=True)
        self.backwards = kind(in_features, width, batch_first=True) if is_bidirectional else None
        self.out_features = width * (2 if is_bidirectional else 1)

    def for_export(self) -> "Recurrent":
        """Return the same function in cells that every format of exported models knows."""
        same = copy.copy(self)
        same._modules = dict(self._modules)
        same.forwards = as_known(self.forwards)
        same.backwards = None if self.backwards is None else as_known(self.backwards)
        return same

    @override
    def forward(self, sequence: Tensor, valid: Tensor) -> Tensor:
        ahead, _ = read(self.forwards, sequence)
        if self.backwards is None:
            return ahead
        order = reversing_order(valid)
        back = _take(read(self.backwards, _take(sequence, order))[0], order)
        return torch.cat((ahead, back), dim=2)


def reversing_order(valid: Tensor) -> Tensor:
    """Return the positions that reverse each row's valid part and leave its padding in place.

    Args:
        valid: bool [batch, length], padding last.

    Returns:
        int64 [batch, length]; applying it twice gives the row back.
    """
    places = torch.arange(valid.shape[1], device=valid.device)
    reversed_places = valid.sum(dim=1, keepdim=True) - 1 - places
    return torch.where(valid, reversed_places, places)


def read(cell: nn.RNNBase, sequence: Tensor, state: Any = None) -> tuple[Tensor, Any]:
    """Return what a cell answers at each place, and its state after the last.

    In bfloat16 torch's LSTM needs a processor with AVX-512; without it the cell reads in float32.

    Args:
        cell: The cell.
        sequence: float [batch, length, features].
        state: Its state before the first place, as torch wants it; None for zeros.
    """
    if _is_beyond(sequence):
        with torch.autocast("cpu", enabled=False):
            return cell(sequence.float(), state)  # type: ignore[no-any-return]
    return cell(sequence, state)  # type: ignore[no-any-return]


def read_partly(
    cell: nn.RNNBase, sequence: Tensor, state: Any, *, dropped: float
) -> tuple[Tensor, Any]:
    """Return what a cell answers, and its state, without some weights from state to state.

    The same weights are gone at every place and for every sample of a batch.

    Args:
        cell: A cell of one layer and direction that reads [batch, length, features].
        sequence: float [batch, length, features].
        state: As for `read`.
        dropped: Share of the weights that are left out, in [0, 1).

    Source:
        Merity et al. 2017, "Regularizing and optimizing LSTM language models", arXiv:1708.02182
        (weight-dropped LSTM).
    """
    if _is_beyond(sequence):
        with torch.autocast("cpu", enabled=False):
            return _read_partly(cell, sequence.float(), state, dropped)
    return _read_partly(cell, sequence, state, dropped)


def _is_beyond(sequence: Tensor) -> bool:
    """Return whether a cell would read in bfloat16 what this processor cannot."""
    is_lowered = sequence.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    return is_lowered and torch.backends.cpu.get_cpu_capability() != "AVX512"


def _read_partly(
    cell: nn.RNNBase, sequence: Tensor, state: Any, dropped: float
) -> tuple[Tensor, Any]:
    weights: dict[str, Tensor] = dict(cell.named_parameters())
    own = weights["weight_hh_l0"]
    kept = shared_mask(tuple(own.shape), dropped, own.device)
    weights["weight_hh_l0"] = own * kept.to(own.dtype).mul_(1.0 / (1.0 - dropped))
    begin = sequence.new_zeros(1, sequence.shape[0], cell.hidden_size)
    if isinstance(cell, nn.LSTM):
        state = (begin, begin) if state is None else state
        out, hidden, inner = torch.lstm(
            sequence, state, list(weights.values()), True, 1, 0.0, True, False, True
        )
        return out, (hidden, inner)
    call = torch.gru if isinstance(cell, nn.GRU) else torch.rnn_tanh
    state = begin if state is None else state
    return call(sequence, state, list(weights.values()), True, 1, 0.0, True, False, True)


def as_known(cell: nn.RNNBase) -> nn.RNNBase:
    """Return a simple cell as a gated one whose gates stand still: it is known where loops are not.

    In h' = (1 - z) n + z h with n = tanh(W x + b + r (U h + c)) the gates are r = 1 and z = 0,
    exactly: float32 knows no other number for the logistic function of 100 and of -200.

    Args:
        cell: Any cell; those that are known are returned as they are.
    """
    if not isinstance(cell, nn.RNN):
        return cell
    gated = nn.GRU(cell.input_size, cell.hidden_size, batch_first=True)
    width = cell.hidden_size
    with torch.no_grad():
        for name, value in cell.named_parameters():
            still = torch.zeros_like(value)
            gate = getattr(gated, name)
            gate.copy_(torch.cat([still, still, value]))
            if name == "bias_ih_l0":
                gate[:width] = 100.0
                gate[width : 2 * width] = -200.0
    return gated.to(value.device).train(cell.training)


def _take(sequence: Tensor, order: Tensor) -> Tensor:
    return sequence.gather(1, order.unsqueeze(2).expand(-1, -1, sequence.shape[2]))
