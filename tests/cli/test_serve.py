"""`lamina serve`."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.runs.tiny import finished


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("serve") / "m.onnx"
    finished("binary").export(path)
    return path


def _start(*words, **changes):
    return subprocess.Popen(
        [sys.executable, "-m", "lamina", "serve", *map(str, words), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **changes},
    )


def test_it_answers_without_torch_and_stops_on_ctrl_c(file) -> None:
    server = _start(file, "--json", LAMINA_TOKEN="correct-horse")
    try:
        told = json.loads(server.stdout.readline())
        assert [model["name"] for model in told["models"]] == ["m"]
        with open(f"/proc/{server.pid}/maps") as maps:
            assert "libtorch" not in maps.read()
        with httpx.Client(base_url=told["url"], trust_env=False) as client:
            path = "/v1/models/m/predict"
            assert client.post(path, json={"rows": [{}]}).status_code == 401
            head = {"authorization": "Bearer correct-horse"}
            done = client.post(path, json={"rows": [{}, {}]}, headers=head)
            assert done.status_code == 200
            assert len(done.json()["answers"]) == 2
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        assert "correct-horse" not in server.stderr.read()
    finally:
        server.kill()
        server.communicate()


def test_a_replaced_file_answers_while_it_runs(file, tmp_path) -> None:
    place = tmp_path / "m.onnx"
    place.write_bytes(file.read_bytes())
    other = tmp_path / "other.onnx"
    finished("numbers").export(other)
    server = _start(place)
    try:
        lines = [server.stdout.readline() for _ in range(3)]
        url = re.search(r"http://[\d.:]+", lines[1]).group()
        first = httpx.get(f"{url}/v1/models", trust_env=False).json()
        other.replace(place)
        end = time.monotonic() + 20
        while httpx.get(f"{url}/v1/models", trust_env=False).json() == first:
            assert time.monotonic() < end, "the new file was not taken"
            time.sleep(0.2)
    finally:
        server.kill()
        server.communicate()


def test_wrong_use(lamina, file, tmp_path) -> None:
    assert "no run" in lamina("serve", "none").err
    assert lamina("serve", "none.onnx").code == 2
    assert lamina("serve", file, "--token", "short").code == 2
    assert lamina("serve", file, "--max-batch", "0").code == 2
    hurt = tmp_path / "hurt.onnx"
    hurt.write_bytes(file.read_bytes()[:-100])
    done = lamina("serve", hurt, "--port", "0")
    assert done.code == 2
    assert "hurt.onnx" in done.err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = lamina("serve", file, "--port", taken.getsockname()[1])
        assert done.code == 2
        assert "port" in done.err
