"""Writing on and measuring, over a network that is made by hand.

Each token scores the one that is 1 greater highest, in a vocabulary of ten; what it was shown it
remembers, so that tests can see what was read.
"""

import numpy as np
import pytest

from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writers.next_token import NextToken

MEMORIES = [{"shape": [0, 1, 0, 1], "rows": 0, "length": 2}]
DOCUMENT = {"context": 6, "is_running": False, "memories": MEMORIES}
GREEDY = SamplingConfig(temperature=0.0)


class Counting:
    """The network, and the lengths that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, inputs):
        tokens, before = inputs["tokens"], inputs["memory_0"]
        self.asked.append((*tokens.shape, before.shape[2]))
        scores = np.zeros((len(tokens), 10), dtype=np.float32)
        scores[np.arange(len(tokens)), (tokens[:, -1] + 1) % 10] = 5.0
        truth = tokens[:, 1:]
        values = np.stack([truth.sum(1), (truth > 0).sum(1), (truth > 0).sum(1)], axis=1)
        kept = np.concatenate([before, tokens[:, None, :, None].astype(np.float32)], axis=2)
        return {"values": values.astype(np.float32), "scores": scores, "kept_0": kept}


def made(**changes):
    network = Counting()
    fields = Fields({**DOCUMENT, **changes}, "test")
    return network, NextToken.from_document(fields, {"step": network})


def test_a_text_goes_on_a_step_a_token_and_the_prompt_is_read_once() -> None:
    network, writer = made()
    tokens = writer.write_on([1, 2], num_texts=3, num_tokens=3, config=GREEDY)
    assert [some.tolist() for some in tokens] == [[3] * 3, [4] * 3, [5] * 3]
    assert network.asked == [(1, 2, 0), (3, 1, 2), (3, 1, 3)]


def test_a_full_memory_is_read_anew_from_its_last_half() -> None:
    network, writer = made()
    long = [9, 9, 9, 9, 1, 2, 3, 4]
    tokens = list(writer.write_on(long, num_texts=1, num_tokens=6, config=GREEDY))
    assert [int(some[0]) for some in tokens] == [5, 6, 7, 8, 9, 0]
    # Six tokens of the prompt fit; then the last three are read, then one at a time up to six.
    assert network.asked == [(1, 6, 0), (1, 3, 0), (1, 1, 3), (1, 1, 4), (1, 1, 5), (1, 3, 0)]


def test_what_is_banned_is_never_drawn() -> None:
    _, writer = made()
    tokens = writer.write_on([1], num_texts=1, num_tokens=1, config=GREEDY, banned=[2, 0])
    assert int(next(tokens)[0]) == 1


def test_only_what_is_taken_is_computed() -> None:
    network, writer = made()
    tokens = writer.write_on([1], num_texts=1, num_tokens=10_000, config=GREEDY)
    for _ in range(3):
        next(tokens)
    assert len(network.asked) == 3


def test_long_texts_are_measured_stretch_by_stretch() -> None:
    network, writer = made()
    texts = np.zeros((2, 15), dtype=np.int64)
    texts[0] = np.arange(15) % 9 + 1
    texts[1, :2] = [3, 4]
    values = writer({"input_0": texts})
    # All but the first token are foreseen.
    assert values[:, 0].tolist() == [texts[0, 1:].sum(), 4]
    assert values[:, 1].tolist() == [14, 1]
    assert network.asked == [(6, 7, 0)]
    assert writer({"input_0": texts[:, :1]}).tolist() == [[0, 0, 0]] * 2
    assert writer({"input_0": texts[:0]}).shape == (0, 3)


def test_settings_that_cannot_be_are_refused() -> None:
    for wrong in ({"context": 0}, {"is_running": 1}, {"memories": [1]}):
        with pytest.raises(BundleError):
            made(**wrong)
