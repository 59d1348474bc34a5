"""Drawing rows at random in whole units, such as groups or duplicates, with a share per stratum.

Each unit has a random number that depends on the seed and its first row only, so that more rows,
another order of work or a restart never changes it.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from lamina.core.random import sample_uniform

_TOGETHER = 1 << 15  # a piece that fits the caches, and is not worth several threads


def draw(
    rows: np.ndarray, units: np.ndarray, strata: np.ndarray | None, share: float, seed: int
) -> np.ndarray:
    """Return a mask over rows: whole units in random order until each stratum has its share.

    Args:
        rows: int64 [rows], row numbers.
        units: int64 [rows], equal for rows that stay together: the number of one of them.
        strata: int32 [rows], from each of which the share is drawn; one stratum where None.
        share: Share of the rows of each stratum, in [0, 1].
        seed: The seed of the run.
    """
    is_distinct = bool((units[1:] > units[:-1]).all())
    # The stratum of a unit is that of its first row.
    first = None if is_distinct else first_equal(units)
    size = np.ones(1, dtype=np.int64)
    size = (
        np.broadcast_to(size, len(rows))
        if first is None
        else np.bincount(first, minlength=len(rows))
    )
    stratum = np.zeros(len(rows), dtype=np.int32) if strata is None else strata
    wanted = _wanted(np.bincount(stratum if first is None else stratum[first]), share)
    early = _early_digits(units, seed)
    # Most often few rows are wanted of many, and only those that come first need an order.
    bound = max(2.0 * share, 1e-3)
    while True:
        leaders = np.flatnonzero((size > 0) & (early < bound))
        order = leaders[np.argsort(_random_keys(units[leaders], seed), kind="stable")]
        order = order[np.argsort(stratum[order], kind="stable")]
        chosen, is_full = _filled(order, stratum, size, wanted)
        if is_full or bound >= 1:
            break
        bound *= 4
    is_chosen = np.zeros(len(rows), dtype=bool)
    is_chosen[chosen] = True
    return is_chosen if first is None else is_chosen[first]


def first_equal(values: np.ndarray) -> np.ndarray:
    """Return for each place the first place with an equal value, int64.

    Args:
        values: Any values that can be ordered.
    """
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    del ranked
    found = np.empty(len(values), dtype=np.int64)
    found[order] = np.repeat(order[starts], np.diff(np.append(starts, len(values))))
    return found


def num_distinct(values: np.ndarray) -> int:
    """Return how many different values there are.

    Args:
        values: Any values that can be ordered.
    """
    ranked = np.sort(values)
    return int((ranked[1:] != ranked[:-1]).sum()) + min(1, len(ranked))


def _filled(
    leaders: np.ndarray, stratum: np.ndarray, size: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return the first rows of the units taken, and whether each stratum has what is wanted.

    Units are taken in order, as long as they fit. One that is too large for what is left is passed
    over, so that one of thousands of copies does not fill a part; where none fits, as with a few
    large groups, the smallest one is taken.
    """
    ends = np.searchsorted(stratum[leaders], np.arange(len(wanted)), side="right")
    begins = np.append(0, ends[:-1])
    chosen, is_full = [], True
    for kind in np.flatnonzero(wanted):
        left, own = int(wanted[kind]), leaders[begins[kind] : ends[kind]]
        taken: list[np.ndarray] = []
        while left and len(own):
            own = own[size[own] <= left]
            fitting = int(np.searchsorted(np.cumsum(size[own]), left, side="right"))
            taken.append(own[:fitting])
            left -= int(size[taken[-1]].sum())
            own = own[fitting:]
        is_full = is_full and left == 0
        own = leaders[begins[kind] : ends[kind]]
        if left == wanted[kind] and len(own) > 1:
            taken.append(own[[np.argmin(size[own])]])
        chosen += taken
    return np.concatenate([np.zeros(0, dtype=np.int64), *chosen]), is_full


def _wanted(sizes: np.ndarray, share: float) -> np.ndarray:
    """Return how many rows of each stratum to take: the sum fits, and none is left out."""
    exact = sizes * share
    wanted = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(wanted.sum())
    if missing > 0:
        wanted[np.argsort(wanted - exact, kind="stable")[:missing]] += 1
    if share > 0:
        # A class of three rows or more is seen in every part; one of one row is learnt from.
        wanted = np.where((sizes >= 3) & (wanted == 0), 1, wanted)
        wanted = np.where(
            sizes <= 1, 0 if len(sizes) > 1 else wanted, np.minimum(wanted, sizes - 1)
        )
    return np.maximum(wanted, 0)


def _random_keys(units: np.ndarray, seed: int) -> np.ndarray:
    """Return a random number of each unit, float64 in [0, 1)."""
    return np.concatenate(
        [np.zeros(0)]
        + [
            (d[:, 0].double() + d[:, 1].double() / (1 << 24)).numpy()
            for d in _draws(units, 2, seed)
        ]
    )


def _early_digits(units: np.ndarray, seed: int) -> np.ndarray:
    """Return the first 24 binary digits of the random numbers, float32."""
    pieces = [draws[:, 0].numpy() for draws in _draws(units, 1, seed)]
    return np.concatenate([np.zeros(0, dtype=np.float32), *pieces])


def _draws(units: np.ndarray, count: int, seed: int) -> Iterator[Tensor]:
    for start in range(0, len(units), _TOGETHER):
        some = torch.from_numpy(units[start : start + _TOGETHER].astype(np.int64))
        yield sample_uniform(seed, "split", 0, some, count)
