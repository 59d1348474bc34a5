"""Explanations for requests: what is asked of a model for each, in which thread, and how long."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, final

from lamina.serving.batching import busy
from lamina.serving.claims import traced_in
from lamina.serving.config import LimitsConfig
from lamina.serving.models import Model
from lamina.serving.occlusion import occlusions
from lamina.serving.refusal import Refusal
from lamina.serving.written_occlusion import TooLateError, traced

_THREADS = 2


@final
class ExplanationDesk:
    """Explains the answers to rows.

    Args:
        limits: How long one may take.
    """

    def __init__(self, limits: LimitsConfig) -> None:
        self._limits = limits
        # Apart from the threads that read large bodies: answers must not wait for either.
        self._pool = ThreadPoolExecutor(_THREADS, "lamina-explain")

    async def explain(
        self, model: Model, row: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """Return the answer to a row, and what it came from as JSON-like values.

        Args:
            model: Who answers.
            row: Raw cells by column.

        Raises:
            Refusal: The row cannot be explained, or that takes too long.
        """
        if traced_in(model.function.signature) is None:
            return await self._occluded(model, row)
        return await self._traced(model, row)

    async def _occluded(
        self, model: Model, row: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        # In a thread: a large picture takes a while to decode, and others must not wait for it.
        loop, signature = asyncio.get_running_loop(), model.function.signature
        versions = await loop.run_in_executor(self._pool, occlusions, signature, row)
        limit = self._limits.answer_s
        answers = await model.batcher.answer(versions.rows(), timeout_s=limit)
        return answers[0], versions.told(answers)

    async def _traced(
        self, model: Model, row: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        limit = self._limits.answer_s
        until, has_begun = time.perf_counter() + limit, False

        def work() -> tuple[Mapping[str, Any], dict[str, Any]]:
            nonlocal has_begun
            has_begun = True
            return traced(model.function, row, until=until)

        try:
            async with asyncio.timeout(limit):
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except (TimeoutError, TooLateError) as error:
            if not has_begun:
                raise busy() from error
            message = f"explaining the answer took longer than {limit:g} s. Send a shorter row."
            raise Refusal(413, message, where=("row",)) from error

    def close(self) -> None:
        """End; what waits is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
