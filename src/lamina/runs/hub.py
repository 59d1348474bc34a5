"""A run as a folder for the hub: the model, its plan and figures, a card, and a config.json.

It is a run folder without what the training needed, so whatever takes a run takes it, too. Nothing
of the rows goes with it but what the model and its figures hold, and no path of the machine.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from lamina.core.bundle import save_bundle
from lamina.core.errors import RunError
from lamina.core.files import write_atomically
from lamina.core.hub import HUB
from lamina.reports.model_card import CardFacts, model_card
from lamina.runs.folder import RunFolder
from lamina.runs.plan import Plan, write_plan
from lamina.runs.run import Run
from lamina.training.log import read_log

CARD = "README.md"
"""Name of the card, which the hub shows."""


def save_to_hub_folder(run: Run, folder: Path | str, *, license: str = "unknown") -> Path:
    """Write what others need to use and to judge a model.

    Args:
        run: A finished run.
        folder: Where to; it must be empty or not there.
        license: Identifier of the licence, such as "apache-2.0"; nobody but you can know it.

    Returns:
        The folder.

    Raises:
        RunError: The run is not finished, or the folder is not empty.
    """
    target = RunFolder(Path(folder))
    if target.path.exists() and (not target.path.is_dir() or any(target.path.iterdir())):
        raise RunError(f"{target.path} is not empty. Name another folder.")
    card = card_of(run, license=license)
    target.path.mkdir(parents=True, exist_ok=True)
    plan = _without_places(run.predictor.plan)
    save_bundle(target.model, replace(run.predictor, plan=plan).to_bundle())
    write_plan(plan, target.plan)
    shutil.copyfile(run.folder.evaluation, target.evaluation)
    config = {"library_name": "lamina", "model_type": "lamina", "task": plan.task}
    write_atomically(target.path / "config.json", json.dumps(config, indent=1) + "\n")
    write_atomically(target.path / CARD, card)
    return target.path


def card_of(run: Run, *, license: str = "unknown") -> str:
    """Return the model card of a run.

    Args:
        run: A finished run.
        license: Identifier of the licence.

    Raises:
        RunError: The run is not finished.
    """
    evaluation, schema = run.evaluation, run.predictor.schema
    records = read_log(run.folder.log) if run.folder.log.exists() else []
    energies = [record for record in records if record.get("kind") == "energy"]
    return model_card(
        CardFacts(
            name=run.path.resolve().name,
            data=Path(run.plan.data.source).name,
            license=license,
            columns=tuple((c.name, c.role, c.modality) for c in schema.columns),
            evaluation=evaluation,
            receipt=_receipt(run),
            energy=energies[-1] if energies else None,
        )
    )


def _receipt(run: Run) -> dict[str, Any]:
    return run.folder.read_json(run.folder.receipt) if run.folder.receipt.exists() else {}


def _without_places(plan: Plan) -> Plan:
    """Return a plan that names its sources, and says nothing of where they lie."""
    data, start = plan.data, plan.transfer
    data = replace(
        data,
        source=Path(data.source).name,
        test=None if data.test is None else Path(data.test).name,
        validation=None if data.validation is None else Path(data.validation).name,
    )
    named = start.pretrained
    if named is not None and not named.startswith(HUB):
        named = Path(named).name
    run = None if start.run is None else Path(start.run).name
    start = replace(start, run=run, pretrained=named)
    return replace(plan, data=data, transfer=start)
