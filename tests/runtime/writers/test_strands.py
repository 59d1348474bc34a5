"""Texts that are written side by side are those that are written alone.

The network is made by hand: the scores of the next token depend on all tokens so far and on their
places, so that padding that is looked at, or a place that is counted wrongly, changes the text.
"""

import time

import numpy as np
import pytest

from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writers.next_token import NextToken
from lamina.runtime.writers.steps import MemoryShape
from lamina.runtime.writers.strands import step_together
from lamina.runtime.writing import Writing, WritingConfig

SHAPES = (MemoryShape((0, 1, 0, 1), 0, 2), MemoryShape((1, 0, 1), 1, None))
SIZE, CONTEXT = 12, 8


class Network:
    """Remembers tokens, and their sum; counts how many lines it is asked for."""

    def __init__(self, *, is_padded=True) -> None:
        self.asked: list[tuple[int, int]] = []
        self.seconds = 0.0
        self.is_padded = is_padded

    def __call__(self, inputs):
        tokens, before, sums = inputs["tokens"], inputs["memory_0"], inputs["memory_1"]
        self.asked.append(tokens.shape)
        time.sleep(self.seconds)
        kept = np.concatenate([before, tokens[:, None, :, None].astype(np.float32)], axis=2)
        sums = sums + tokens.sum(axis=1)[None, :, None]
        begins = inputs["begins"] if self.is_padded else np.zeros(len(tokens), np.int64)
        scores = np.zeros((len(tokens), SIZE), dtype=np.float32)
        for row, begin in enumerate(begins):
            own = kept[row, 0, begin:, 0]
            places = np.arange(1, len(own) + 1)
            mixed = (own * places).sum() + 3 * sums[0, row, 0]
            scores[row] = np.cos(mixed + np.arange(SIZE) ** 2)
        return {"scores": scores, "kept_0": kept, "kept_1": sums.astype(np.float32)}


def writer(network, context=CONTEXT):
    return NextToken(
        network, SHAPES, context=context, is_running=False, is_padded=network.is_padded
    )


def asked(own, number, num_tokens=20):
    """The writing of one request; each has other options."""
    chance = np.random.default_rng(number)
    num_texts = 1 + number % 3
    strand = own.strand(
        chance.integers(1, SIZE, 1 + number % 6).tolist(),
        num_texts=num_texts,
        num_tokens=num_tokens + number,
        config=SamplingConfig(temperature=(0.0, 0.7, 1.5)[number % 3], top_p=1.0 - 0.05 * number),
        seed=number,
        banned=(0, 5),
    )
    config = WritingConfig(num_texts=num_texts, num_tokens=num_tokens + number, stop=("hh",))
    return Writing(strand, config, bytes_of=lambda t: bytes([97 + t]), ends=(11,))


def alone(number, **options):
    return whole(list(asked(writer(Network()), number, **options)))


def whole(pieces):
    return ["".join(parts) for parts in zip(*pieces)]


@pytest.mark.parametrize("is_padded", [True, False])
def test_each_text_is_the_same_as_alone_however_the_company_changes(is_padded) -> None:
    network = Network(is_padded=is_padded)
    own, chance = writer(network), np.random.default_rng(0)
    writings = {number: asked(own, number) for number in range(7)}
    found = {number: [] for number in writings}
    while writings:
        # Some rest at every step, and come back later.
        now = [number for number in writings if chance.uniform() < 0.7]
        for number, pieces in zip(now, step_together([writings[n] for n in now])):
            if pieces is None:
                del writings[number]
            else:
                found[number].append(pieces)
    assert {number: whole(own) for number, own in found.items()} == {
        number: alone(number) for number in found
    }
    assert max(rows for rows, _ in network.asked) > 3


def test_those_who_stay_together_are_put_together_once_and_asked_once_a_step() -> None:
    network = Network()
    own = writer(network)
    writings = [asked(own, number) for number in (1, 4)]
    step_together(writings)
    assert [rows for rows, _ in network.asked] == [1, 1]  # their prompts
    network.asked.clear()
    for _ in range(3):
        step_together(writings)
    assert network.asked == [(4, 1)] * 3


def test_a_graph_that_knows_no_padding_joins_only_what_is_equally_long() -> None:
    network = Network(is_padded=False)
    own = writer(network)
    writings = [asked(own, number) for number in (1, 4, 7)]  # prompts of 2, 5 and 2 tokens
    step_together(writings)
    network.asked.clear()
    step_together(writings)
    assert sorted(rows for rows, _ in network.asked) == [2, 4]


def test_one_that_is_over_is_not_asked_for_any_more() -> None:
    network = Network()
    own = writer(network)
    short, long = asked(own, 0, num_tokens=1), asked(own, 3, num_tokens=12)
    while step_together([short, long])[1] is not None:
        continue
    assert short.is_over
    assert long.is_over
    assert network.asked[-1][0] == 1


def test_writings_of_anything_else_are_taken_in_turn() -> None:
    config = WritingConfig(num_tokens=2)
    made = [
        Writing(iter([[97], [98]]), config, bytes_of=lambda t: bytes([t]), ends=()) for _ in "ab"
    ]
    assert [step_together(made) for _ in range(2)] == [[("a",)] * 2, [("b",)] * 2]
    assert step_together(made) == [None, None]
