"""Tagged sentences for a report: how each kind of span fares, and where the tagger errs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.modalities.words import as_lists
from lamina.evaluation.predictions import Predictions
from lamina.runs.prepare import Material
from lamina.runtime.spans import Span, spans_of

MOST_SENTENCES = 24
"""Sentences that are shown: half of them the worst, half as they come."""

MOST_WORDS = 80
"""Words of a sentence that are shown."""

MOST_KINDS = 50
"""Kinds of spans whose figures are shown, the most frequent."""


def tagged_sentences(
    material: Material, rows: np.ndarray, found: Predictions, truth: np.ndarray
) -> dict[str, Any]:
    """Return figures by kind of span, and sentences with spans found rightly, wrongly or not.

    Args:
        material: Raw rows and schema.
        rows: int64, row number of each sentence.
        found: The answers.
        truth: The right tags, as metrics read them.
    """
    pairs = [
        (spans_of(own.split()), spans_of(right.split())) for own, right in zip(found.texts, truth)
    ]
    return {
        "kinds": _by_kind(pairs),
        "sentences": _sentences(material, rows, pairs) if material.rows.is_whole else [],
    }


def _by_kind(pairs: Sequence[tuple[tuple[Span, ...], tuple[Span, ...]]]) -> list[dict[str, Any]]:
    right: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for own, wanted in pairs:
        answered.update(span.kind for span in own)
        true.update(span.kind for span in wanted)
        right.update(span.kind for span in set(own) & set(wanted))
    return [
        {
            "kind": kind,
            "true": count,
            "span_precision": _share(right[kind], answered[kind]),
            "span_recall": _share(right[kind], count),
            "span_f1": _share(2 * right[kind], count + answered[kind]),
        }
        for kind, count in true.most_common(MOST_KINDS)
    ]


def _sentences(
    material: Material,
    rows: np.ndarray,
    pairs: Sequence[tuple[tuple[Span, ...], tuple[Span, ...]]],
) -> list[dict[str, Any]]:
    wrong = np.array([len(set(own) ^ set(wanted)) for own, wanted in pairs])
    worst = np.argsort(-wrong, kind="stable")[: MOST_SENTENCES // 2]
    worst = worst[wrong[worst] > 0]
    usual = np.linspace(0, len(pairs) - 1, MOST_SENTENCES // 2).astype(np.int64)
    places = list(dict.fromkeys([*worst.tolist(), *usual.tolist()]))
    column = material.schema.inputs[0].name
    target = material.schema.targets[0].fitted
    # Where each word is a span of its own, right ones would cover all.
    is_plain = isinstance(target, TagSequence) and not target.marks_spans
    words = as_lists(material.rows.frame[column][rows[places]]).to_list()
    shown = []
    for place, own in zip(places, words):
        answered, wanted = set(pairs[place][0]), set(pairs[place][1])
        how = dict.fromkeys(answered & wanted, "right")
        how |= dict.fromkeys(answered - wanted, "wrong")
        how |= dict.fromkeys(wanted - answered, "missed")
        shown.append(
            {
                "row": int(rows[place]),
                "words": own[:MOST_WORDS],
                "is_mistake": bool(wrong[place]),
                "spans": [
                    {"kind": span.kind, "first": span.first, "end": span.end, "how": how[span]}
                    for span in sorted(how, key=lambda span: (span.first, span.end))
                    if span.end <= MOST_WORDS and not (is_plain and how[span] == "right")
                ],
            }
        )
    return shown


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
