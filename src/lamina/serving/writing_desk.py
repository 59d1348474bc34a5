"""Texts that are written for requests: a little of each in turn, and only what is waited for.

One thread calls the models. It writes for a moment on one text, then on the next that waits, so
that a long text does not hold up a short one. The next moment of a text begins when what was
written before is sent: a client that reads slowly is written for slowly, and nothing piles up for
one that does not read at all, or has left.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, final

from lamina.runtime.writing import Writing
from lamina.serving.asked_text import AskedText
from lamina.serving.batching import busy
from lamina.serving.config import LimitsConfig
from lamina.serving.function import Function

MOMENT_S = 0.03
"""Seconds of writing before what was written is sent, and others have their turn."""

TIME = "time"
"""Why a text ended that took too long."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written in a moment."""

    pieces: tuple[str, ...]
    """The next characters of each text."""
    counts: tuple[int, ...]
    """Tokens of each text so far."""
    ends: tuple[str | None, ...]
    """Why each text ended; None where it goes on."""


@final
class WritingDesk:
    """Writes the texts that requests ask for.

    Args:
        limits: How many at a time, and for how long.
        on_tokens: Told of tokens that were written.
    """

    def __init__(
        self, limits: LimitsConfig, *, on_tokens: Callable[[str, int], None] = lambda *_: None
    ) -> None:
        self._limits = limits
        self._on_tokens = on_tokens
        self._places = asyncio.Semaphore(limits.writings)
        self._pool = ThreadPoolExecutor(1, "lamina-write")
        self.num_in_writing = 0
        """Requests for which texts are being written."""

    async def write(
        self, name: str, function: Function, asked: AskedText
    ) -> AsyncGenerator[Written, None]:
        """Yield what is written, moment by moment, until all texts have ended.

        Args:
            name: Of the model.
            function: The model.
            asked: What is to be written.

        Yields:
            At least one moment; in the last one all texts have ended.

        Raises:
            Refusal: There is no room for one more.
        """
        until = time.perf_counter() + self._limits.answer_s
        try:
            async with asyncio.timeout(self._limits.answer_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise busy() from error
        self.num_in_writing += 1
        try:
            async with aclosing(self._moments(name, function, asked, until)) as moments:
                async for moment in moments:
                    yield moment
        finally:
            self.num_in_writing -= 1
            self._places.release()

    async def _moments(
        self, name: str, function: Function, asked: AskedText, until: float
    ) -> AsyncGenerator[Written, None]:
        loop = asyncio.get_running_loop()
        # A long prompt is cut into tokens here, too: others must not wait for it.
        begun = await loop.run_in_executor(self._pool, _begin, function, asked)
        before = 0
        while True:
            moment = await loop.run_in_executor(self._pool, _moment, *begun, until)
            self._on_tokens(name, sum(moment.counts) - before)
            before = sum(moment.counts)
            yield moment
            if None not in moment.ends:
                return

    def close(self) -> None:
        """End; what is being written is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _begin(function: Function, asked: AskedText) -> tuple[Writing, Iterator[tuple[str, ...]]]:
    writing = function.write(asked.config, asked.sampling)
    return writing, iter(writing)


def _moment(writing: Writing, steps: Iterator[tuple[str, ...]], until: float) -> Written:
    """Write for a moment, or to the end."""
    pieces = [""] * len(writing.counts)
    stop = time.perf_counter() + MOMENT_S
    ends: list[str | None] = writing.ends
    while True:
        found: Any = next(steps, None)
        if found is None:
            break
        pieces = [before + new for before, new in zip(pieces, found)]
        now = time.perf_counter()
        if now >= until:
            ends = [end or TIME for end in writing.ends]
            break
        if now >= stop:
            break
    return Written(tuple(pieces), tuple(writing.counts), tuple(ends))
