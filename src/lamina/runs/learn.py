"""Learning without judging: from a request to a model, for callers that judge it themselves.

Cross-validation fits many models and scores each on rows of its own. So no row is kept for a test,
nothing is checked, no simple model is asked, nothing is reported, and no folder is left behind; all
else, the plan above all, is as `fit` has it.
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lamina.runs.fit import prepare
from lamina.runs.folder import RunFolder
from lamina.runs.predictor import Predictor
from lamina.runs.request import FitRequest
from lamina.runs.train import train_network
from lamina.runs.watch import Watch

_SETTINGS = ("data.split.test=0", "machine.is_probed=false")
"""Measuring the machine takes longer than a small fit, and its choice may change the last bits."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model, and how long it took."""

    predictor: Predictor
    """The model with its temperature."""
    steps: int
    """Steps of the optimizer that were taken."""


def learn(request: FitRequest, watch: Watch | None = None) -> Learnt:
    """Train the network that a request asks for, and keep nothing but the model.

    Args:
        request: What the user asks; its settings go before those made here.
        watch: Takes what happens.

    Raises:
        DataError: The data cannot be read or learnt from.
        ConfigError: A setting is wrong.
        TrainingError: Training cannot go on.
    """
    watch = watch or Watch()
    request = replace(request, settings=(*_SETTINGS, *request.settings))
    with tempfile.TemporaryDirectory(prefix="lamina-") as place:
        folder = RunFolder(Path(place))
        plan, material = prepare(request, folder.data, watch, is_judged=False)
        trained = train_network(folder, plan, material, watch)
    return Learnt(trained.predictor, trained.result.steps)
