"""Simple answers to texts, beside which a network that writes has to stand."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lamina.core.table import Entry, table

Baseline = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str]]
"""Texts known, their answers, texts asked → one answer each."""

_TOGETHER = 512  # texts compared at a time


def copied(texts: Sequence[str], answers: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return the texts themselves.

    Args:
        texts: Not used.
        answers: Not used.
        asked: The texts to answer.
    """
    del texts, answers
    return list(asked)


def nearest(texts: Sequence[str], answers: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return the answer to the most similar text known.

    Args:
        texts: Texts known, at least one.
        answers: Their answers.
        asked: The texts to answer.

    Source:
        Nagao 1984 (translation by example); similarity is the cosine of TF-IDF vectors of words.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
    try:
        known = counter.fit_transform(texts)
    except ValueError:  # there is no word in any text
        return [answers[0]] * len(asked)
    found: list[str] = []
    for start in range(0, len(asked), _TOGETHER):
        likeness = counter.transform(asked[start : start + _TOGETHER]) @ known.T
        found += [answers[place] for place in np.asarray(likeness.argmax(axis=1)).ravel()]
    return found


BASELINES: Mapping[str, Entry[Baseline]] = table(
    Entry("the text itself", copied, "answers each text by itself"),
    Entry("most similar text", nearest, "the answer to the known text with the most like words"),
)
"""All simple answers by name."""
