import asyncio
import json
from typing import Any

import pytest

from lamina.serving.config import LimitsConfig, ServingConfig
from lamina.serving.gate import Gate, route_of
from lamina.serving.meter import Meter
from lamina.serving.refusal import Refusal


def ask(inner, path: str = "/v1/models", config: ServingConfig | None = None, **scope: Any):
    """Return status, headers, body, and what was said and counted."""
    sent, said, meter = [], [], Meter()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    gate = Gate(inner, config or ServingConfig(), meter, said.append)
    request = {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("a", 1)}
    asyncio.run(gate({**request, **scope}, receive, send))
    headers = dict(sent[0]["headers"])
    return sent[0]["status"], headers, sent[1]["body"], said, meter


async def fine(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"fine"})


def raising(error):
    async def inner(scope, receive, send):
        raise error

    return inner


def test_an_answer_passes_with_its_security_headers():
    status, headers, body, said, meter = ask(fine)
    assert (status, body, said) == (200, b"fine", [])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"connection" not in headers
    assert meter.requests.value("/v1/models", "GET", "200") == 1
    assert meter.num_in_flight == 0


def test_a_refusal_becomes_json_and_closes_what_was_not_read():
    refusal = Refusal(422, "no.", where=("row",), headers={"Retry-After": "7"})
    status, headers, body, _, meter = ask(raising(refusal))
    assert status == 422
    assert headers[b"retry-after"] == b"7"
    assert headers[b"connection"] == b"close"
    assert json.loads(body) == {"error": {"status": 422, "message": "no.", "where": ["row"]}}
    assert meter.requests.value("/v1/models", "GET", "422") == 1


def test_an_unforeseen_error_is_told_by_its_kind_alone():
    status, _, body, said, meter = ask(raising(RuntimeError("cells of somebody")))
    assert status == 500
    assert b"cells" not in body
    assert said == ["GET /v1/models: RuntimeError"]
    assert meter.errors.value("/v1/models") == 1


TOKEN = "sesame-open"
LOCKED = ServingConfig(token=TOKEN)


@pytest.mark.parametrize("path", ["/", "/page.js", "/health", "/health/ready"])
def test_open_paths_need_no_token(path):
    assert ask(fine, path, LOCKED)[0] == 200


@pytest.mark.parametrize(
    "path", ["/v1/models", "/metrics", "/openapi.json", "/health/", "//", "/page.js/..", "/none"]
)
def test_all_others_do(path):
    status, headers, body, *_ = ask(fine, path, LOCKED)
    assert status == 401
    assert headers[b"www-authenticate"] == b'Bearer realm="lamina"'
    assert TOKEN.encode() not in body
    right = [(b"authorization", f"Bearer {TOKEN}".encode())]
    assert ask(fine, path, LOCKED, headers=right)[0] == 200


def test_guesses_of_a_token_count_for_the_rate():
    sent = []

    async def send(message):
        sent.append(message)

    config = ServingConfig(token=TOKEN, limits=LimitsConfig(rate=1, burst=3))
    gate = Gate(fine, config, Meter(), lambda _: None)
    scope = {"type": "http", "method": "GET", "path": "/v1/models", "headers": []}

    async def main():
        for _ in range(5):
            await gate({**scope, "client": ("1.2.3.4", 5)}, None, send)

    asyncio.run(main())
    statuses = [m["status"] for m in sent if m["type"] == "http.response.start"]
    assert statuses == [401, 401, 401, 429, 429]


def test_a_client_that_does_not_read_is_left():
    limits = LimitsConfig(body_s=0.01, answer_s=0.01, idle_s=0.01)

    async def stuck(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(60)

    meter = Meter()
    gate = Gate(stuck, ServingConfig(limits=limits), meter, lambda _: None)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": None}

    async def send(message):
        pass

    asyncio.run(asyncio.wait_for(gate(scope, None, send), 5))
    assert meter.num_in_flight == 0


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/v1/models/a/predict", "/v1/models/{name}/predict"),
        ("/v1/models/a", "/v1/models/{name}"),
        ("/v1/models/a/unknown", "other"),
        ("/v1/models/../../etc/passwd", "other"),
        ("/anything", "other"),
        ("", "other"),
    ],
)
def test_routes(path, route):
    assert route_of(path) == route
