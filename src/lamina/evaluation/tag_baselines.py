"""Simple taggers in the same table as the network.

They see the same encoded words: ids, how words begin and end, shapes. The second knows two words to
each side, and nothing of neighbouring tags.

Source: named at each row.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.core.table import Entry, table

_MOST_PAIRS = 6_000_000  # of a word and a tag
_REACH = 2
_BITS = 18
_FACTOR = 0x9E3779B97F4A7C15
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class TaggedWords:
    """Words of sentences, one after the other."""

    words: np.ndarray
    """int64 [words]: an id per distinct word."""
    looks: np.ndarray
    """int64 [words, looks]: what else is seen of each: how it begins, ends and looks."""
    sentences: np.ndarray
    """int64 [words], rising: the sentence of each."""
    tags: np.ndarray
    """int64 [words]: ids of the tags; those of words to be tagged are not looked at."""


Method = Callable[[TaggedWords, TaggedWords, int], np.ndarray]
"""`(known, asked, seed)` → int64 [words], tags of the words asked for."""


def most_frequent(known: TaggedWords, asked: TaggedWords, seed: int) -> np.ndarray:
    """Return the tag that each word had most often; of new words the most frequent of all.

    Args:
        known: Words with their tags.
        asked: Words to tag.
        seed: Not needed.

    Source:
        Sang and De Meulder 2003, whose baseline knows the spans of training likewise.
    """
    del seed
    usual = int(np.bincount(known.tags).argmax()) if len(known.tags) else 1
    words, codes = np.unique(known.words, return_inverse=True)
    if not len(words):
        return np.full(len(asked.words), usual, dtype=np.int64)
    size = int(known.tags.max()) + 1
    pairs, counts = np.unique(codes * size + known.tags, return_counts=True)
    # In rising order of counts: the last one to be written is the most frequent.
    order = np.argsort(counts, kind="stable")
    best = np.full(len(words), usual, dtype=np.int64)
    best[pairs[order] // size] = pairs[order] % size
    place = np.searchsorted(words, asked.words).clip(max=len(words) - 1)
    return np.where(words[place] == asked.words, best[place], usual)


def word_window(known: TaggedWords, asked: TaggedWords, seed: int) -> np.ndarray:
    """Return what logistic regression answers on a word and two neighbours to each side.

    Args:
        known: Words with their tags.
        asked: Words to tag.
        seed: Decides the order of training.

    Source:
        Ratnaparkhi 1996, "A maximum entropy model for part-of-speech tagging". Differs: no tags of
        neighbours; features are hashed; stochastic gradients.
    """
    from sklearn.linear_model import SGDClassifier

    distinct = len(np.unique(known.tags))
    part = slice(0, _MOST_PAIRS // max(1, distinct))
    tags = known.tags[part]
    if len(np.unique(tags)) < 2 or not len(asked.words):
        return np.full(len(asked.words), tags[0] if len(tags) else 1, dtype=np.int64)
    model = SGDClassifier(
        loss="log_loss", alpha=_LEAST_SHARE, max_iter=5, tol=None, average=10, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(_features(known)[part], tags)
    found: np.ndarray = model.predict(_features(asked)).astype(np.int64)
    return found


def _features(words: TaggedWords) -> Any:
    """Return hashed features of each word and its neighbours, sparse [words, buckets]."""
    from scipy.sparse import csr_matrix

    own = np.column_stack([words.words, words.looks]).astype(np.int64)
    columns = []
    for shift in range(-_REACH, _REACH + 1):
        near = np.roll(own, -shift, axis=0)
        is_same = np.roll(words.sentences, -shift) == words.sentences
        if shift:
            edge = slice(len(own) - shift, None) if shift > 0 else slice(0, -shift)
            is_same[edge] = False
        near = np.where(is_same[:, None], near, -1)
        for kind in range(near.shape[1]):
            key = (shift + _REACH) * near.shape[1] + kind + 1
            columns.append(_hashed(near[:, kind].astype(np.uint64), key))
        if shift in (-1, 1):
            both = near[:, 0].astype(np.uint64) * np.uint64(_FACTOR) + own[:, 0].astype(np.uint64)
            columns.append(_hashed(both, 100 + shift))
    places = np.column_stack(columns).astype(np.int32)
    count, width = places.shape
    ones = np.ones(count * width, dtype=np.float32)
    begins = np.arange(0, count * width + 1, width)
    return csr_matrix((ones, places.reshape(-1), begins), shape=(count, 1 << _BITS))


def _hashed(values: np.ndarray, key: int) -> np.ndarray:
    factor = np.uint64(_FACTOR)
    mixed = (values + np.uint64(key * _FACTOR % (1 << 64))) * factor
    mixed ^= mixed >> np.uint64(29)
    return (mixed * factor) >> np.uint64(64 - _BITS)


TAGGERS: Mapping[str, Entry[Method]] = table(
    Entry(
        "most_frequent_tag",
        most_frequent,
        "The most frequent tag of each word.",
        "Sang and De Meulder 2003",
    ),
    Entry(
        "word_window",
        word_window,
        "Logistic regression on a word and two neighbours to each side.",
        "Ratnaparkhi 1996",
    ),
)
"""All simple taggers by name."""
