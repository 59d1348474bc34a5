"""Which training a checkpoint belongs to: all that must be the same when it is resumed."""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lamina.core.errors import BundleError
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution


def training_identity(config: TrainingConfig, index: Tensor, seed: int) -> str:
    """Return a digest of config, samples and seed; how it is computed is left out.

    Args:
        config: How to train.
        index: Row numbers of the training samples, int64 [samples].
        seed: Decides order, masks and augmentation.
    """
    plain = dataclasses.replace(config, execution=Execution(), micro_batch_size=None)
    digest = hashlib.sha256(f"{_canonical(plain)}|{seed}|{len(index)}|".encode())
    digest.update(index.cpu().contiguous().numpy().data)
    return digest.hexdigest()


def check_identity(document: Mapping[str, Any], *, identity: str, parts: Mapping[str, str]) -> None:
    """Refuse a checkpoint that another training wrote, and name what changed where it is known.

    Args:
        document: Document of the checkpoint.
        identity: As `training_identity` gives it for this training.
        parts: `Hooks.identity` of this training.

    Raises:
        BundleError: It belongs to another training.
    """
    before = document.get("parts", parts)  # older checkpoints have none
    names = [*parts, *(name for name in before if name not in parts)]
    changed = [name for name in names if before.get(name) != parts.get(name)]
    if not changed and document.get("identity") == identity:
        return
    what = ", ".join(changed) or "config, seed or samples"
    raise BundleError(
        f"the checkpoint belongs to another training: {what} differ from what they were. "
        "Put back the data and the plan of before, or start a new run."
    )


def _canonical(value: Any) -> Any:
    """Return a form in which equal settings look equal: 12 and 12.0, tuples and lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return [type(value).__name__, _canonical(fields)]
    if isinstance(value, Mapping):
        return sorted((str(key), _canonical(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return float(value) if type(value) is int else value
