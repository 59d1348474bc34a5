"""Beam search over a network of three tokens that is made by hand.

After a mark it writes 3 (0.6) or 4 (0.4); after 3 it writes 3 (0.4), 4 (0.3) or ends (0.3); after 4
it ends (0.9) or writes 4 (0.1). So the likeliest text is "4", which a beam of one misses.
"""

import math

import numpy as np
import pytest

from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError, DataError
from lamina.runtime.writers.beam_search import MOST_ROWS, NEVER, BeamSearch

MARK = 2
NEXT = {
    MARK: ((3, 0.6), (4, 0.4)),
    3: ((3, 0.4), (4, 0.3), (MARK, 0.3)),
    4: ((MARK, 0.9), (4, 0.1)),
}
SETTINGS = {
    "mark": MARK,
    "beam": 2,
    "length_penalty": 0.0,
    "most_tokens": 5,
    "tokens_per_token": 1.0,
    "memories": [],
}


def step(inputs):
    rows = [NEXT.get(int(token), ()) for token in inputs["tokens"][:, -1]]
    logs = np.full((len(rows), 3), NEVER, dtype=np.float32)
    tokens = np.zeros((len(rows), 3), dtype=np.int64)
    for row, choices in enumerate(rows):
        for place, (token, share) in enumerate(choices):
            logs[row, place], tokens[row, place] = math.log(share), token
    shares = [dict(NEXT.get(int(t), ())) for t in inputs["tokens"][:, -1]]
    wanted = inputs["wanted"][:, 0].tolist()
    given = [[math.log(own.get(token, 1e-9))] for own, token in zip(shares, wanted)]
    return {"logs": logs, "next": tokens, "given": np.array(given)}


def find(rows=1, **settings):
    fields = Fields({**SETTINGS, **settings}, "test")
    writer = BeamSearch.from_document(fields, {"read": lambda _: {}, "step": step})
    return writer({"x": np.full((rows, 3), MARK)})


def test_the_likeliest_text_is_found_and_a_beam_of_one_misses_it() -> None:
    nats, count, *tokens = find()[0].tolist()
    assert tokens == [4]
    assert count == 2
    assert nats == pytest.approx(-math.log(0.4 * 0.9))
    greedy = find(beam=1, most_tokens=4)[0].tolist()
    assert greedy[2:] == [3, 3, 3, 3]
    assert greedy[0] == pytest.approx(-math.log(0.6 * 0.4**3))


def test_a_penalty_prefers_longer_texts() -> None:
    # By token: "4" has -ln(0.36) / 2 = 0.51, "34" has -ln(0.162) / 3 = 0.61.
    assert find(length_penalty=1.0)[0].tolist()[2:] == [4]
    # By token squared: 1.022 / 4 = 0.255, 1.820 / 9 = 0.202.
    assert find(length_penalty=2.0, beam=3)[0].tolist()[2:6] != [4]


def test_many_rows_are_answered_in_parts() -> None:
    found = find(rows=2 * MOST_ROWS + 1)
    assert found.shape[0] == 2 * MOST_ROWS + 1
    assert (found == found[0]).all()


def test_settings_that_cannot_be_are_refused() -> None:
    for wrong in ({"beam": 0}, {"most_tokens": 0}, {"length_penalty": -1}, {"memories": None}):
        with pytest.raises(BundleError):
            find(**wrong)


def _writer(step):
    return BeamSearch.from_document(Fields(SETTINGS, "test"), {"read": lambda _: {}, "step": step})


def test_any_text_is_measured_token_by_token_and_with_its_end() -> None:
    found = _writer(step).weigh({"x": np.full((MOST_ROWS + 1, 3), MARK)}, [3, 4])
    assert found.shape == (MOST_ROWS + 1, 3)
    np.testing.assert_allclose(found[0], np.log([0.6, 0.3, 0.9]))
    assert (found == found[0]).all()
    assert _writer(step).weigh({"x": np.zeros((0, 3), np.int64)}, [3]).shape == (0, 2)


def test_an_older_file_that_cannot_measure_says_what_to_do() -> None:
    def older(inputs):
        return {name: value for name, value in step(inputs).items() if name != "given"}

    with pytest.raises(DataError, match="Export the run again"):
        _writer(older).weigh({"x": np.full((1, 3), MARK)}, [3])
