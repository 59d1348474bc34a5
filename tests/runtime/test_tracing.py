"""An answer of free length stays, and its row is changed."""

import numpy as np

from lamina.runtime.pieces import Pieces
from lamina.runtime.prepared import Prepared
from lamina.runtime.tracing import Trace, Tracing, words_of_tokens
from lamina.runtime.word_groups import MOST_PARTS

PIECES = Pieces(["", "a", "Ġb", "c"])  # ids 2 to 5


def test_words_are_added_up_and_the_end_counts_for_the_whole_alone() -> None:
    def prepare(rows):
        kept = tuple(place for place, row in enumerate(rows) if row["x"] is not None)
        values = np.array([rows[place]["x"] for place in kept])
        return Prepared({"x": values}, kept, {})

    def weigh(inputs):
        # The whole, three tokens and the end.
        return -inputs["x"][:, None] * np.array([15.0, 1.0, 2.0, 4.0, 8.0])

    tracing = Tracing({}, Trace("abc", ("a", "bc"), ((0,), (1, 2)), weigh), prepare)
    found = tracing.measure([{"x": 1.0}, {"x": None}, {"x": 0.5}])
    np.testing.assert_array_equal(found[::2], [[-15.0, -1.0, -6.0], [-7.5, -0.5, -3.0]])
    assert np.isnan(found[1]).all()
    assert np.isnan(tracing.measure([{"x": None}])).all()


def test_pieces_are_words_where_there_are_few_enough() -> None:
    assert words_of_tokens([3, 4, 5], PIECES) == (("a", "bc"), ((0,), (1, 2)))
    assert words_of_tokens([], PIECES) == ((), ())
    assert words_of_tokens([4] * (MOST_PARTS + 1), PIECES) == ((), ())
