import asyncio
import threading
import time

import pytest

from lamina.core.errors import DataError
from lamina.serving.batching import Batcher, Call, ModelFailureError
from lamina.serving.config import BatchingConfig
from lamina.serving.refusal import Refusal


class Doubler:
    """Doubles; some numbers are too much for it."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.is_broken = False

    def __call__(self, rows):
        self.calls.append([row["x"] for row in rows])
        self.gate.wait(10)
        if self.is_broken:
            raise RuntimeError("broken")
        if any(row["x"] == 13 for row in rows):
            raise ZeroDivisionError("thirteen")
        if any(row["x"] == 7 for row in rows):
            raise DataError("seven is not read.")
        return [{"y": 2 * row["x"]} for row in rows]


def batcher(model, *, on_call=lambda call: None, **config) -> Batcher:
    return Batcher(model, BatchingConfig(**config), probe=[{"x": 0}], on_call=on_call)


def rows(*numbers):
    return [{"x": number} for number in numbers]


def answers(*numbers):
    return [{"y": 2 * number} for number in numbers]


async def waiting(model, one: Batcher, *requests):
    """Let requests wait together behind a first one."""
    model.gate.clear()
    one.num_on_their_way = len(requests) + 1
    first = asyncio.create_task(one.answer(rows(0), timeout_s=10))
    while not model.calls:
        await asyncio.sleep(0.001)
    tasks = [asyncio.create_task(one.answer(rows(*r), timeout_s=10)) for r in requests]
    await asyncio.sleep(0.01)
    model.gate.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_requests_are_joined_and_each_gets_its_own_rows():
    model, calls = Doubler(), []

    async def main():
        one = batcher(model, on_call=calls.append)
        found = await waiting(model, one, [1, 2], [3], [4, 5, 6])
        await one.close()
        return found

    assert asyncio.run(main()) == [answers(1, 2), answers(3), answers(4, 5, 6)]
    assert model.calls == [[0], [1, 2, 3, 4, 5, 6]]
    assert [(call.num_rows, call.num_requests) for call in calls] == [(1, 1), (6, 3)]
    assert isinstance(calls[0], Call)


def test_a_call_never_has_more_rows_than_allowed_unless_one_request_has():
    model = Doubler()

    async def main():
        one = batcher(model, max_rows=4)
        found = await waiting(model, one, [1, 2], [3], [4, 5, 6], list(range(20, 30)))
        await one.close()
        return found

    found = asyncio.run(main())
    assert found[2] == answers(4, 5, 6)
    assert [len(call) for call in model.calls] == [1, 3, 3, 10]


def test_one_row_at_most_is_no_batching():
    model = Doubler()

    async def main():
        one = batcher(model, max_rows=1)
        await waiting(model, one, [1], [2], [3])
        await one.close()

    asyncio.run(main())
    assert model.calls == [[0], [1], [2], [3]]


def test_a_request_that_comes_alone_does_not_wait():
    async def main():
        one = batcher(Doubler(), wait_s=5.0)
        one.num_on_their_way = 1
        begin = time.perf_counter()
        await one.answer(rows(1), timeout_s=10)
        return time.perf_counter() - begin

    assert asyncio.run(main()) < 1


def test_others_on_their_way_are_waited_for():
    model = Doubler()

    async def main():
        one = batcher(model, wait_s=5.0)
        one.num_on_their_way = 2
        first = asyncio.create_task(one.answer(rows(1), timeout_s=10))
        await asyncio.sleep(0.05)
        assert model.calls == []
        await one.answer(rows(2), timeout_s=10)
        await first

    asyncio.run(main())
    assert model.calls == [[1, 2]]


def test_a_bad_row_harms_no_neighbour():
    model = Doubler()

    async def main():
        one = batcher(model)
        found = await waiting(model, one, [1, 2], [3, 13, 4, 13], [5], [7])
        await one.close()
        return found

    first, mixed, last, seven = asyncio.run(main())
    assert first == answers(1, 2)
    assert last == answers(5)
    assert mixed[0::2] == answers(3, 4)
    assert mixed[1] == mixed[3] == {"error": "the model failed on this row."}
    assert seven == [{"error": "seven is not read."}]


def test_a_broken_model_is_told_from_a_bad_row():
    model = Doubler()
    model.is_broken = True

    async def main():
        one = batcher(model)
        with pytest.raises(ModelFailureError, match="RuntimeError"):
            await one.answer(rows(1), timeout_s=10)
        model.is_broken = False
        return await one.answer(rows(1), timeout_s=10)

    assert asyncio.run(main()) == answers(1)


def test_a_model_that_forgets_rows_is_broken():
    async def main():
        one = Batcher(lambda rows: [], BatchingConfig(), probe=[{"x": 0}])
        with pytest.raises(ModelFailureError):
            await one.answer(rows(1), timeout_s=10)

    asyncio.run(main())


def test_a_request_that_waits_too_long_is_told_to_come_again():
    model = Doubler()

    async def main():
        model.gate.clear()
        one = batcher(model)
        first = asyncio.create_task(one.answer(rows(1), timeout_s=0.2))
        while not model.calls:
            await asyncio.sleep(0.001)
        with pytest.raises(Refusal) as second:
            await one.answer(rows(2), timeout_s=0.05)
        with pytest.raises(Refusal) as begun:
            await first
        model.gate.set()
        later = await one.answer(rows(3), timeout_s=10)
        await one.close()
        return second.value.status, begun.value.status, later, one.num_waiting_rows

    assert asyncio.run(main()) == (429, 413, answers(3), 0)
    assert [2] not in model.calls


def test_too_many_waiting_rows_are_refused_at_once():
    model = Doubler()

    async def main():
        model.gate.clear()
        one = batcher(model, max_waiting_rows=10)
        first = asyncio.create_task(one.answer(rows(*range(20, 28)), timeout_s=10))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await one.answer(rows(1, 2, 3), timeout_s=10)
        model.gate.set()
        await first
        # A request larger than the bound is answered where nothing else waits.
        await one.answer(rows(*range(20, 50)), timeout_s=10)
        return refused.value

    refusal = asyncio.run(main())
    assert refusal.status == 429
    assert refusal.headers["Retry-After"] == "1"


def test_closing_answers_what_waits():
    model = Doubler()

    async def main():
        model.gate.clear()
        one = batcher(model, max_rows=1)
        tasks = [asyncio.create_task(one.answer(rows(n), timeout_s=10)) for n in (1, 2, 3)]
        await asyncio.sleep(0.02)
        closing = asyncio.create_task(one.close())
        await asyncio.sleep(0)
        with pytest.raises(Refusal, match="stopping"):
            await one.answer(rows(4), timeout_s=10)
        model.gate.set()
        await closing
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [answers(1), answers(2), answers(3)]
