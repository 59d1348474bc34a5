"""Texts are written in turns, and nothing is written that nobody waits for."""

import asyncio
from contextlib import aclosing

import pytest

from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writing import WritingConfig
from lamina.serving.asked_text import AskedText
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal
from lamina.serving.writing_desk import WritingDesk
from tests.serving.fakes import Parrot


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
