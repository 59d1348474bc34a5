"""Charts of rows and cells: tiny histograms, interval plots, importance bars, confusion matrix.

Each function returns one inline SVG with an accessible title. In an interval plot the name stands
above its interval, so that it needs no column of its own and a phone can show it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lamina.core.records import Interval
from lamina.reports.content import Confusion, Histogram, Metric, ModelScores
from lamina.reports.svg import (
    can_draw,
    extent,
    figure,
    format_ticks,
    join,
    label,
    num,
    tag,
    ticks,
    tip,
)
from lamina.reports.text import (
    fit_label,
    format_interval,
    format_number,
    format_share,
    metric_label,
    shorten,
    text_width,
)

WIDTH = 380.0
"""Width of an interval plot in its own units."""
MOST_CLASSES = 20
"""Classes a confusion matrix shows; of more, those most often mistaken."""


def sparkline(histogram: Histogram, name: str) -> Markup:
    """Return a histogram small enough for a cell of a table.

    Args:
        histogram: The counts.
        name: Column, for the accessible title.
    """
    counts = [max(0, count) for count in histogram.counts[:40]]
    most, total = max(counts, default=0) or 1, sum(counts) or 1
    width = 96 / max(1, len(counts))
    marks = []
    for n, count in enumerate(counts):
        height = 26 * count / most
        height = max(height, 0.8) if count else 0.0
        words = f"{_bar_name(histogram, n)}: {count:,} rows ({format_share(count / total)})"
        marks.append(
            tag(
                "rect",
                tip(words),
                x=n * width,
                y=28 - height,
                width=max(0.6, width - 1),
                height=height,
                class_="bar soft-bar",
            )
        )
    marks.append(tag("line", x1=0, x2=96, y1=28.5, y2=28.5, class_="axis"))
    return figure(96, 30, f"Distribution of {shorten(name, 80)}", marks)


def _bar_name(histogram: Histogram, n: int) -> str:
    if n < len(histogram.labels):
        return shorten(histogram.labels[n], 40)
    if n + 1 < len(histogram.edges):
        low, high = histogram.edges[n], histogram.edges[n + 1]
        return f"{format_number(low, 3)} to {format_number(high, 3)}"
    return f"bar {n + 1}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """The horizontal axis of an interval plot."""

    low: float
    high: float

    def at(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return 10 + share * (WIDTH - 20)


def interval_chart(metric: Metric, models: Sequence[ModelScores]) -> Markup:
    """Return one metric of all models as points with 95 % intervals; the network's is marked.

    A trivial baseline far from the others is drawn as an arrow at the edge, so that it does not
    squeeze them together.

    Args:
        metric: The metric.
        models: The models in the order wanted; those without the metric are left out.
    """
    rows = [(m, m.scores[metric.name]) for m in models if metric.name in m.scores]
    scale = _scale_of(rows)
    unit = metric.unit if metric.unit == "%" else ""
    network = next((score for model, score in rows if model.kind == "network"), None)
    places = ticks(scale.low, scale.high, 5)
    marks = []
    for n, (model, score) in enumerate(rows):
        y = 6 + 40.0 * n
        marks += _strip(scale, places, network, y + 18)
        marks.append(_interval_row(model, score, metric, y, scale))
    bottom = 6 + 40.0 * len(rows)
    for place, text in zip(places, format_ticks(places, unit=unit)):
        x = scale.at(place)
        anchor = "start" if x < 24 else "end" if x > WIDTH - 24 else "middle"
        marks.append(label(x, bottom + 10, text, anchor=anchor))
    better = {True: "; higher is better", False: "; lower is better", None: ""}
    title = (
        f"{metric_label(metric.name)} of {len(rows)} models with 95 % intervals"
        f"{better[metric.is_higher_better]}"
    )
    return figure(WIDTH, bottom + 16, title, marks)


def _scale_of(rows: Sequence[tuple[ModelScores, Interval]]) -> _Scale:
    def ends(chosen: Sequence[Interval]) -> list[float]:
        return [end for score in chosen for end in (score.value, score.low, score.high)]

    whole = extent(ends([score for _, score in rows]), margin=0.05)
    serious = [score for model, score in rows if model.kind != "trivial"]
    if not serious:
        return _Scale(*whole)
    close = extent(ends(serious), margin=0.12)
    return _Scale(*(close if whole[1] - whole[0] > 2.5 * (close[1] - close[0]) else whole))


def _strip(
    scale: _Scale, places: Sequence[float], network: Interval | None, top: float
) -> list[Markup]:
    marks = []
    if network and can_draw(network.low) and can_draw(network.high):
        x = scale.at(network.low)
        width = max(1.0, scale.at(network.high) - x)
        marks.append(tag("rect", x=x, y=top, width=width, height=14, class_="band"))
    for place in places:
        x = scale.at(place)
        marks.append(tag("line", x1=x, x2=x, y1=top, y2=top + 14, class_="grid"))
    return marks


def _interval_row(
    model: ModelScores, score: Interval, metric: Metric, y: float, scale: _Scale
) -> Markup:
    kind = "c0" if model.kind == "network" else "c3"
    value, ends = format_interval(score, metric.unit)
    words = tip(f"{model.name}: {value}" + (f" ({ends})" if ends else ""))
    value = fit_label(value, 12)
    room = (WIDTH - 8) / 12 - text_width(value) - 1
    marks = [
        words,
        label(4, y + 12, model.name, kind=f"name {'strong' if kind == 'c0' else ''}", em=room),
        label(WIDTH - 4, y + 12, value, kind="name number", anchor="end"),
    ]
    middle = y + 25
    if not can_draw(score.value):
        return tag("g", join(marks))
    if not scale.low <= score.value <= scale.high:
        x, turn = (8.0, 1) if score.value < scale.low else (WIDTH - 8, -1)
        shape = f"M{num(x - 5 * turn)} {num(middle)}l{9 * turn} -5v10z"
        return tag("g", join([*marks, tag("path", d=shape, class_=f"dot {kind}")]))
    if ends:
        x1, x2 = scale.at(score.low), scale.at(score.high)
        marks.append(tag("line", x1=x1, x2=x2, y1=middle, y2=middle, class_=f"whisker {kind}"))
    radius = 5.5 if kind == "c0" else 4.2
    x = scale.at(score.value)
    marks.append(tag("circle", cx=x, cy=middle, r=radius, class_=f"dot {kind}"))
    return tag("g", join(marks))


def importance_chart(importances: Mapping[str, Interval], title: str) -> Markup:
    """Return bars, longest first, with their intervals as whiskers; those below 0 point left.

    Args:
        importances: By column.
        title: What is shown.
    """
    rows = sorted(importances.items(), key=lambda row: -abs(row[1].value))[:20]
    ends = [end for _, one in rows for end in (one.value, one.low, one.high) if can_draw(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    marks, step, left, right = [], 36.0, 8.0, WIDTH - 8
    scale = (right - left) / ((high - low) or 1.0)
    zero = left - low * scale
    for n, (name, one) in enumerate(rows):
        y = 4 + step * n
        value = one.value if can_draw(one.value) else 0.0
        kind = "c0" if value >= 0 else "c1"
        x, width = zero + min(value, 0.0) * scale, abs(value) * scale
        words = f"{shorten(name, 80)}: {format_number(one.value)}"
        inner = [
            tip(words),
            label(left, y + 12, name, kind="name", em=22),
            label(right, y + 12, format_interval(one)[0], kind="name number", anchor="end"),
            tag("rect", x=x, y=y + 18, width=width, height=8, class_=f"bar {kind}"),
        ]
        if one.high > one.low:
            x1, x2 = zero + one.low * scale, zero + one.high * scale
            inner.append(tag("line", x1=x1, x2=x2, y1=y + 22, y2=y + 22, class_="whisker thin"))
        marks.append(tag("g", join(inner)))
    bottom = 4 + step * len(rows)
    if low < 0:
        marks.append(tag("line", x1=zero, x2=zero, y1=18, y2=bottom - 4, class_="axis"))
    return figure(WIDTH, 4 + bottom, title, marks)


def confusion_chart(confusion: Confusion) -> Markup:
    """Return the confusion matrix as a heat map, each row shaded by its share.

    Args:
        confusion: Counts by truth and prediction.
    """
    chosen = shown_classes(confusion)
    names = [confusion.classes[n] for n in chosen]
    count = max(1, len(chosen))
    cell = max(18.0, min(58.0, 290 / count))
    widest = max((min(8.0, text_width(shorten(name, 80))) for name in names), default=0.0) * 12
    left, top = max(56.0, widest + 14), 0.72 * widest + 20
    marks = [
        label(left - 8, top - 12, "truth ↓", kind="note", anchor="end"),
    ]
    for n, name in enumerate(names):
        x, y = left + (n + 0.5) * cell, top + (n + 0.5) * cell
        marks.append(label(left - 8, y + 4, name, anchor="end", em=8))
        turned = label(0, 0, name, em=8)
        marks.append(
            tag("g", turned, transform=f"translate({num(x + 3)} {num(top - 8)}) rotate(-45)")
        )
    for i, row in enumerate(chosen):
        total = sum(confusion.counts[row]) or 1
        for j, column in enumerate(chosen):
            value = confusion.counts[row][column]
            words = (
                f"{value:,} of {total:,} {shorten(names[i], 40)} rows "
                f"({format_share(value / total)}) answered as {shorten(names[j], 40)}"
            )
            place = (left + j * cell, top + i * cell)
            marks.append(_heat_cell(place, cell, value, value / total, words, is_right=i == j))
    title = f"Confusion matrix of {len(confusion.classes)} classes: truth by row, answer by column"
    return figure(left + count * cell + 0.72 * widest, top + count * cell + 6, title, marks)


def _heat_cell(
    place: tuple[float, float], size: float, count: int, share: float, words: str, *, is_right: bool
) -> Markup:
    x, y = place
    shade = 0.0 if count == 0 else 0.14 + 0.81 * share
    kind = "right" if is_right else "wrong"
    marks = [
        tip(words),
        tag("rect", x=x, y=y, width=size - 1, height=size - 1, class_="cell"),
        tag(
            "rect",
            x=x,
            y=y,
            width=size - 1,
            height=size - 1,
            class_=f"heat {kind}",
            fill_opacity=shade,
        ),
    ]
    if count and size >= 26:
        text = f"{count:,}" if count < 10_000 else f"{count / 1000:.0f}k"
        tone = "on-dark" if shade > 0.55 else "count"
        small = " small" if len(text) * 6.4 > size - 4 else ""
        marks.append(
            label(x + (size - 1) / 2, y + size / 2 + 4, text, kind=tone + small, anchor="middle")
        )
    return tag("g", join(marks))


def shown_classes(confusion: Confusion) -> list[int]:
    """Return which classes a confusion matrix shows: all, or those most often mistaken.

    Args:
        confusion: Counts by truth and prediction.
    """
    everything = range(len(confusion.classes))
    if len(everything) <= MOST_CLASSES:
        return list(everything)

    def mistakes(n: int) -> int:
        row = sum(confusion.counts[n]) - confusion.counts[n][n]
        return row + sum(confusion.counts[m][n] for m in everything if m != n)

    return sorted(sorted(everything, key=mistakes, reverse=True)[:MOST_CLASSES])


def top_confusions(confusion: Confusion, most: int = 5) -> list[tuple[str, str, int, float]]:
    """Return the commonest mistakes: truth, answer, count, share of the truth's rows.

    Args:
        confusion: Counts by truth and prediction.
        most: How many.
    """
    found = [
        (confusion.classes[i], confusion.classes[j], count, count / (sum(row) or 1))
        for i, row in enumerate(confusion.counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(found, key=lambda one: -one[2])[:most]
