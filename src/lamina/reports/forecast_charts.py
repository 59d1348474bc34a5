"""Forecasts drawn: the past, what came, the median and the intervals around it."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from lamina.reports.charts import WIDTH, legend
from lamina.reports.content import DrawnForecast
from lamina.reports.svg import Frame, can_draw, extent, figure, num, tag
from lamina.reports.text import format_number, format_share

_WHOLE, _LEFT = 6.0, 54.0


def forecast_chart(drawn: DrawnForecast) -> Markup:
    """Return one forecast with the end of the past it was made from.

    Args:
        drawn: The numbers.
    """
    share = format_share(drawn.share, 0) if drawn.share else ""
    names = [("past and truth", "ink"), ("median", "c0")]
    marks, top = legend([*names, (f"{share} interval", "c3")] if share else names)
    steps = [float(step) for step in range(1, len(drawn.median) + 1)]
    before = [float(step) for step in range(1 - len(drawn.past), 1)]
    heights = _robust((*drawn.past, *drawn.truth, *drawn.median, *drawn.low, *drawn.high))
    frame = Frame(
        (min(before, default=0.0), max(steps, default=1.0)),
        extent(heights),
        left=_LEFT,
        top=top + 10,
        bottom=top + 190,
    )
    marks += frame.axes(x_label=drawn.x_label)
    if share:
        marks.append(_band(frame, steps, drawn.low, drawn.high))
    origin = frame.at_x(0.5)
    marks.append(tag("line", x1=origin, x2=origin, y1=frame.top, y2=frame.bottom, class_="mark"))
    marks.append(frame.path([*before, *steps], [*drawn.past, *_known(drawn)], "ink"))
    marks.append(frame.path(steps, drawn.median, "c0"))
    if share:
        marks += [frame.path(steps, ends, "c3 thin") for ends in (drawn.low, drawn.high)]
    last = drawn.median[-1] if drawn.median else math.nan
    title = f"Forecast of {drawn.title}: {len(steps)} steps ahead, the last {format_number(last)}"
    return figure(WIDTH, frame.bottom + 42, title, marks)


def _known(drawn: DrawnForecast) -> Sequence[float]:
    return [*drawn.truth, *[math.nan] * (len(drawn.median) - len(drawn.truth))]


def _robust(heights: Sequence[float]) -> list[float]:
    """Return the heights that the axis spans: an interval far out must not flatten all else."""
    finite = sorted(height for height in heights if can_draw(height))
    if len(finite) < 20:
        return finite
    low, high = finite[len(finite) // 20], finite[-1 - len(finite) // 20]
    reach = _WHOLE * (high - low)
    return [height for height in finite if low - reach <= height <= high + reach] or finite


def _band(
    frame: Frame, steps: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Markup:
    """Return the area between two lines, cut at the edges of the frame."""

    def at(step: float, height: float) -> str:
        y = min(frame.bottom, max(frame.top, frame.at_y(height)))
        return f"{num(frame.at_x(step))} {num(y)}"

    points = [(s, a, b) for s, a, b in zip(steps, low, high) if can_draw(a) and can_draw(b)]
    if not points:
        return Markup("")
    there = [at(step, upper) for step, _, upper in points]
    back = [at(step, lower) for step, lower, _ in reversed(points)]
    return tag("path", d="M" + " L".join([*there, *back]) + " Z", class_="area c3")
