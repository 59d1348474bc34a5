"""Lines that are written side by side keep what they remember apart."""

import numpy as np
import pytest

from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.writers.steps import Lines, MemoryShape, memory_shapes

DOCUMENT = [
    {"shape": [0, 2, 0, 1], "rows": 0, "length": 2},
    {"shape": [1, 0, 3], "rows": 1, "length": None},
]


def step(inputs):
    """Remembers all tokens, and their sum beside what was read."""
    tokens, sums = inputs["tokens"], inputs["memory_1"]
    new = np.repeat(tokens[:, None, :, None], 2, axis=1).astype(np.float32)
    return {
        "seen": inputs["reading_0"],
        "kept_0": np.concatenate([inputs["memory_0"], new], axis=2),
        "kept_1": sums + tokens.sum(axis=1)[None, :, None].astype(np.float32),
    }


def shapes():
    return memory_shapes(Fields({"memories": DOCUMENT}, "test"))


def test_what_is_kept_goes_in_again_and_lines_are_chosen() -> None:
    read = np.array([[10.0], [20.0]])
    lines = Lines(step, shapes(), 2, {"reading_0": read})
    lines.read(np.array([[1, 2], [3, 4]]))
    lines.select(np.array([1, 1, 0]))
    assert len(lines) == 3
    found = lines.read(np.array([[5], [6], [7]]))
    assert found["kept_0"][:, 0, :, 0].tolist() == [[3, 4, 5], [3, 4, 6], [1, 2, 7]]
    assert found["kept_1"][0, :, 0].tolist() == [12.0, 13.0, 10.0]
    assert found["seen"].ravel().tolist() == [20.0, 20.0, 10.0]


def test_a_memory_may_begin_with_what_was_read() -> None:
    start = np.full((1, 2, 3), 100.0, dtype=np.float32)
    lines = Lines(step, shapes(), 2, {"reading_0": np.zeros((2, 1)), "memory_1": start})
    assert lines.read(np.array([[1], [2]]))["kept_1"][0, :, 0].tolist() == [101.0, 102.0]


def test_lines_of_others_lie_side_by_side_padded_at_the_front() -> None:
    # The reading is none of what changes, so that only lines without one are joined.
    def alone(inputs):
        return step({**inputs, "reading_0": None})

    one, other = Lines(alone, shapes(), 2), Lines(alone, shapes(), 1)
    one.read(np.array([[1, 2, 3], [4, 5, 6]]))
    other.read(np.array([[7]]))
    both = Lines.joined([(other, slice(0, 1)), (one, slice(1, 2))])
    found = both.read(np.array([[8], [9]]))
    assert found["kept_0"][:, 0, :, 0].tolist() == [[0, 0, 7, 8], [4, 5, 6, 9]]
    assert found["kept_1"][0, :, 0].tolist() == [15.0, 24.0]
    assert both._given["begins"].tolist() == [2, 0]
    # What was padded is left behind again, and those they came from are as they were.
    again = Lines.joined([(both, slice(0, 1))])
    assert again.read(np.array([[1]]))["kept_0"][:, 0, :, 0].tolist() == [[7, 8, 1]]
    assert other.read(np.array([[1]]))["kept_0"][:, 0, :, 0].tolist() == [[7, 1]]


def test_damaged_shapes_are_refused() -> None:
    for wrong in ({"shape": []}, {"shape": [-1]}, {"rows": 4}, {"length": 9}, {"rows": None}):
        with pytest.raises(BundleError):
            MemoryShape.from_document({**DOCUMENT[0], **wrong})
    assert MemoryShape.from_document(DOCUMENT[0]).empty(3).shape == (3, 2, 0, 1)
