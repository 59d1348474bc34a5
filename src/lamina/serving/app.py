"""The routes of a server, as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, final

from lamina.core.errors import MissingExtraError
from lamina.runtime.signature import Field
from lamina.serving.asked_text import read_asked
from lamina.serving.body import read_body
from lamina.serving.config import ServingConfig
from lamina.serving.explanation_desk import ExplanationDesk
from lamina.serving.gate import Gate
from lamina.serving.meter import Meter
from lamina.serving.metrics import CONTENT_TYPE
from lamina.serving.models import Model, Models
from lamina.serving.openapi import openapi_document
from lamina.serving.page import PAGE, read_page
from lamina.serving.refusal import Refusal
from lamina.serving.rows import Asked
from lamina.serving.strict_json import write_json
from lamina.serving.text_events import EVENTS, chained, text_events, whole_texts
from lamina.serving.writing_desk import WritingDesk

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_LARGE_BODY = 64 * 1024
"""Bytes from which on a body is read in a thread, so that others need not wait."""


@final
class Application:
    """What a server answers, from its models.

    Args:
        models: The models.
        config: The server.
        meter: Counts.
        say: Told of faults of the server.
        tasks: Started with the server and cancelled when it ends, such as the look-out for new
            files.
    """

    def __init__(
        self,
        models: Models,
        config: ServingConfig,
        meter: Meter,
        *,
        say: Callable[[str], None] = lambda _: None,
        tasks: Sequence[Callable[[], Any]] = (),
    ) -> None:
        self._models = models
        self._config = config
        self._meter = meter
        self._tasks = tasks
        self.is_stopping = False
        # Apart from the threads that read large bodies: answers must not wait for either.
        self._counting = ThreadPoolExecutor(1, "lamina-count")
        self._explaining = ExplanationDesk(config.limits)
        self._desk = WritingDesk(
            config.limits,
            on_tokens=lambda name, count: meter.tokens.add(name, amount=count),
            is_joined=config.batching.max_rows > 1,
        )
        meter.watch(
            "lamina_texts_in_writing",
            "Requests for which texts are being written.",
            (),
            lambda: [((), self._desk.num_in_writing)],
        )
        self._gate = Gate(self._routes(), config, meter, say)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or start and end with the server.

        Args:
            scope: Of the request.
            receive: Gives pieces of its body.
            send: Takes pieces of the answer.
        """
        # The router raises for a path that is not there only where it has an application.
        scope["app"] = self
        await self._gate(scope, receive, send)

    def _routes(self) -> Any:
        try:
            from starlette.routing import Route, Router
        except ImportError as error:
            raise MissingExtraError(
                "starlette", extra="serve", purpose="answering over HTTP"
            ) from error
        model = "/v1/models/{name}"
        routes = [
            Route("/health", self._live),
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
            Route("/metrics", self._metrics),
            Route("/openapi.json", self._openapi),
            Route("/v1/models", self._list),
            Route(model, self._about),
            Route(f"{model}/predict", self._predict, methods=["POST"]),
            Route(f"{model}/explain", self._explain, methods=["POST"]),
            Route(f"{model}/generate", self._generate, methods=["POST"]),
            Route(f"{model}/drift", self._drift),
            *(Route(path, self._page) for path in PAGE),
        ]
        # The router alone: the gate turns errors into answers, and nothing else stands between.
        return Router(routes, redirect_slashes=False, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, app: Any) -> AsyncIterator[None]:
        del app
        running = [asyncio.create_task(task()) for task in self._tasks]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._models.close()
        self._counting.shutdown(wait=False, cancel_futures=True)
        self._explaining.close()
        self._desk.close()

    async def _live(self, request: "Request") -> "Response":
        del request
        return _json({"status": "ok"})

    async def _ready(self, request: "Request") -> "Response":
        del request
        if self.is_stopping:
            return _json({"status": "stopping"}, status=503)
        if not len(self._models):
            return _json({"status": "starting"}, status=503)
        return _json({"status": "ok"})

    async def _metrics(self, request: "Request") -> "Response":
        from starlette.responses import Response

        del request
        return Response(self._meter.page(), headers={"content-type": CONTENT_TYPE})

    async def _openapi(self, request: "Request") -> "Response":
        from importlib.metadata import version

        del request
        models = {
            name: (model.function.signature, model.version)
            for name, model in self._models.every().items()
        }
        return _json(openapi_document(models, self._config, version=version("lamina")))

    async def _list(self, request: "Request") -> "Response":
        del request
        return _json({"models": [self._told(m) for m in self._models.every().values()]})

    async def _about(self, request: "Request") -> "Response":
        model = self._models.get(request.path_params["name"])
        signature = model.function.signature
        limits = self._config.limits
        return _json(
            {
                **self._told(model),
                "fields": [_field_document(field) for field in signature.fields],
                "answers": [answer.to_document() for answer in signature.answers],
                "error": signature.error,
                "context": signature.context,
                "history": None if signature.history is None else signature.history.to_document(),
                "limits": {
                    "rows": limits.rows,
                    "body_bytes": limits.body_bytes,
                    "pixels": limits.pixels,
                    "text_characters": limits.text_characters,
                    "texts": limits.texts,
                    "written_tokens": limits.written_tokens,
                },
            }
        )

    async def _predict(self, request: "Request") -> "Response":
        model = self._models.get(request.path_params["name"])
        model.batcher.num_on_their_way += 1
        try:
            asked = await self._asked(request, model)
            answers = await model.batcher.answer(asked.rows, timeout_s=self._config.limits.answer_s)
        finally:
            model.batcher.num_on_their_way -= 1
        self._count(model, asked.rows)
        return self._answered(model, asked, answers)

    async def _explain(self, request: "Request") -> "Response":
        model = self._models.get(request.path_params["name"])
        asked = await self._asked(request, model)
        if not asked.is_single:
            raise Refusal(422, 'one row is explained at a time: {"row": {...}}.', where=("rows",))
        answer, told = await self._explaining.explain(model, asked.rows[0])
        common = {"model": model.name, "version": model.version}
        return _json({**common, "answer": _told_answer(answer, model), "explanation": told})

    async def _generate(self, request: "Request") -> "Response":
        from starlette.responses import StreamingResponse

        model = self._models.get(request.path_params["name"])
        if model.function.signature.context is None:
            raise Refusal(404, f"the model {model.name!r} writes no texts. Ask it to predict.")
        limits = self._config.limits
        body = await read_body(request.scope, request.receive, limits)
        asked = read_asked(body, request.headers.get("content-type", ""), limits)
        moments = self._desk.write(model.name, model.function, asked)
        if asked.is_streamed:
            events = text_events(moments, model)
            # The first event is awaited here, so that a refusal has its own status.
            first = await anext(events)
            return StreamingResponse(
                chained(first, events), media_type=EVENTS, headers={"x-accel-buffering": "no"}
            )
        async with aclosing(moments):
            return _json(await whole_texts(moments, model, request.is_disconnected))

    async def _page(self, request: "Request") -> "Response":
        from starlette.responses import Response

        content, kind = read_page(request.url.path)
        return Response(content, media_type=kind)

    async def _drift(self, request: "Request") -> "Response":
        model = self._models.get(request.path_params["name"])
        columns = [one.to_document() for one in model.drift.report()]
        return _json({"model": model.name, "rows": model.drift.num_rows, "columns": columns})

    def _count(self, model: Model, rows: Sequence[dict[str, Any]]) -> None:
        """Count rows that were answered, for the comparison with training."""
        if not model.drift.is_slow:
            model.drift.add(rows)
            return
        sample = model.drift.sample(rows)
        if sample:
            # In a thread, and nobody waits for it: files are decoded once more.
            self._counting.submit(model.drift.add_sample, sample)

    async def _asked(self, request: "Request", model: Model) -> Asked:
        body = await read_body(request.scope, request.receive, self._config.limits)
        kind = request.headers.get("content-type", "")
        if len(body) > _LARGE_BODY:
            return await asyncio.to_thread(model.reader.read, body, kind)
        return model.reader.read(body, kind)

    def _answered(
        self, model: Model, asked: Asked, answers: Sequence[dict[str, Any]]
    ) -> "Response":
        signature = model.function.signature
        told = [_told_answer(answer, model) for answer in answers]
        failed = sum(signature.error in answer for answer in told)
        if failed:
            self._meter.row_errors.add(model.name, amount=failed)
        common = {"model": model.name, "version": model.version}
        if not asked.is_single:
            return _json({**common, "answers": told})
        if failed:
            raise Refusal(422, str(told[0][signature.error]), where=("row",))
        return _json({**common, "answer": told[0]})

    def _told(self, model: Model) -> dict[str, Any]:
        problem = self._models.problems.get(model.name)
        return {**model.to_document(), **({"problem": problem} if problem else {})}


def _told_answer(answer: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Return an answer as it is sent: every column, and the error only where there is one."""
    signature = model.function.signature
    told = {one.name: answer.get(one.name) for one in signature.answers}
    problem = answer.get(signature.error)
    return {**told, signature.error: problem} if problem else told


def _field_document(field: Field) -> dict[str, Any]:
    return {**field.to_document(), "has_missing": field.has_missing}


def _json(document: Any, *, status: int = 200) -> "Response":
    from starlette.responses import Response

    return Response(write_json(document), status, media_type="application/json")
