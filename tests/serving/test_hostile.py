"""Malformed, huge, hostile and slow requests: never a 5xx, and the server goes on."""

import base64
import json
import random
import socket
import time

import pytest

from tests.serving.fakes import AGE, COLOUR, NOTE, PHOTO, Shop, png
from tests.serving.live import Live, config, read_all, serving
from tests.serving.test_pictures import huge_png

PREDICT = "/v1/models/shop/predict"
LIMITS = {"body_bytes": 200_000, "body_s": 0.5, "header_s": 0.5, "pixels": 1_000_000}


@pytest.fixture(scope="module")
def live():
    with serving({"shop": Shop("shop", AGE, COLOUR, NOTE, PHOTO)}, config(**LIMITS)) as running:
        yield running
        assert running.said == []


@pytest.fixture(autouse=True)
def _goes_on(live: Live):
    yield
    answer = live.post(PREDICT, {"row": {"age": 55}})
    assert answer.json()["answer"]["buys"] == "yes"


def post(live: Live, body: bytes, kind: str = "application/json", path: str = PREDICT):
    with live.client() as client:
        return client.post(path, content=body, headers={b"content-type": kind.encode("latin-1")})


def refused(answer, *statuses: int) -> str:
    assert answer.status_code in statuses
    error = answer.json()["error"]
    assert error["status"] == answer.status_code
    return error["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\x00\x01\x02",
        b'{"row": {"age": NaN}}',
        b'{"row": {"age": Infinity}}',
        b'{"row": {"age": -Infinity}}',
        b'{"row": {"age": 1, "age": 2}}',
        b'{"row": {"age": ' + b"9" * 5000 + b"}}",
        b'{"row": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
        b'{"row":' * 25_000,
        b'{"row": {"colour": "\xff"}}',
    ],
    ids=range(11),
)
def test_broken_json(live: Live, body):
    refused(post(live, body), 400)


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        7,
        None,
        {"row": {"age": 1e999}},
        {"row": {"age": 10**400}},
        {"row": {"age": {"$gt": 0}}},
        {"row": {"age": "1; DROP TABLE"}},
        {"row": {"__proto__": {"x": 1}}},
        {"row": {"colour": ["red"]}},
        {"row": {"colour": "\ud800"}},
        {"row": {"\x00": 1}},
        {"rows": "many"},
        {"rows": [[1, 2]]},
        {"row": {"photo": "%%%"}},
        {"row": {"photo": base64.b64encode(b"GIF89a nothing").decode()}},
    ],
    ids=range(16),
)
def test_wrong_types(live: Live, document):
    body = json.dumps(document).replace("Infinity", "1e999").encode()
    refused(post(live, body), 422)


def test_odd_texts_are_answered(live: Live):
    rows = [
        {"colour": "nul\x00", "note": "\x00\x01\u202e<script>"},
        {"colour": "../../etc/passwd", "note": "{{7*7}} %s %n"},
        {"colour": "", "note": "\U0001f600" * 5000},
    ]
    assert live.post(PREDICT, {"rows": rows}).status_code == 200


def test_rows_that_make_the_model_raise(live: Live):
    told = live.post(PREDICT, {"rows": [{"colour": "poison"}, {"age": 55}]}).json()["answers"]
    assert told[0]["error"] == "the model failed on this row."
    assert told[0]["buys"] is None
    assert told[1]["buys"] == "yes"
    assert "model failed" in refused(live.post(PREDICT, {"row": {"colour": "poison"}}), 422)
    assert "odd" in refused(live.post(PREDICT, {"row": {"colour": "odd"}}), 422)


@pytest.mark.parametrize("size", [70_000, 200_001, 3_000_000])
def test_huge_bodies(live: Live, size):
    body = b'{"row": {"note": "' + b"x" * size + b'"}}'
    refused(post(live, body), *((200, 413) if size < 200_000 else (413,))) if size > 2e5 else None
    pieces = (body[start : start + 9000] for start in range(0, len(body), 9000))
    with live.client() as client:
        headers = {"content-type": "application/json"}
        answer = client.post(PREDICT, content=pieces, headers=headers)
    assert answer.status_code == (413 if size > 2e5 else 200)


def test_bombs_of_pixels(live: Live):
    for side in (1001, 9000, 60_000):
        text = base64.b64encode(huge_png(side, side)).decode()
        refused(live.post(PREDICT, {"row": {"photo": text}}), 413)
    small = base64.b64encode(png(side=500)).decode()
    assert live.post(PREDICT, {"rows": [{"photo": small}] * 4}).status_code == 200
    refused(live.post(PREDICT, {"rows": [{"photo": small}] * 5}), 413)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'--cut\r\nContent-Disposition: form-data; name="age"\r\n\r\n5', "boundary=cut"),
        (b"--cut\r\n\r\n", "boundary=cut"),
        (b"--cut--", "boundary=cut"),
        (b"", "boundary=cut"),
        (b"x", "boundary="),
        (b"x", "x"),
        (b"--" + b"\r\n--" * 40_000, 'boundary=""'),
    ],
    ids=range(7),
)
def test_forms_cut_off(live: Live, body, kind):
    answer = post(live, body, f"multipart/form-data; {kind}")
    assert answer.status_code in (400, 413, 200)
    if body != b"--cut--":
        refused(answer, 400, 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "a" * 3000, "\x7f/ü"])
def test_wrong_content_types(live: Live, kind):
    answer = post(live, b'{"row": {}}', kind)
    refused(answer, 415)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_wrong_methods(live: Live, method):
    with live.client() as client:
        answer = client.request(method, PREDICT)
    refused(answer, 405)
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/none/predict",
        "/v1/models/%2e%2e/predict",
        "/v1/models/..%2f..%2fetc/predict",
        "/v1/models/%00/predict",
        "/v1/models/shop/predict/",
        "/v1/models//predict",
        "//v1/models/shop/predict",
        "/v1/models/" + "x" * 5000 + "/predict",
        "/v1/models/%ff%fe/predict",
        "/../../../etc/passwd",
    ],
    ids=range(10),
)
def test_odd_paths(live: Live, path):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert live.exchange(head.encode()).startswith(b"HTTP/1.1 404")


HOST = b"Host: x\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /x HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\nX: \x00\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=range(15),
)
def test_bytes_that_are_no_http(live: Live, raw):
    answer = live.exchange(raw)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_a_broken_chunk_in_the_middle_of_a_body(live: Live):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    answer = live.exchange(
        head.encode() + b'Content-Type: application/json\r\n\r\n5\r\n{"row\r\n', b"zz\r\nzz\r\n"
    )
    assert b" 500 " not in answer


def test_a_body_that_comes_too_slowly(live: Live):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with socket.create_connection(live.address, 10) as connection:
        connection.sendall(head.encode() + b"Content-Length: 1000\r\n\r\n")
        begin = time.perf_counter()
        for _ in range(40):
            time.sleep(0.05)
            try:
                connection.sendall(b" ")
            except OSError:
                break
        assert b"HTTP/1.1 408" in read_all(connection)
        assert time.perf_counter() - begin < 5


def test_clients_that_leave_in_the_middle(live: Live):
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for length in (0, 10, 1000):
        with socket.create_connection(live.address, 10) as connection:
            connection.sendall(head.encode() + b"Content-Length: 1000\r\n\r\n" + b" " * length)


def test_many_requests_on_one_connection_at_once(live: Live):
    one = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    one += 'Content-Length: 21\r\n\r\n{"row": {"age": 50 }}'
    last = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = live.exchange((one * 50 + last).encode())
    assert answer.count(b"HTTP/1.1 200") == 51


def test_random_changes_of_a_request(live: Live):
    chance = random.Random(0)
    body = b'{"rows": [{"age": 33, "colour": "red", "note": "good"}]}'
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    statuses = set()
    for _ in range(150):
        request = bytearray(head + body)
        for _ in range(chance.choice([1, 1, 3, 10])):
            request[chance.randrange(len(request))] = chance.randrange(256)
        answer = live.exchange(bytes(request), timeout=0.05)
        if answer:
            statuses.add(answer[9:10])
    assert statuses <= {b"2", b"4"}


def test_the_limit_of_rate_answers_429():
    with (
        serving({"shop": Shop()}, config(rate=5, burst=3)) as limited,
        limited.client() as client,
    ):
        statuses = [client.get("/v1/models").status_code for _ in range(6)]
        assert client.get("/health").status_code == 200
    assert statuses[:3] == [200] * 3
    assert set(statuses[3:]) == {429}


def test_the_token_is_never_told(capfd):
    token = "sesame-open-1234"
    with serving({"shop": Shop()}, token=token) as locked:
        with locked.client() as client:
            right = {"authorization": f"Bearer {token}"}
            assert client.get("/v1/models").status_code == 401
            assert (
                client.get("/v1/models", headers={"authorization": "Bearer x"}).status_code == 401
            )
            assert client.get("/v1/models", headers=right).status_code == 200
            for path in ("/metrics", "/openapi.json", "/v1/models/shop"):
                assert client.get(path).status_code == 401
                assert token not in client.get(path, headers=right).text
            assert token not in client.get(f"/v1/{token}", headers=right).headers
        locked.exchange(f"GET / HTTP/1.1\r\nAuthorization: Bearer {token}\r\nbad\r\n\r\n".encode())
    said = capfd.readouterr()
    assert token not in said.out + said.err
    assert not any(token in text for text in locked.said)
