"""Scalar LSTM with exponential gates (sLSTM).

Source: Beck et al. 2024, "xLSTM: extended long short-term memory", arXiv:2405.04517, section 2.2
and appendix A.2. Differs: no convolution before the gates, no perceptron behind.
"""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from lamina.core.errors import ConfigError


@final
class ScalarLSTM(nn.Module):
    """An LSTM whose input gate is exponential, beside a shortcut.

    c ← f c + i tanh(z), n ← f n + i, h = o c / n, with i exponential and f, o logistic; a running
    maximum of what stands in the exponents keeps all of it in range. The recurrent weights are
    block-diagonal: each head sees itself.

    Args:
        width: Features.
        num_heads: Heads; must divide the width.

    Shape:
        [batch, length, width] → [batch, length, width].

    Source:
        arXiv:2405.04517, equations 8 to 17.
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        if width % num_heads:
            raise ConfigError(f"num_heads must divide width, got {num_heads!r} and {width!r}.")
        self.num_heads = num_heads
        self.norm = nn.LayerNorm(width)
        self.gates = nn.Linear(width, 4 * width)
        head = width // num_heads
        self.recurrent = nn.Parameter(torch.randn(num_heads, head, 4 * head) * head**-0.5)
        with torch.no_grad():
            # Gates by head: what comes in, input, forget, output. Memories are kept at first.
            bias = self.gates.bias.view(num_heads, 4, head)
            bias.zero_()
            bias[:, 2] = torch.linspace(3.0, 6.0, head)

    @override
    def forward(self, sequence: Tensor) -> Tensor:
        batch, length, width = sequence.shape
        head = width // self.num_heads
        given = self.gates(self.norm(sequence)).reshape(batch, length, self.num_heads, 4 * head)
        hidden = memory = count = given.new_zeros(batch, self.num_heads, head)
        largest = given.new_full((batch, self.num_heads, head), -1e4)
        outputs = []
        for step in range(length):
            all_gates = given[:, step] + torch.einsum("bhi,hio->bho", hidden, self.recurrent)
            entering, opening, keeping, showing = all_gates.float().chunk(4, dim=2)
            kept = functional.logsigmoid(keeping) + largest
            largest = torch.maximum(kept, opening)
            opened, held = (opening - largest).exp(), (kept - largest).exp()
            memory = held * memory + opened * entering.tanh()
            count = held * count + opened
            hidden = (showing.sigmoid() * memory / count.clamp_min(1e-6)).to(given.dtype)
            outputs.append(hidden)
        return sequence + torch.stack(outputs, dim=1).reshape(batch, length, width)
