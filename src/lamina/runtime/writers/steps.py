"""One step after the other of a network that writes, with what it remembers in between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from lamina.runtime.document import Fields

TOKENS = "tokens"
"""Name of the input of every graph: the tokens that are read, int64 [rows, length]."""

LOGS, NEXT = "logs", "next"
"""Names of what a step of a search finds: log-probabilities, and the tokens that they are of."""

SCORES = "scores"
"""Name of the scores of the tokens that follow, float [lines, tokens]."""

WANTED, GIVEN = "wanted", "given"
"""Names of a token on each line, int64 [lines, 1], and of its log-probability, float [lines, 1]."""

BEGINS = "begins"
"""Name of how many places at the front of what is remembered hold nothing, int64 [lines]: so lines
of different lengths lie side by side."""

Run = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""Runs a graph: arrays by name to arrays by name."""

_MEMORY, _KEPT = "memory_{}", "kept_{}"
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class MemoryShape:
    """The shape of one tensor that a network remembers."""

    shape: tuple[int, ...]
    """Sizes; those of rows and length are free."""
    rows: int
    """Dimension that counts the lines."""
    length: int | None
    """Dimension that grows with what was read."""

    @classmethod
    def from_document(cls, document: Any) -> Self:
        """Return the shape that a document tells.

        Args:
            document: From a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a memory")
        sizes = fields.items("shape", least=1)
        each = Fields({str(place): size for place, size in enumerate(sizes)}, "a memory's shape")
        shape = tuple(each.integer(str(dim), least=0, most=_MOST) for dim in range(len(sizes)))
        last = len(shape) - 1
        has_length = fields.value("length") is not None
        return cls(
            shape,
            fields.integer("rows", least=0, most=last),
            fields.integer("length", least=0, most=last) if has_length else None,
        )

    def empty(self, rows: int) -> np.ndarray:
        """Return what is remembered before anything was read: nothing, or zeros.

        Args:
            rows: Lines.
        """
        shape = list(self.shape)
        shape[self.rows] = rows
        return np.zeros(shape, dtype=np.float32)


@final
class Lines:
    """Texts that are written side by side, and all that a step needs of the steps before.

    Args:
        step: The graph of one step.
        shapes: What it remembers.
        rows: Lines.
        given: What does not change while writing, by name: rows first; memories that begin with
            something are among them.
    """

    def __init__(
        self,
        step: Run,
        shapes: Sequence[MemoryShape],
        rows: int,
        given: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self._step, self._shapes, self._rows = step, shapes, rows
        names = [_MEMORY.format(place) for place in range(len(shapes))]
        self._given = {k: v for k, v in (given or {}).items() if k not in names}
        self._kept = [
            given[name] if given is not None and name in given else shape.empty(rows)
            for name, shape in zip(names, shapes)
        ]

    def __len__(self) -> int:
        return self._rows

    def read(
        self, tokens: np.ndarray, more: Mapping[str, np.ndarray] | None = None
    ) -> Mapping[str, np.ndarray]:
        """Return what the graph answers after these tokens.

        Args:
            tokens: int64 [lines, length]; they go on where the last call ended.
            more: What else this step is given, by name.
        """
        memories = {_MEMORY.format(place): value for place, value in enumerate(self._kept)}
        found = self._step({TOKENS: tokens, **self._given, **(more or {}), **memories})
        self._kept = [found[_KEPT.format(place)] for place in range(len(self._kept))]
        return found

    @classmethod
    def joined(cls, parts: Sequence[tuple["Lines", slice]]) -> Self:
        """Return lines of several others side by side, the shorter ones padded at the front.

        Args:
            parts: Others, and which of their lines; all of these are equally long. They stay as
                they are.
        """
        first, _ = parts[0]
        begins = [one._begin(lines) for one, lines in parts]
        lengths = [one._length() - begin for (one, _), begin in zip(parts, begins)]
        longest, counts = max(lengths), [lines.stop - lines.start for _, lines in parts]
        own = np.repeat([longest - length for length in lengths], counts).astype(np.int64)
        found = cls(first._step, first._shapes, sum(counts), {BEGINS: own})
        for place, shape in enumerate(first._shapes):
            values = []
            for (one, lines), begin, length in zip(parts, begins, lengths):
                value = one._kept[place]
                index: list[Any] = [slice(None)] * value.ndim
                index[shape.rows] = lines
                if shape.length is None:
                    values.append(value[tuple(index)])
                    continue
                index[shape.length] = slice(begin, None)
                gap = [(0, 0)] * value.ndim
                gap[shape.length] = (longest - length, 0)
                values.append(np.pad(value[tuple(index)], gap))
            found._kept[place] = np.concatenate(values, axis=shape.rows)
        return found

    def _begin(self, lines: slice) -> int:
        return int(self._given[BEGINS][lines.start]) if BEGINS in self._given else 0

    def _length(self) -> int:
        """Return how long all that grows is."""
        lengths = [
            v.shape[s.length] for v, s in zip(self._kept, self._shapes) if s.length is not None
        ]
        return lengths[0] if lengths else 0

    def select(self, index: np.ndarray) -> None:
        """Keep some lines, in the order given, each any number of times.

        Args:
            index: int64 [lines].
        """
        if len(index) == self._rows and np.array_equal(index, np.arange(self._rows)):
            return
        for place, (value, shape) in enumerate(zip(self._kept, self._shapes)):
            self._kept[place] = value.take(index, axis=shape.rows)
        self._given = {name: value.take(index, axis=0) for name, value in self._given.items()}
        self._rows = len(index)


def memory_shapes(fields: Fields) -> tuple[MemoryShape, ...]:
    """Return the shapes of what a network remembers.

    Args:
        fields: Of the document of a writer, with "memories".

    Raises:
        BundleError: A value is missing or cannot be.
    """
    return tuple(MemoryShape.from_document(one) for one in fields.items("memories"))
