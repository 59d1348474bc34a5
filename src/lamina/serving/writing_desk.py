"""Texts that are written for requests: side by side, by moments, and only what is waited for.

One thread calls the models. The requests to one model that wait are written for together for a
moment, in one call per token; then the next ones have their turn, so that a long text does not hold
up a short one, nor one model another. The next moment of a text begins when what was written before
is sent: a client that reads slowly is written for slowly, and nothing piles up for one that does
not read at all, or has left.
"""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import final

from lamina.runtime.writers.strands import step_together
from lamina.runtime.writing import Writing
from lamina.serving.asked_text import AskedText
from lamina.serving.batching import busy
from lamina.serving.config import LimitsConfig
from lamina.serving.function import Function

MOMENT_S = 0.03
"""Seconds of writing before what was written is sent, and others have their turn."""

COMPANY_S = 0.003
"""Seconds that those who were written for last are waited for, so that they stay together."""

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


@dataclass(slots=True, eq=False)
class _Job:
    """One request whose texts are being written."""

    function: Function
    writing: Writing
    until: float
    future: "asyncio.Future[Written]"
    pieces: list[str] = field(default_factory=list)
    """Characters of each text that were written and not yet sent."""

    def add(self, found: tuple[str, ...] | None) -> None:
        """Take the next characters."""
        if found is not None:
            before = self.pieces or [""] * len(found)
            self.pieces = [one + new for one, new in zip(before, found, strict=True)]

    def written(self, *, is_late: bool) -> Written:
        """Return what was written in this moment."""
        pieces = self.pieces or [""] * len(self.writing.counts)
        self.pieces = []
        ends: Sequence[str | None] = self.writing.ends
        if is_late:
            ends = [end or TIME for end in ends]
        return Written(tuple(pieces), tuple(self.writing.counts), tuple(ends))


@final
class WritingDesk:
    """Writes the texts that requests ask for.

    Args:
        limits: How many at a time, and for how long.
        on_tokens: Told of tokens that were written.
        is_joined: Whether requests are written for side by side.
    """

    def __init__(
        self,
        limits: LimitsConfig,
        *,
        on_tokens: Callable[[str, int], None] = lambda *_: None,
        is_joined: bool = True,
    ) -> None:
        self._limits = limits
        self._on_tokens = on_tokens
        self._is_joined = is_joined
        self._places = asyncio.Semaphore(limits.writings)
        self._pool = ThreadPoolExecutor(1, "lamina-write")
        self._changed = threading.Condition()
        self._due: list[_Job] = []
        """Who waits for a moment, the longest first."""
        self._expected: set[_Job] = set()
        """Who was written for last, and is likely to come again at once."""
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
        # A long prompt is cut into tokens there, too: others must not wait for it.
        settings = (asked.config, asked.sampling)
        writing = await loop.run_in_executor(self._pool, function.write, *settings)
        job, before = _Job(function, writing, until, loop.create_future()), 0
        try:
            while True:
                moment = await self._moment(job)
                self._on_tokens(name, sum(moment.counts) - before)
                before = sum(moment.counts)
                yield moment
                if None not in moment.ends:
                    return
        finally:
            with self._changed:
                self._expected.discard(job)
                if job in self._due:
                    self._due.remove(job)
                self._changed.notify()

    async def _moment(self, job: _Job) -> Written:
        job.future = asyncio.get_running_loop().create_future()
        with self._changed:
            self._due.append(job)
            self._expected.discard(job)
            self._changed.notify()
        # One round for each who waits: those who were written for with others find nothing to do.
        self._pool.submit(self._round)
        return await job.future

    def _round(self) -> None:
        """Write for a moment for those who wait for one model."""
        jobs = self._company()
        if not jobs:
            return
        try:
            self._write(jobs)
        except Exception as error:
            for job in jobs:
                _call(job.future, _fail, error)

    def _company(self) -> list[_Job]:
        """Return who is written for now: all who want the model that was asked for first."""
        until = time.perf_counter() + COMPANY_S
        with self._changed:
            if not self._due:
                return []
            function = self._due[0].function
            if not self._is_joined:
                return [self._due.pop(0)]
            while any(job.function is function for job in self._expected):
                left = until - time.perf_counter()
                if left <= 0 or not self._changed.wait(left):
                    break
            jobs = [job for job in self._due if job.function is function]
            self._due = [job for job in self._due if job.function is not function]
            self._expected -= {job for job in self._expected if job.function is function}
            return jobs

    def _write(self, jobs: Sequence[_Job]) -> None:
        """Write for a moment; whose texts have ended is told so at once."""
        stop, going = time.perf_counter() + MOMENT_S, list(jobs)
        while going:
            for job, found in zip(going, step_together([job.writing for job in going])):
                job.add(found)
            now = time.perf_counter()
            for job in going:
                if job.writing.is_over or now >= job.until:
                    _call(job.future, _deliver, job.written(is_late=now >= job.until))
            going = [job for job in going if not job.writing.is_over and now < job.until]
            if now >= stop:
                break
        with self._changed:
            self._expected |= set(going)
        for job in going:
            _call(job.future, _deliver, job.written(is_late=False))

    def close(self) -> None:
        """End; what is being written is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._changed:
            for job in self._due:
                job.future.cancel()


def _call(future: "asyncio.Future[Written]", act: Callable[..., None], value: object) -> None:
    """Do something with a future in the thread that waits for it."""
    try:
        future.get_loop().call_soon_threadsafe(act, future, value)
    except RuntimeError:  # the loop was closed; nobody waits any more
        return


def _deliver(future: "asyncio.Future[Written]", moment: Written) -> None:
    if not future.done():
        future.set_result(moment)


def _fail(future: "asyncio.Future[Written]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
