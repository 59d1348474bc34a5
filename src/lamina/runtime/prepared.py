"""Rows as the graph of an exported model sees them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as the graph sees them."""

    inputs: Mapping[str, np.ndarray]
    """Arrays by name, of the rows that can be answered."""
    rows: tuple[int, ...]
    """Which rows these are."""
    errors: Mapping[int, str]
    """What is wrong with the other rows."""
    origins: tuple[float, ...] = ()
    """Of histories: the time of the last known step of each of these rows."""
