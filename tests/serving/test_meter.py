from lamina.serving.batching import Call
from lamina.serving.meter import Meter


def test_calls_and_requests_are_counted():
    meter = Meter()
    count = meter.count_call("m")
    count(Call(num_rows=5, num_requests=3, seconds=0.004))
    meter.count_request("/v1/models", "GET", 200, 0.002)
    meter.count_request("/v1/models", "GET", 500, 0.002)
    meter.num_in_flight = 4
    lines = meter.page().splitlines()
    assert 'lamina_rows_total{model="m"} 5' in lines
    assert 'lamina_call_seconds_bucket{model="m",le="0.005"} 1' in lines
    assert 'lamina_errors_total{route="/v1/models"} 1' in lines
    assert "lamina_requests_in_flight 4" in lines


def test_foreign_methods_do_not_become_labels():
    meter = Meter()
    for number in range(100):
        meter.count_request("other", f"FOO{number}", 405, 0.001)
    assert 'lamina_requests_total{route="other",method="other",status="405"} 100' in meter.page()


def test_a_watched_figure_is_on_the_page():
    meter = Meter()
    meter.watch("lamina_height", "How high.", ("tree",), lambda: [(("oak",), 21.5)])
    assert 'lamina_height{tree="oak"} 21.5' in meter.page()
