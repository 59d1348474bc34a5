import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from lamina.core.errors import ConfigError
from lamina.serving.server import bind, is_loopback
from tests.serving.fakes import Shop
from tests.serving.live import config, serving

PREDICT = "/v1/models/shop/predict"

SCRIPT = """
import sys
from lamina.serving.app import Application
from lamina.serving.config import ServingConfig
from lamina.serving.meter import Meter
from lamina.serving.models import Models
from lamina.serving.server import Server, bind
config, meter = ServingConfig(port=0), Meter()
application = Application(Models(config, meter), config, meter)
server = Server(application, config, bind("127.0.0.1", 0))
server.run(lambda: print(server.url, flush=True))
print("ended", "torch" in sys.modules, flush=True)
"""


def test_a_port_that_is_taken_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen at 127.0.0.1:{port}.*--port"):
            bind("127.0.0.1", port)


def test_a_host_that_is_unknown_is_told():
    with pytest.raises(ConfigError, match="not known here"):
        bind("no-such-host.invalid", 0)
    with pytest.raises(ConfigError, match=r"cannot listen at 203\.0\.113\.7"):
        bind("203.0.113.7", 0)


def test_what_only_this_machine_reaches():
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("example.org")


def test_stopping_finishes_what_is_in_flight():
    function = Shop()
    found = []
    with serving({"shop": function}) as live:
        function.gate.clear()
        ask = threading.Thread(target=lambda: found.append(live.post(PREDICT, {"row": {}})))
        ask.start()
        while live.models.get("shop").batcher.num_waiting_rows < 1:
            time.sleep(0.005)
        live.server.stop()
        time.sleep(0.3)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(live.address, 2)
        function.gate.set()
        ask.join(10)
    assert found[0].status_code == 200


def test_stopping_does_not_wait_for_ever():
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode()
    with serving({"shop": Shop()}, config(shutdown_s=1)) as live:
        silent = socket.create_connection(live.address, 5)
        silent.sendall(head)
        time.sleep(0.1)
        begin = time.perf_counter()
    assert time.perf_counter() - begin < 8
    silent.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_a_proper_end(number):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("ended False\n", "", 0)
