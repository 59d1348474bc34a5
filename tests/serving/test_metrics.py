import re
import threading

import pytest

from lamina.serving.metrics import Counter, Gauge, Histogram, exposition, process_figures

LINE = re.compile(
    r'^(# (HELP|TYPE) [a-z_:]+ .+|[a-z_:]+(\{([a-z_]+="(\\.|[^"\\\n])*",?)+\})? (\S+))$'
)


def test_a_counter():
    counter = Counter("asked_total", "Requests.", ("route",))
    counter.add("/a")
    counter.add("/a")
    counter.add("/b", amount=2.5)
    assert counter.lines() == [
        "# HELP asked_total Requests.",
        "# TYPE asked_total counter",
        'asked_total{route="/a"} 2',
        'asked_total{route="/b"} 2.5',
    ]


def test_a_histogram_counts_up_to_each_bound():
    # 0.1 and 0.2 are up to 0.2; 1 is up to 1; 5 is above both.
    histogram = Histogram("seconds", "Time.", (), (0.2, 1.0))
    for value in (0.1, 0.2, 1.0, 5.0):
        histogram.add(value)
    assert histogram.lines()[2:] == [
        'seconds_bucket{le="0.2"} 2',
        'seconds_bucket{le="1"} 3',
        'seconds_bucket{le="+Inf"} 4',
        "seconds_sum 6.3",
        "seconds_count 4",
    ]


def test_a_gauge_is_read_when_somebody_looks():
    values = {"a": 1.0}
    gauge = Gauge("now", "Now.", ("name",), lambda: [((k,), v) for k, v in values.items()])
    values["a"] = float("nan")
    values["b"] = float("inf")
    assert gauge.lines()[2:] == ['now{name="a"} NaN', 'now{name="b"} +Inf']


@pytest.mark.parametrize("name", ['a"b', "back\\slash", "new\nline", "ü", "{}", 'x"} 1\nevil 2'])
def test_labels_cannot_break_the_format(name):
    counter = Counter("c_total", "Text\nof \\ two lines.", ("name",))
    counter.add(name)
    page = exposition([counter])
    assert page.endswith("\n")
    lines = page.splitlines()
    assert len(lines) == 3
    assert all(LINE.match(line) for line in lines)


def test_threads_lose_no_count():
    counter = Counter("c_total", "Count.")
    histogram = Histogram("h", "Time.", (), (1.0,))

    def work() -> None:
        for _ in range(5000):
            counter.add()
            histogram.add(0.5)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value() == 20000
    assert histogram.lines()[-1] == "h_count 20000"


def test_the_process_knows_its_memory():
    figures = process_figures()
    assert figures["process_resident_memory_bytes"] > 1e6
    assert figures["process_open_fds"] > 2
