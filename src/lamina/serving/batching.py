"""Dynamic batching: requests that wait together are answered by one call of the model.

One thread calls the model, so that the event loop goes on reading. While a call runs, requests
gather; the next call takes them all, up to a bound. A request that comes alone starts at once: the
thread waits for others only while more requests are on their way than have arrived.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from lamina.core.errors import LaminaError
from lamina.serving.config import BatchingConfig
from lamina.serving.refusal import Refusal

Row = Mapping[str, Any]
Answers = list[dict[str, Any]]

BROKEN = "the model failed on this row"
"""What is said of a row on which the model raised something it should not."""


class ModelFailureError(LaminaError):
    """The model raised on rows that are in order: a fault of the server, not of the request."""


@dataclass(slots=True, eq=False)
class _Job:
    """One request that waits."""

    rows: Sequence[Row]
    future: "asyncio.Future[Answers]"
    arrived: float = field(default_factory=time.perf_counter)
    has_started: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the model, as it is counted."""

    num_rows: int
    """Rows answered together."""
    num_requests: int
    """Requests they came from."""
    seconds: float
    """How long it took."""


@final
class Batcher:
    """Joins requests and answers them in a thread of its own.

    Args:
        predict: The model: one answer per row, in order.
        config: How requests are joined.
        probe: Rows that a sound model answers; asked to tell a bad row from a broken model.
        error: Key under which an answer says why there is none.
        on_call: Told of every call, in the thread.
    """

    def __init__(
        self,
        predict: Callable[[Sequence[Row]], Answers],
        config: BatchingConfig,
        *,
        probe: Sequence[Row],
        error: str = "error",
        on_call: Callable[[Call], None] = lambda _: None,
    ) -> None:
        self._predict = predict
        self._config = config
        self._probe = probe
        self._error = error
        self._on_call = on_call
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._held: _Job | None = None
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.num_waiting_rows = 0
        self.num_on_their_way = 0
        """Requests that have begun to arrive and have no answer yet."""

    async def answer(self, rows: Sequence[Row], *, timeout_s: float) -> Answers:
        """Return one answer per row.

        Args:
            rows: Raw rows.
            timeout_s: Seconds until the request is given up.

        Raises:
            Refusal: Too many rows wait (429), or the time is over.
            ModelFailureError: The model is broken.
        """
        if not rows:
            return []
        if self.num_waiting_rows + len(rows) > max(self._config.max_waiting_rows, len(rows)):
            raise busy()
        if self._is_closed:
            raise Refusal(503, "the server is stopping.", headers={"Retry-After": "5"})
        job = _Job(rows, self._start().create_future())
        self.num_waiting_rows += len(rows)
        self._queue.put(job)
        try:
            async with asyncio.timeout(timeout_s):
                return await job.future
        except TimeoutError as error:
            if not job.has_started:
                raise busy() from error
            raise Refusal(
                413,
                f"answering {len(rows)} rows took longer than {timeout_s:g} s. "
                "Send fewer or smaller rows.",
            ) from error
        finally:
            self.num_waiting_rows -= len(rows)

    async def close(self) -> None:
        """Answer what waits, then end the thread."""
        self._is_closed = True
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _start(self) -> asyncio.AbstractEventLoop:
        """Return the event loop; the thread starts with the first request."""
        if self._thread is None or self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._work, name="lamina-answers", daemon=True)
            self._thread.start()
        return self._loop

    def _work(self) -> None:
        while True:
            job = self._held or self._queue.get()
            self._held = None
            if job is None:
                return
            jobs = [one for one in self._gather(job) if not one.future.done()]
            if not jobs:
                continue
            for one in jobs:
                one.has_started = True
            outcomes = list(zip(jobs, self._outcomes(jobs)))
            assert self._loop is not None
            try:
                self._loop.call_soon_threadsafe(_deliver, outcomes)
            except RuntimeError:  # the loop was closed; nobody waits any more
                return

    def _gather(self, first: _Job) -> list[_Job]:
        """Return the first request and those that arrive in time and fit."""
        jobs, count = [first], len(first.rows)
        until = first.arrived + self._config.wait_s
        while count < self._config.max_rows:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                left = until - time.perf_counter()
                if left <= 0 or len(jobs) >= self.num_on_their_way:
                    break
                try:
                    job = self._queue.get(timeout=left)
                except queue.Empty:
                    break
            if job is None:  # closing: come back to it after this call
                self._queue.put(None)
                break
            if count + len(job.rows) > self._config.max_rows:
                self._held = job
                break
            jobs.append(job)
            count += len(job.rows)
        return jobs

    def _outcomes(self, jobs: Sequence[_Job]) -> list[Answers | Exception]:
        """Return what became of each request; one that fails harms no other."""
        rows = [row for job in jobs for row in job.rows]
        try:
            answers = self._call(rows, num_requests=len(jobs))
        except Exception as error:
            if len(jobs) > 1:
                return [outcome for job in jobs for outcome in self._outcomes([job])]
            return [self._outcome_alone(rows, error)]
        ends = iter(answers)
        return [[next(ends) for _ in job.rows] for job in jobs]

    def _outcome_alone(self, rows: Sequence[Row], error: Exception) -> Answers | Exception:
        """Return what became of a request whose call raised: is it the rows, or the model?"""
        try:
            self._call(self._probe, num_requests=0)
        except Exception as broken:
            failure = ModelFailureError(f"the model fails: {type(broken).__name__}.")
            failure.__cause__ = broken
            return failure
        return self._halved(rows, error)

    def _halved(self, rows: Sequence[Row], error: Exception) -> Answers:
        """Return answers to all rows but those that make the model raise."""
        if len(rows) == 1:
            reason = str(error) if isinstance(error, LaminaError) else f"{BROKEN}."
            return [{self._error: reason}]
        middle = len(rows) // 2
        answers: Answers = []
        for part in (rows[:middle], rows[middle:]):
            try:
                answers += self._call(part, num_requests=0)
            except Exception as again:
                answers += self._halved(part, again)
        return answers

    def _call(self, rows: Sequence[Row], *, num_requests: int) -> Answers:
        begin = time.perf_counter()
        answers = self._predict(rows)
        if len(answers) != len(rows):
            raise ModelFailureError(f"the model gave {len(answers)} answers to {len(rows)} rows.")
        if num_requests:
            self._on_call(Call(len(rows), num_requests, time.perf_counter() - begin))
        return answers


def busy() -> Refusal:
    """Return the refusal of a request for which there is no room."""
    return Refusal(
        429, "too many requests wait for this model. Try again.", headers={"Retry-After": "1"}
    )


def _deliver(outcomes: Sequence[tuple[_Job, Answers | Exception]]) -> None:
    for job, outcome in outcomes:
        if job.future.done():
            continue
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
