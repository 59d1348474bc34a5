"""Charts with axes: what they draw, that they survive odd numbers, and that they are sound SVG."""

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.reports.charts import (
    MOST_POINTS,
    curve_chart,
    fit_chart,
    legend,
    reliability_chart,
    residual_chart,
)
from lamina.reports.content import Calibration, Curve, CurvePanel, NumberFit, ReliabilityBin

ODD = st.lists(st.floats(), max_size=12)


def _panel(*values: tuple[float, ...], **options: object) -> CurvePanel:
    curves = tuple(
        Curve(name=f"curve {n}", steps=tuple(range(len(v))), values=v) for n, v in enumerate(values)
    )
    return CurvePanel(title="Loss", curves=curves, **options)  # type: ignore[arg-type]


def _parse(svg: str) -> ElementTree.Element:
    tree = ElementTree.fromstring(svg)
    assert tree.tag == "svg"
    assert tree.get("role") == "img"
    assert tree.find("title") is not None
    for node in tree.iter():
        for name, value in node.attrib.items():
            assert not name.startswith("on")
            assert name not in ("style", "href")
            if name in ("x", "y", "cx", "cy", "r", "width", "height", "x1", "x2", "y1", "y2"):
                assert math.isfinite(float(value))
    return tree


def test_a_curve_says_where_it_begins_and_ends() -> None:
    tree = _parse(curve_chart(_panel((0.7, 0.5, 0.3), (0.8, 0.6, 0.4), mark=2)))
    assert tree.findtext("title") == (
        "Loss by step: curve 0 from 0.7000 to 0.3000; curve 1 from 0.8000 to 0.4000"
    )
    assert len(tree.findall("path")) == 2
    assert any(node.text == "kept" for node in tree.iter("text"))


def test_a_wide_span_is_drawn_on_a_logarithmic_axis() -> None:
    tree = _parse(curve_chart(_panel((100.0, 1.0, 0.01))))
    path = tree.find("path")
    assert path is not None
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path.get("d", ""))]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.05)


def test_one_curve_needs_no_legend() -> None:
    texts = [node.text for node in _parse(curve_chart(_panel((1.0, 2.0)))).iter("text")]
    assert "curve 0" not in texts
    _, low = legend([("a", "c0")])
    _, high = legend([(f"a long name of a curve {n}", "c0") for n in range(6)])
    assert high > low


@given(ODD, ODD)
def test_curves_survive_odd_numbers(first: list[float], second: list[float]) -> None:
    _parse(curve_chart(_panel(tuple(first), tuple(second), mark=1.0)))


def test_reliability_shows_what_was_right() -> None:
    bins = (
        ReliabilityBin(confidence=0.75, accuracy=0.7, count=200),
        ReliabilityBin(confidence=math.nan, accuracy=math.nan, count=0),
    )
    tree = _parse(reliability_chart(Calibration(after=bins, before=bins)))
    tips = [node.text for node in tree.iter("title")]
    assert tips.count("200 answers with mean confidence 75.0 %: 70.0 % right") == 2
    assert len(tree.findall("circle")) == 2
    _parse(reliability_chart(Calibration(after=())))


def test_few_answers_are_not_joined() -> None:
    bins = tuple(
        ReliabilityBin(confidence=0.1 * n, accuracy=0.5, count=4 if n == 3 else 50)
        for n in range(1, 6)
    )
    tree = _parse(reliability_chart(Calibration(after=bins)))
    assert sum("faint" in node.get("class", "") for node in tree.findall("circle")) == 1
    (line,) = [n for n in tree.findall("path") if "c0" in n.get("class", "")]
    assert line.get("d", "").count("L") == 3


def test_points_are_thinned_and_say_so() -> None:
    numbers = tuple(float(n) for n in range(2_000))
    tree = _parse(fit_chart(NumberFit(truth=numbers, prediction=numbers, target="y")))
    assert len(tree.findall("circle")) == MOST_POINTS
    assert tree.findtext("title") == (
        "Predicted against true y of 2,000 test rows (every 4th is drawn)"
    )


def test_residuals_are_counted() -> None:
    fit = NumberFit(truth=(0.0, 0.0, 0.0, 0.0), prediction=(-1.0, 0.0, 0.0, 1.0))
    bars = _parse(residual_chart(fit)).findall("rect")
    counts = [int((bar.findtext("title") or "").split()[0]) for bar in bars]
    # 31 bars from -1 to 1: zero falls in the middle one, the ends in the outermost.
    assert (counts[0], counts[15], counts[30], sum(counts)) == (1, 2, 1, 4)


@given(ODD, ODD)
def test_fits_survive_odd_numbers(truth: list[float], guess: list[float]) -> None:
    fit = NumberFit(truth=tuple(truth), prediction=tuple(guess))
    _parse(fit_chart(fit))
    _parse(residual_chart(fit))
