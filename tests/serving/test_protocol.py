"""Connections that do not behave: slow heads, silent ones, crowds."""

import socket
import time
from contextlib import ExitStack

from tests.serving.fakes import Shop
from tests.serving.live import config, read_all, read_answer, serving

HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_head_that_never_ends_is_given_up():
    with serving({"shop": Shop()}, config(header_s=0.3)) as live:
        begin = time.perf_counter()
        with socket.create_connection(live.address, 10) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\n")
            for letter in b"Host: slow-loris":
                time.sleep(0.05)
                try:
                    connection.sendall(bytes([letter]))
                except OSError:
                    break
            assert read_all(connection) == b""
        assert time.perf_counter() - begin < 5
        assert live.get("/health").status_code == 200


def test_a_silent_connection_is_given_up():
    with serving({"shop": Shop()}, config(header_s=0.2)) as live:
        begin = time.perf_counter()
        assert live.exchange() == b""
        assert time.perf_counter() - begin < 5


def test_a_slow_head_of_a_second_request_is_given_up_too():
    with (
        serving({"shop": Shop()}, config(header_s=0.3)) as live,
        socket.create_connection(live.address, 10) as connection,
    ):
        connection.sendall(HEAD)
        assert read_answer(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /hea")
        begin = time.perf_counter()
        assert read_all(connection) == b""
        assert time.perf_counter() - begin < 5


def test_a_long_answer_is_not_cut_by_the_deadline_of_the_head():
    function = Shop()
    with serving({"shop": function}, config(header_s=0.1)) as live:
        function.seconds = 0.5
        answer = live.post("/v1/models/shop/predict", {"row": {"age": 50}})
    assert answer.status_code == 200


def test_a_crowd_is_told_to_come_later_and_those_inside_are_answered():
    with serving({"shop": Shop()}, config(connections=4)) as live, ExitStack() as open_ones:
        inside = []
        for _ in range(4):
            connection = open_ones.enter_context(socket.create_connection(live.address, 10))
            connection.sendall(HEAD)
            assert read_answer(connection).startswith(b"HTTP/1.1 200")
            inside.append(connection)
        turned_away = live.exchange()
        assert turned_away.startswith(b"HTTP/1.1 429")
        head, _, body = turned_away.partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}".encode() in head
        inside[0].sendall(HEAD)
        assert read_answer(inside[0]).startswith(b"HTTP/1.1 200")
