"""The receipt of a run: what it was made with, so that it can be made again."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from lamina.core.config import to_document
from lamina.core.files import sha256_of
from lamina.core.hardware import describe_hardware, versions
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan
from lamina.runs.prepare import Material


def make_receipt(
    folder: RunFolder, plan: Plan, material: Material, *, started: datetime, seconds: float
) -> dict[str, Any]:
    """Return the content of receipt.json.

    Args:
        folder: The run folder, with plan and model written.
        plan: Every decision.
        material: Rows, schema, split.
        started: When the run began.
        seconds: How long it took in all.
    """
    return {
        "schema": 1,
        "command": f"lamina reproduce {folder.path}",
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "seeds": {"run": plan.seed},
        "versions": versions(),
        "hardware": to_document(describe_hardware()),
        "hashes": {
            "plan": sha256_of(folder.plan),
            "model": sha256_of(folder.model / "network.safetensors"),
            "code": code_hash(),
            **_pretrained(plan),
            **{
                f"data/{name}": info.fingerprint
                for name, info in zip(material.rows.names, material.infos)
            },
        },
    }


def _pretrained(plan: Plan) -> dict[str, str]:
    digest = plan.transfer.pretrained_sha256
    return {} if digest is None else {"pretrained": digest}


def code_hash() -> str:
    """Return the SHA-256 over every source file of the package."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
