"""Texts are written in turns, and nothing is written that nobody waits for."""

import asyncio
from contextlib import aclosing

import pytest

from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writing import Writing, WritingConfig
from lamina.serving.asked_text import AskedText
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal
from lamina.serving.writing_desk import WritingDesk
from tests.runtime.writers.test_strands import Network, writer
from tests.serving.fakes import Parrot


class Model:
    """Writes with a network that looks at all tokens so far, each a letter."""

    def __init__(self, network):
        self.own = writer(network, context=64)

    def write(self, config, sampling):
        strand = self.own.strand(
            [ord(letter) - 96 for letter in config.prompt],
            num_texts=1,
            num_tokens=config.num_tokens,
            config=sampling,
            seed=config.seed,
        )
        return Writing(strand, config, bytes_of=lambda token: bytes([97 + token]), ends=())


def asked(prompt="ab", num_tokens=10, num_texts=1, stop=()):
    config = WritingConfig(
        prompt=prompt, num_tokens=num_tokens, num_texts=num_texts, stop=tuple(stop)
    )
    return AskedText(config, SamplingConfig(), is_streamed=True)


def test_moments_make_up_the_text_and_tokens_are_counted() -> None:
    counted = []

    async def main():
        desk = WritingDesk(LimitsConfig(), on_tokens=lambda *told: counted.append(told))
        parrot = Parrot()
        parrot.seconds = 0.004
        found = [m async for m in desk.write("p", parrot, asked(num_tokens=25, num_texts=2))]
        assert desk.num_in_writing == 0
        desk.close()
        return found

    found = asyncio.run(main())
    assert len(found) > 1
    assert ["".join(parts) for parts in zip(*(m.pieces for m in found))] == ["ab" * 12 + "a"] * 2
    assert found[-1].ends == ("length", "length")
    assert found[-1].counts == (25, 25)
    assert all(None in m.ends for m in found[:-1])
    assert sum(count for _, count in counted) == 50


def test_a_short_text_does_not_wait_for_a_long_one() -> None:
    async def main():
        desk, parrot = WritingDesk(LimitsConfig()), Parrot()
        parrot.seconds = 0.002
        order = []

        async def write(name, num_tokens):
            async for _ in desk.write(name, parrot, asked(num_tokens=num_tokens)):
                pass
            order.append(name)

        await asyncio.gather(write("long", 400), write("short", 20))
        desk.close()
        return order

    assert asyncio.run(main()) == ["short", "long"]


def test_nothing_is_written_for_one_who_has_left() -> None:
    async def main():
        desk, parrot = WritingDesk(LimitsConfig()), Parrot()
        parrot.seconds = 0.002
        async with aclosing(desk.write("p", parrot, asked(num_tokens=10_000))) as moments:
            await anext(moments)
        assert desk.num_in_writing == 0
        steps = parrot.steps
        await asyncio.sleep(0.1)
        desk.close()
        return parrot.steps - steps

    assert asyncio.run(main()) == 0


def test_a_text_that_takes_too_long_ends_and_says_so() -> None:
    async def main():
        desk, parrot = WritingDesk(LimitsConfig(answer_s=0.2)), Parrot()
        parrot.seconds = 0.005
        found = [m async for m in desk.write("p", parrot, asked(num_tokens=10_000))]
        desk.close()
        return found[-1]

    last = asyncio.run(main())
    assert last.ends == ("time",)
    assert 0 < last.counts[0] < 100


def test_clients_who_ask_at_once_are_written_for_in_one_call_each_as_if_alone() -> None:
    network = Network()
    network.seconds = 0.004  # so that none is done before the others have come
    model = Model(network)

    async def main(*, is_joined):
        network.asked.clear()
        desk = WritingDesk(LimitsConfig(), is_joined=is_joined)

        async def one(number):
            config = WritingConfig(prompt="ab" * number, num_tokens=30 + number, seed=number)
            ask = AskedText(config, SamplingConfig(), is_streamed=True)
            return "".join([m.pieces[0] async for m in desk.write("m", model, ask)])

        found = await asyncio.gather(*(one(number) for number in range(1, 5)))
        assert desk.num_in_writing == 0
        desk.close()
        return found, len(network.asked)

    alone, num_alone = asyncio.run(main(is_joined=False))
    joined, num_joined = asyncio.run(main(is_joined=True))
    assert joined == alone
    assert num_joined < num_alone / 2


def test_one_who_leaves_or_reads_slowly_frees_its_lines_at_once() -> None:
    network = Network()
    network.seconds = 0.002
    model = Model(network)

    def ask(num_tokens):
        config = WritingConfig(prompt="ab", num_tokens=num_tokens)
        return AskedText(config, SamplingConfig(), is_streamed=True)

    async def main():
        desk = WritingDesk(LimitsConfig())
        async with aclosing(desk.write("m", model, ask(10_000))) as leaves:
            slow = desk.write("m", model, ask(10_000))
            await asyncio.gather(anext(leaves), anext(slow))
        network.asked.clear()
        found = [m async for m in desk.write("m", model, ask(40))]
        await slow.aclose()
        assert desk.num_in_writing == 0
        desk.close()
        return found[-1].counts

    assert asyncio.run(main()) == (40,)
    # What was begun for the others is ended; then there is one line alone.
    assert {rows for rows, _ in network.asked[10:]} == {1}


def test_a_fault_is_told_to_all_who_were_written_for_and_others_come_after() -> None:
    async def main():
        desk, parrot = WritingDesk(LimitsConfig()), Parrot()
        parrot.fails_at = 3
        calls = [desk.write("p", parrot, asked()) for _ in range(2)]
        told = await asyncio.gather(*(anext(one) for one in calls), return_exceptions=True)
        parrot.fails_at = -1
        found = [m async for m in desk.write("p", parrot, asked())]
        desk.close()
        return [type(one) for one in told], found[-1].ends

    assert asyncio.run(main()) == ([RuntimeError] * 2, ("length",))


def test_more_than_there_is_room_for_wait_and_are_refused_at_last() -> None:
    async def main():
        desk = WritingDesk(LimitsConfig(writings=1, answer_s=0.3))
        parrot = Parrot()
        parrot.seconds = 0.005
        first = desk.write("p", parrot, asked(num_tokens=10_000))
        await anext(first)
        with pytest.raises(Refusal) as refused:
            await anext(desk.write("p", parrot, asked()))
        assert refused.value.status == 429
        await first.aclose()
        found = [m async for m in desk.write("p", parrot, asked())]
        desk.close()
        return found[-1].ends

    assert asyncio.run(main()) == ("length",)
