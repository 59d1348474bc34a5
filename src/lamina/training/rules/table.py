"""The table of learning rules: name to config."""

from collections.abc import Mapping
from typing import Any

from lamina.core.table import Entry, table
from lamina.training.rules.backpropagation import BackpropagationConfig

RULES: Mapping[str, Entry[Any]] = table(
    Entry(
        "backpropagation",
        BackpropagationConfig,
        "The gradient of the loss.",
        "Rumelhart, Hinton and Williams 1986",
    ),
)
"""Every rule that a plan can name."""
