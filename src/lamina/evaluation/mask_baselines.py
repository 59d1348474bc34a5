"""Simple answers to pictures whose pixels have classes: by place, and by place and colour.

Both count classes in training masks and look nothing up but counts, so that they take a second.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from lamina.core.table import Entry, table
from lamina.evaluation.predictions import VOID

Pairs = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]
"""Batches of pictures, uint8 [rows, channels, height, width], and masks, [rows, height, width]."""

Pictures = Callable[[], Iterator[np.ndarray]]
"""Batches of pictures."""

_LEVELS = 8
_GRID = 12


def most_frequent_at_place(known: Pairs, asked: Pictures, num_classes: int) -> np.ndarray:
    """Return the class that most training masks have at each place, uint8 [rows, pixels].

    Args:
        known: Training pictures and masks.
        asked: Pictures to answer.
        num_classes: Classes there are.
    """
    counts: np.ndarray | None = None
    for _, masks in known():
        found = np.stack([(masks == place).sum(0) for place in range(num_classes)])
        counts = found if counts is None else counts + found
    assert counts is not None, "there are training masks"
    # Where nothing is known, all classes count as often as they do everywhere.
    shares = counts.sum((1, 2)) / max(1, counts.sum())
    best = (counts + shares[:, None, None]).argmax(0).astype(np.uint8).reshape(-1)
    rows = sum(len(pictures) for pictures in asked())
    return np.broadcast_to(best, (rows, len(best)))


def colour_and_place(known: Pairs, asked: Pictures, num_classes: int) -> np.ndarray:
    """Return the class that goes best with the colour and the place of each pixel, as above.

    Args:
        known: Training pictures and masks.
        asked: Pictures to answer.
        num_classes: Classes there are.

    Source:
        Naive Bayes (Maron 1961) of the colour and of the place, both in coarse steps.
    """
    colours: np.ndarray | None = None
    places = np.zeros((num_classes, _GRID * _GRID))
    for pictures, masks in known():
        own, cells = _colours(pictures), _cells(masks.shape[1:])
        if colours is None:
            colours = np.zeros((num_classes, _LEVELS ** pictures.shape[1]))
        is_known = masks != VOID
        classes = masks[is_known].astype(np.int64)
        size = colours.shape[1]
        counted = np.bincount(classes * size + own[is_known], minlength=num_classes * size)
        colours += counted.reshape(num_classes, size)
        at = np.broadcast_to(cells, masks.shape)[is_known]
        counted = np.bincount(classes * places.shape[1] + at, minlength=places.size)
        places += counted.reshape(places.shape)
    assert colours is not None, "there are training masks"
    by_colour, by_place = _log_shares(colours), _log_shares(places)
    prior = np.log(places.sum(1) + 1.0)
    answers = []
    for pictures in asked():
        own, cells = _colours(pictures), _cells(pictures.shape[2:])
        best = np.zeros(own.shape, dtype=np.uint8)
        top = np.full(own.shape, -np.inf)
        for place in range(num_classes):
            score = prior[place] + by_colour[place][own] + by_place[place][cells]
            is_better = score > top
            best[is_better], top[is_better] = place, score[is_better]
        answers.append(best.reshape(len(best), -1))
    return np.concatenate(answers)


MASK_BASELINES: Mapping[str, Entry[Callable[[Pairs, Pictures, int], np.ndarray]]] = table(
    Entry("place", most_frequent_at_place, "The most frequent class at each place.", "textbook"),
    Entry(
        "colour_and_place",
        colour_and_place,
        "The class that goes best with the colour and the place of a pixel.",
        "Maron 1961",
    ),
)
"""By name."""


def _colours(pictures: np.ndarray) -> np.ndarray:
    """Return the coarse colour of each pixel, int64 [rows, height, width]."""
    levels = pictures.astype(np.int64) * _LEVELS // 256
    found = np.zeros(levels[:, 0].shape, dtype=np.int64)
    for channel in range(levels.shape[1]):
        found = found * _LEVELS + levels[:, channel]
    return found


def _cells(size: tuple[int, ...]) -> np.ndarray:
    """Return the cell of a coarse grid that each place lies in, int64 [height, width]."""
    rows = np.arange(size[0]) * _GRID // size[0]
    columns = np.arange(size[1]) * _GRID // size[1]
    return np.asarray(rows[:, None] * _GRID + columns)


def _log_shares(counts: np.ndarray) -> np.ndarray:
    smooth = counts + 0.5
    return np.asarray(np.log(smooth / smooth.sum(1, keepdims=True)))
