"""Texts over HTTP: whole, and as they come."""

import json
import socket
import time

import pytest

from tests.serving.fakes import Parrot, Shop
from tests.serving.live import Live, config, serving

PATH = "/v1/models/parrot/generate"


@pytest.fixture
def parrot():
    made = Parrot()
    with serving({"parrot": made, "shop": Shop()}, config(answer_s=5)) as live:
        live.parrot = made
        yield live


def events(live: Live, document) -> list[dict]:
    with live.client() as client, client.stream("POST", PATH, json=document) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_whole_texts_with_why_they_ended(parrot: Live) -> None:
    told = parrot.post(PATH, {"prompt": "hé", "num": 2, "max_tokens": 6}).json()
    assert told["model"] == "parrot"
    assert told["version"] == "a" * 16
    assert told["texts"] == [{"text": "héhé", "tokens": 6, "end": "length"}] * 2
    told = parrot.post(PATH, {"prompt": "one. two", "stop": ["."]}).json()
    assert told["texts"] == [{"text": "one", "tokens": 4, "end": "stop"}]
    told = parrot.post(PATH, {"prompt": "a\0"}).json()
    assert told["texts"] == [{"text": "a", "tokens": 1, "end": "end"}]


def test_a_stream_brings_the_same_text_in_pieces(parrot: Live) -> None:
    parrot.parrot.seconds = 0.004
    document = {"prompt": "日本 ", "num": 2, "max_tokens": 40, "stream": True}
    first, *pieces, last = events(parrot, document)
    assert first == {"model": "parrot", "version": "a" * 16}
    assert len(pieces) > 1
    texts = ["".join(parts) for parts in zip(*(one["pieces"] for one in pieces))]
    assert texts == [("日本 " * 6)[:17] + "\ufffd"[:0]] * 2 or texts[0].startswith("日本 日本 ")
    assert last == {"texts": [{"tokens": 40, "end": "length"}] * 2}
    whole = parrot.post(PATH, {**document, "stream": False}).json()["texts"]
    assert [one["text"] for one in whole] == texts


def test_characters_come_before_the_text_has_ended(parrot: Live) -> None:
    parrot.parrot.seconds = 0.01
    begin = time.perf_counter()
    with (
        parrot.client() as client,
        client.stream("POST", PATH, json={"max_tokens": 150, "stream": True}) as answer,
    ):
        first = next(line for line in answer.iter_lines() if "pieces" in line)
        assert time.perf_counter() - begin < 0.9
        assert json.loads(first.removeprefix("data: "))["pieces"][0]


def test_a_client_that_leaves_ends_the_writing(parrot: Live) -> None:
    parrot.parrot.seconds = 0.005
    for stream in (True, False):
        body = json.dumps({"max_tokens": 4000, "stream": stream}).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(parrot.address, 10) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.3)
        time.sleep(0.4)
        steps = parrot.parrot.steps
        time.sleep(0.3)
        assert parrot.parrot.steps == steps
        assert "lamina_texts_in_writing 0" in parrot.get("/metrics").text


def test_others_are_answered_while_a_text_is_written(parrot: Live) -> None:
    parrot.parrot.seconds = 0.02
    with (
        parrot.client() as client,
        client.stream("POST", PATH, json={"max_tokens": 100, "stream": True}) as answer,
    ):
        next(answer.iter_lines())
        begin = time.perf_counter()
        assert parrot.post("/v1/models/shop/predict", {"row": {}}).status_code == 200
        assert time.perf_counter() - begin < 1


def test_a_model_that_fails_says_so_and_no_more(parrot: Live) -> None:
    parrot.parrot.fails_at = 0
    for stream in (True, False):
        answer = parrot.post(PATH, {"stream": stream})
        assert answer.status_code == 500
        assert "secret" not in answer.text
    parrot.parrot.fails_at, parrot.parrot.seconds = 20, 0.005
    *_, last = events(parrot, {"stream": True})
    assert last["error"]["status"] == 500
    assert "secret" not in json.dumps(last)
    parrot.parrot.fails_at = -1
    assert parrot.post(PATH, {"max_tokens": 1}).status_code == 200


def test_what_cannot_be_is_refused(parrot: Live) -> None:
    for stream in (True, False):
        refused = parrot.post(PATH, {"num": 99, "stream": stream})
        assert refused.status_code == 422
        assert refused.json()["error"]["where"] == ["num"]
    assert parrot.post("/v1/models/shop/generate", {}).status_code == 404
    assert parrot.post("/v1/models/none/generate", {}).status_code == 404
    assert parrot.get(PATH).status_code == 405


def test_tokens_and_requests_are_counted(parrot: Live) -> None:
    parrot.post(PATH, {"max_tokens": 7, "num": 2})
    told = parrot.get("/metrics").text
    assert 'lamina_written_tokens_total{model="parrot"} 14' in told
    assert 'route="/v1/models/{name}/generate"' in told


def test_the_model_says_what_it_can_be_asked(parrot: Live) -> None:
    about = parrot.get("/v1/models/parrot").json()
    assert about["context"] == 64
    assert about["limits"]["written_tokens"] == 4096
    assert parrot.get("/v1/models/shop").json()["context"] is None
