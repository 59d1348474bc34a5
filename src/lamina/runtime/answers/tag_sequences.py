"""One tag for each word of a sentence, found together (see `lamina.networks.layers.linear_chain`).

The graph scores every tag of every word; which may stand side by side, and how well, is in the
document. The best tagging and its probability are found here, in float64.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.modalities.words import words_of
from lamina.runtime.signature import Answer
from lamina.runtime.spans import spans_of
from lamina.runtime.tracing import Trace
from lamina.runtime.word_groups import parts_of_tags

# Smaller numbers begin to lose digits in float64, and 0 has no logarithm.
_SMALLEST_SURE = 1e-290


@final
class TagSequences(AbstractForm):
    """The most probable tags of each sentence.

    Args:
        target: Name of the target.
        words: Name of the column of words.
        tags: The tags, in the order of their scores.
        chain: float64 [tags + 2, tags]: scores of pairs, then those of the first and the last tag.
        marks_spans: Whether the tags mark spans.
    """

    name: ClassVar[str] = "tag_sequences"

    def __init__(
        self,
        target: str,
        words: str,
        tags: tuple[str, ...],
        chain: np.ndarray,
        *,
        marks_spans: bool,
    ) -> None:
        self._tags, self._words = tags, words
        self._pairs, self._begins, self._ends = chain[:-2], chain[-2], chain[-1]
        self._into = np.ascontiguousarray(self._pairs.T)
        self._ahead, self._back = _LogProduct(self._pairs), _LogProduct(self._pairs.T)
        names = answer_names(target)
        self._answers = [
            Answer(name=names[0], kind="tag_sequence", target=target),
            Answer(name=names[1], kind="probability", target=target),
        ]
        if marks_spans:
            self._answers.append(Answer(name=names[2], kind="spans", target=target))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "words", "tags", "marks_spans" and "chain".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of tags")
        tags = fields.texts("tags", least=1)
        rows = fields.items("chain", least=len(tags) + 2)
        named = Fields({str(place): row for place, row in enumerate(rows)}, "scores of tags")
        found = [named.numbers(str(place), count=len(tags)) for place in range(len(rows))]
        if len(found) != len(tags) + 2:
            raise fields.refusal("chain", len(found), f"{len(tags) + 2} lists of numbers")
        return cls(
            fields.text("target"),
            fields.text("words"),
            tags,
            np.array(found),
            marks_spans=fields.boolean("marks_spans"),
        )

    @property
    def num_columns(self) -> None:
        """As many as the longest sentence has words, times the tags."""
        return None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The tags, the probability that all are right and, where there are any, the spans."""
        return tuple(self._answers)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the tags of each row.

        Args:
            values: float64 [rows, words × tags], NaN behind the end of a sentence.
        """
        found = []
        for row in values:
            scores = self._scores(row)
            best, score = self._best(scores)
            sure = float(np.exp(min(0.0, score - self._sum(scores)))) if len(scores) else 1.0
            tags = [self._tags[tag] for tag in best]
            found.append({self._answers[0].name: tags, self._answers[1].name: sure})
        return found

    def trace(
        self,
        row: Mapping[str, Any],
        values: np.ndarray,
        graph: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    ) -> Trace:
        """Return the tags of a sentence, and how they are measured given other words.

        Args:
            row: Raw cells by column.
            values: Numbers of the row, float64 [columns].
            graph: Scores tags of sentences of as many words.
        """
        scores = self._scores(values)
        best, _ = self._best(scores)
        tags = [self._tags[tag] for tag in best]
        parts = parts_of_tags(words_of(row.get(self._words)) or [], tags)

        def weigh(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            return np.stack([self._logs(self._scores(own), best) for own in graph(inputs)])

        groups = tuple(tuple(group) for _, group in parts)
        return Trace(" ".join(tags), tuple(shown for shown, _ in parts), groups, weigh)

    def completed(
        self, answers: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the answers with the words of their spans.

        Args:
            answers: As `read` gives them.
            rows: The raw rows that they are answers to.
        """
        if len(self._answers) < 3:
            return answers
        name, own = self._answers[2].name, self._answers[0].name
        return [
            {**answer, name: spelt_spans(words_of(row.get(self._words)) or [], answer[own])}
            for answer, row in zip(answers, rows)
        ]

    def _scores(self, values: np.ndarray) -> np.ndarray:
        """Return the scores of a sentence that a graph gave, float64 [words, tags]."""
        found = values.reshape(-1, len(self._tags))
        return found[~np.isnan(found[:, 0])]

    def _best(self, scores: np.ndarray) -> tuple[list[int], float]:
        """Return the best tagging of a sentence and its score."""
        if not len(scores):
            return [], 0.0
        sums, pointers = self._begins + scores[0], []
        every = np.arange(len(sums))
        for own in scores[1:]:
            ahead = self._into + sums
            pointers.append(ahead.argmax(axis=1))
            sums = ahead[every, pointers[-1]] + own
        sums = sums + self._ends
        path = [int(sums.argmax())]
        for origin in reversed(pointers):
            path.append(int(origin[path[-1]]))
        return path[::-1], float(sums.max())

    def _sum(self, scores: np.ndarray) -> float:
        """Return the logarithm of the sum over all taggings."""
        return float(np.logaddexp.reduce(self._sums(scores)[-1] + self._ends))

    def _sums(self, scores: np.ndarray) -> list[np.ndarray]:
        """Return by word and its tag the logarithm of the sum over taggings up to it."""
        found = [self._begins + scores[0]]
        for own in scores[1:]:
            found.append(self._ahead(found[-1]) + own)
        return found

    def _logs(self, scores: np.ndarray, tags: Sequence[int]) -> np.ndarray:
        """Return the log-probability of a tagging, and of each tag whatever the others are.

        Source: Rabiner 1989, "A tutorial on hidden Markov models", section III (sums from both
        ends).
        """
        before = self._sums(scores)
        whole = np.logaddexp.reduce(before[-1] + self._ends)
        behind = [self._ends]
        for own in scores[:0:-1]:
            behind.append(self._back(own + behind[-1]))
        places = range(len(tags))
        score = self._begins[tags[0]] + self._ends[tags[-1]] + scores[places, tags].sum()
        score += self._pairs[tags[:-1], tags[1:]].sum()
        ends = zip(tags, before, reversed(behind), strict=True)
        alone = [own[tag] + rest[tag] for tag, own, rest in ends]
        return np.array([score, *alone]) - whole


def answer_names(target: str) -> tuple[str, str, str]:
    """Return the names of the columns of an answer: tags, their probability, spans.

    Args:
        target: Name of the target.
    """
    sure = beside(f"probability of all {target}", (target,))
    return target, sure, beside(f"{target} spans", (target, sure))


def spelt_spans(words: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Return the spans of a sentence as their words, with what each is.

    Args:
        words: The words.
        tags: Their tags.
    """
    return [f"{' '.join(words[span.first : span.end])} ({span.kind})" for span in spans_of(tags)]


@final
class _LogProduct:
    """Logarithms of the sums of products of exponentials: log(exp(values) · exp(matrix)).

    A sentence has as many of these sums as it has words; as a product of numbers that are 1 at most
    they take a tenth of the time that all logarithms do.

    Args:
        matrix: float64 [rows, columns].
    """

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix = matrix
        self._most = matrix.max(axis=0)
        self._shares = np.exp(matrix - self._most)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the logarithms, float64 [columns].

        Args:
            values: float64 [rows].
        """
        most = values.max()
        sums = np.exp(values - most) @ self._shares
        is_lost = sums < _SMALLEST_SURE
        found: np.ndarray = np.log(np.where(is_lost, 1.0, sums)) + (self._most + most)
        if is_lost.any():
            ahead = values[:, None] + self._matrix[:, is_lost]
            found[is_lost] = np.logaddexp.reduce(ahead, axis=0)
        return found
