"""How fast two graphs answer the same inputs, in turns, so that both see the same machine."""

import time
from collections.abc import Callable, Mapping

import numpy as np

Graph = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Encoded inputs by name to numbers."""

MOST_TURNS = 200
"""Turns that are timed at most."""

MOST_SECONDS = 4.0
"""Seconds that timing takes at most, beyond five turns."""


def compared(
    graph: Graph, other: Graph, one: Mapping[str, np.ndarray], many: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """Return median milliseconds for one row and for many, and how much quicker the first is.

    Args:
        graph: The graph in question.
        other: The one that it is compared with.
        one: Inputs of one row.
        many: Inputs of many rows.
    """
    found = {}
    for name, inputs in (("one_row", one), ("batch", many)):
        times: tuple[list[float], list[float]] = ([], [])
        begin = time.perf_counter()
        for turn in range(MOST_TURNS):
            if turn >= 6 and time.perf_counter() - begin > MOST_SECONDS / 2:
                break
            for run, own in zip((graph, other), times):
                start = time.perf_counter()
                run(inputs)
                own.append(time.perf_counter() - start)
        # The first turn finds cold memory.
        mine, theirs = (float(np.median(own[1:])) * 1e3 for own in times)
        found[f"{name}_ms"] = round(mine, 4)
        found[f"{name}_ms_float32"] = round(theirs, 4)
        found[f"{name}_gain"] = round(theirs / mine, 3)
    return found
