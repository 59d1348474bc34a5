"""Muon: momentum whose update is made orthogonal, for matrices and convolution filters.

Newton-Schulz steps replace the momentum of a matrix by the nearest (nearly) orthogonal one, so that
every direction learns at the same rate. Matrices of equal shape are handled in one batched call.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks",
https://kellerjordan.github.io/posts/muon; weight renormalisation from "airbench94_muon" by the same
author. Differs: batched over equal shapes; float32 on the CPU, bfloat16 on a GPU.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(matrices: Tensor, *, num_steps: int = 5) -> Tensor:
    """Return nearly orthogonal matrices with the singular vectors of the given ones.

    Singular values come out between about 0.7 and 1.2, which is close enough for an update.

    Args:
        matrices: float [count, rows, columns].
        num_steps: Newton-Schulz steps.

    Source:
        Jordan et al. 2024, quintic iteration with coefficients 3.4445, -4.7750, 2.0315.
    """
    a, b, c = _COEFFICIENTS
    work = matrices.bfloat16() if matrices.is_cuda else matrices
    is_tall = work.shape[1] > work.shape[2]
    if is_tall:
        work = work.mT
    work = work / work.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
    for _ in range(num_steps):
        gram = work @ work.mT
        work = a * work + (b * gram + c * gram @ gram) @ work
    return (work.mT if is_tall else work).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, made orthogonal.

    Source:
        Jordan et al. 2024; see the file header.
    """

    def __init__(
        self,
        params: Iterable[Any],
        *,
        lr: float,
        momentum: float = 0.95,
        num_steps: int = 5,
        weight_decay: float = 0.0,
        renormalise: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "num_steps": num_steps,
            "weight_decay": weight_decay,
            "renormalise": renormalise,
        }
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Change the parameters once.

        Args:
            closure: Recomputes the loss, as for every PyTorch optimizer.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            shapes: dict[tuple[torch.Size, torch.device], list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    key = (parameter.flatten(1).shape, parameter.device)
                    shapes.setdefault(key, []).append(parameter)
            for parameters in shapes.values():
                self._update(parameters, group)
        return loss

    def _update(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        momentum, rate = group["momentum"], group["lr"]
        buffers = []
        for parameter in parameters:
            state = self.state[parameter]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(parameter)
            buffers.append(state["momentum_buffer"])
        gradients = [p.grad for p in parameters if p.grad is not None]
        torch._foreach_lerp_(buffers, gradients, 1 - momentum)
        mixed = torch._foreach_lerp(gradients, buffers, momentum)
        updates = orthogonalise(
            torch.stack([update.flatten(1) for update in mixed]), num_steps=group["num_steps"]
        )
        updates *= max(1.0, updates.shape[1] / updates.shape[2]) ** 0.5
        for parameter, update in zip(parameters, updates, strict=True):
            if group["renormalise"]:
                parameter.mul_(len(parameter) ** 0.5 / parameter.norm().clamp_min(1e-7))
            if group["weight_decay"]:
                parameter.mul_(1 - rate * group["weight_decay"])
            parameter.add_(update.view_as(parameter), alpha=-rate)
