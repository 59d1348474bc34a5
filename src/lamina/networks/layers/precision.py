"""Computing some steps in full precision where the rest of a network is in bfloat16."""

from contextlib import AbstractContextManager, nullcontext

import torch


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which nothing is lowered to bfloat16.

    A network that is exported is in full precision anyway, and not every format knows the context.

    Args:
        device: Where it is computed.
    """
    if torch.compiler.is_exporting():
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
