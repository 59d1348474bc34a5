"""Signals become wishes; a second Ctrl-C is obeyed at once."""

import os
import signal
import threading

import pytest

from lamina.training.interrupt import StopRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_becomes_a_wish(number):
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert stop.reason is None
        os.kill(os.getpid(), number)
        assert stop.reason == f"received {number.name}"
    assert signal.getsignal(number) == before


def test_a_second_ctrl_c_stops_at_once():
    def twice():
        with StopRequest():
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        twice()


def test_outside_the_main_thread_it_listens_to_nothing():
    reasons = []

    def work():
        with StopRequest() as stop:
            stop.ask("enough")
            reasons.append(stop.reason)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert reasons == ["enough"]
