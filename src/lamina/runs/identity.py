"""What a checkpoint of a run belongs to: its data and every decision that changes the numbers."""

import hashlib
import json
from typing import Any

from lamina.runs.plan import Plan, plan_from_document
from lamina.runs.prepare import Material

_FREE = {
    "data": ("source", "test", "validation", "storage"),
    "data.fitting": ("tokeniser", "picture_scale", "vocabulary_of"),
    "transfer": ("pretrained",),
    "training": ("execution", "micro_batch_size"),
}
"""Settings that may change between two parts of a run: places, whose content is compared instead,
and how the same numbers are computed."""


def identity_of(plan: Plan, material: Material) -> dict[str, str]:
    """Return a digest of each source and each section of the plan, by what it is.

    Args:
        plan: Every decision.
        material: Rows and what the sources are.
    """
    parts = {
        f"the {name} data": info.fingerprint
        for name, info in zip(material.rows.names, material.infos)
    }
    # As it comes back from a file: there 12 and 12.0, lists and tuples are one.
    plain = json.loads(json.dumps(plan.to_document(), default=_plain_number))
    document = plan_from_document(plain).to_document()
    for name in ("schema", "budget", "machine", "reasons"):
        del document[name]
    for section, names in _FREE.items():
        place = document
        for part in section.split("."):
            place = place[part]
        for name in names:
            del place[name]
    return parts | {f"the plan's {name}": _digest(part) for name, part in document.items()}


def _digest(part: Any) -> str:
    text = json.dumps(part, sort_keys=True, default=_plain_number)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain_number(value: Any) -> Any:
    return value.item()
