import math
import re
from xml.etree import ElementTree

from lamina.reports.content import DrawnForecast
from lamina.reports.forecast_charts import forecast_chart


def _drawn(**changes):
    values = {
        "title": "load from Monday",
        "past": (1.0, 2.0, 3.0),
        "median": (3.5, 4.0),
        "low": (3.0, 3.2),
        "high": (4.0, 4.9),
        "truth": (3.4, 4.4),
        "share": 0.9,
    }
    return DrawnForecast(**{**values, **changes})


def _paths(drawn):
    root = ElementTree.fromstring(str(forecast_chart(drawn)))
    return {each.get("class"): each.get("d") for each in root.iter("path")}


def test_lines_and_band_hold_all_steps():
    paths = _paths(_drawn())
    assert paths["line ink"].count("L") == 4  # three steps back and two ahead, joined
    assert paths["line c0"].count("L") == 1
    assert paths["area c3"].count("L") == 3
    assert "interval" in str(forecast_chart(_drawn()))


def test_without_interval_and_truth():
    paths = _paths(_drawn(low=(), high=(), truth=(), share=0.0))
    assert "area c3" not in paths
    assert paths["line ink"].count("L") == 2


def test_an_interval_far_out_does_not_flatten_the_rest():
    past = tuple(math.sin(n / 3) for n in range(60))
    chart = str(forecast_chart(_drawn(past=past, high=(1e6, 1e6))))
    path = re.search(r'd="([^"]*)" class="line ink"', chart)[1]
    heights = [float(number) for number in re.findall(r" ([\d.]+)", path)]
    assert max(heights) - min(heights) > 20
    band = re.search(r'd="M([^"]*) Z" class="area c3"', chart)[1]
    assert all(0 <= float(point.split()[1]) <= 300 for point in band.split(" L"))


def test_gaps_and_empty_forecasts_are_drawn():
    assert _paths(_drawn(past=(1.0, math.nan, 3.0), truth=(math.nan, 2.0)))
    assert "<svg" in str(forecast_chart(DrawnForecast(title="<b>", past=(), median=())))
    assert "<b>" not in str(forecast_chart(_drawn(title="<b>")))
