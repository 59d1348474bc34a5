"""Explanations drawn: bars of columns, heat over pictures, coloured words, curves, layers, maps.

What speaks for an answer has the first colour of the page and stands right of the axis; what speaks
against it has the second. Everything is SVG or spans with classes; there are no `style` attributes,
and texts from the data are cleaned and escaped.
"""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from lamina.core.records import Interval
from lamina.explanation.records import CurveRecord, FeatureAttribution, InputAttribution
from lamina.reports.charts import WIDTH, legend
from lamina.reports.pictures import is_safe_uri
from lamina.reports.svg import (
    Frame,
    can_draw,
    extent,
    figure,
    format_ticks,
    join,
    label,
    tag,
    ticks,
    tip,
)
from lamina.reports.text import (
    clean_text,
    fit_label,
    format_interval,
    format_number,
    shorten,
    text_width,
)

MOST_COLUMNS = 20
"""Columns drawn; the rest counts less."""
MOST_LETTERS = 4_000
"""Letters of a text that are shown."""
MOST_LINES = 12
"""Channels of a series that are drawn."""
MOST_GROUPS = 6
"""Groups of a map that colours tell apart."""

_PICTURE = 240.0
_LEVELS = 4
_MOST_CLASSES = 20  # more distinct numbers are a quantity


def columns_chart(one: InputAttribution, unit: str) -> Markup:
    """Return a bar per column from an axis in the middle, the longest first.

    Args:
        one: Attributions of columns.
        unit: Their unit.
    """
    ranked = sorted(one.features, key=lambda feature: -abs(feature.attribution))[:MOST_COLUMNS]
    most = max((abs(f.attribution) for f in ranked if can_draw(f.attribution)), default=0.0) or 1.0
    middle, half, step = WIDTH / 2, WIDTH / 2 - 8, 36.0
    marks: list[Markup] = []
    for place, feature in enumerate(ranked):
        marks.append(_column_row(feature, 4 + step * place, middle, half / most))
    bottom = 4 + step * len(ranked)
    axis = tag("line", x1=middle, x2=middle, y1=18, y2=bottom - 4, class_="axis")
    title = f"What each column contributed, in {unit}: right of the line for, left against"
    return figure(WIDTH, bottom + 4, title, [*marks, axis])


def _column_row(feature: FeatureAttribution, y: float, middle: float, scale: float) -> Markup:
    value = feature.attribution if can_draw(feature.attribution) else 0.0
    width, kind = abs(value) * scale, "c0" if value >= 0 else "c1"
    number = _signed(value)
    room = (WIDTH - 16) / 12 - text_width(number) - 1
    name = fit_label(feature.label, min(14, room))
    cell = fit_label(feature.value, max(2.0, room - text_width(name) - 1))
    x = 8 + 12 * text_width(name) + 10
    return tag(
        "g",
        join(
            [
                tip(f"{shorten(feature.label, 80)} = {shorten(feature.value, 80)}: {number}"),
                label(8, y + 12, name, kind="name strong"),
                label(x, y + 12, cell),
                label(WIDTH - 8, y + 12, number, kind="name number", anchor="end"),
                tag(
                    "rect",
                    x=middle if value >= 0 else middle - width,
                    y=y + 18,
                    width=width,
                    height=9,
                    class_=f"bar {kind}",
                ),
            ]
        ),
    )


def picture_chart(one: InputAttribution, uri: str) -> Markup:
    """Return the picture with its patches coloured by what they contributed.

    Args:
        one: Attributions of patches.
        uri: The picture as a data URI; without a safe one the heat stands alone.
    """
    rows, columns = one.grid
    scale = _PICTURE / max(rows, columns, 1)
    width, height = columns * scale, rows * scale
    most = max((abs(value) for value in one.heat if can_draw(value)), default=0.0) or 1.0
    marks: list[Markup] = [tag("rect", x=0, y=0, width=width, height=height, class_="cell")]
    if is_safe_uri(uri):
        marks.append(
            tag(
                "image",
                href=uri,
                x=0,
                y=0,
                width=width,
                height=height,
                preserveAspectRatio="none",
                class_="under",
            )
        )
    for place, value in enumerate(one.heat[: rows * columns]):
        share = abs(value) / most if can_draw(value) else 0.0
        marks.append(
            tag(
                "rect",
                tip(f"patch in row {place // columns + 1}, column {place % columns + 1}: "
                    f"{_signed(value)}"),
                x=place % columns * scale,
                y=place // columns * scale,
                width=scale,
                height=scale,
                class_=f"patch {'for' if value >= 0 else 'against'}",
                fill_opacity=0.78 * share if share > 0.08 else 0.0,
            )
        )  # fmt: skip
    best = max(range(len(one.heat)), key=lambda n: one.heat[n], default=-1)
    if best >= 0 and one.heat[best] > 0:
        x, y = best % columns * scale, best // columns * scale
        marks.append(
            tag("rect", x=x + 1, y=y + 1, width=scale - 2, height=scale - 2, class_="best-patch")
        )
    title = f"What each part of {shorten(one.name, 60)} contributed; the frame marks the most"
    return figure(width, height, title, marks)


def steps_chart(one: InputAttribution, lines: Sequence[Sequence[float]]) -> Markup:
    """Return a series with its windows coloured by what they contributed.

    Args:
        one: Attributions of windows.
        lines: The series, a line per channel.
    """
    drawn = [line for line in lines[:MOST_LINES] if len(line) and all(map(can_draw, line))]
    steps, size = max(1, one.grid[0]), max(1, one.grid[1])
    heights = [value for line in drawn for value in line] or [0.0]
    frame = Frame((0.0, float(steps)), extent(heights), top=8, bottom=148)
    width = (frame.at_x(float(steps)) - frame.at_x(0.0)) / steps
    most = max((abs(f.attribution) for f in one.features if can_draw(f.attribution)), default=0.0)
    marks: list[Markup] = []
    for place, feature in enumerate(one.features):
        value = feature.attribution if can_draw(feature.attribution) else 0.0
        share = abs(value) / (most or 1.0)
        own = min(size, steps - size * place)
        marks.append(
            tag(
                "rect",
                tip(f"{shorten(feature.label, 60)}: {_signed(value)}"),
                x=frame.at_x(float(size * place)),
                y=8,
                width=own * width,
                height=140,
                class_=f"patch {'for' if value >= 0 else 'against'}",
                fill_opacity=0.6 * share if share > 0.08 else 0.0,
            )
        )
    marks += _lines(frame, drawn, steps)
    marks += frame.axes(x_label="step", y_label="")
    title = f"What each window of {shorten(one.name, 60)} contributed"
    return figure(WIDTH, frame.bottom + 42, title, marks)


def lines_chart(lines: Sequence[Sequence[float]], title: str) -> Markup:
    """Return a series alone, small.

    Args:
        lines: A line per channel.
        title: What is shown.
    """
    drawn = [line for line in lines[:MOST_LINES] if len(line) and all(map(can_draw, line))]
    heights = [value for line in drawn for value in line] or [0.0]
    frame = Frame((0.0, 1.0), extent(heights, margin=0.05), top=6, bottom=106)
    return figure(WIDTH, 112, title, _lines(frame, drawn, 1))


def _lines(frame: Frame, lines: Sequence[Sequence[float]], steps: float) -> list[Markup]:
    marks = []
    for place, line in enumerate(lines):
        # The middle of the step that a point stands for.
        xs = [steps * (i + 0.5) / len(line) for i in range(len(line))]
        marks.append(frame.path(xs, list(line), f"c{place % MOST_GROUPS}"))
    return marks


def words_markup(one: InputAttribution, text: str) -> Markup:
    """Return a text with its words on coloured ground.

    Args:
        one: Attributions of words, or of runs of words.
        text: The text as it was given.
    """
    most = max((abs(f.attribution) for f in one.features), default=0.0) or 1.0
    parts: list[Markup] = []
    for piece, feature in aligned(text, one.features):
        shown = escape(clean_text(piece, MOST_LETTERS))
        if feature is None:
            parts.append(shown)
            continue
        level = math.ceil(_LEVELS * abs(feature.attribution) / most - 0.2)
        if level <= 0:
            parts.append(shown)
            continue
        kind = f"w {'for' if feature.attribution > 0 else 'against'}{min(level, _LEVELS)}"
        parts.append(tag("span", shown, class_=kind, title=_signed(feature.attribution)))
    return Markup("").join(parts)


def aligned(
    text: str, features: Sequence[FeatureAttribution]
) -> list[tuple[str, FeatureAttribution | None]]:
    """Return a text in pieces, each with the feature it belongs to, or with None between them.

    Words were counted in lower case; each is looked for behind the one before it. What is not found
    that way is left out, and the text stays as it was given; where most is not found, the words
    themselves are returned.

    Args:
        text: The text.
        features: Words or runs of words, in their order.
    """
    shown = text[:MOST_LETTERS]
    lower = shown.lower()
    if len(lower) != len(shown):  # letters whose lower case is longer: places would not fit
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in shown)
    pieces: list[tuple[str, FeatureAttribution | None]] = []
    place = 0
    for feature in features:
        start = end = -1
        for word in feature.label.split(" "):
            found = lower.find(word, place if end < 0 else end)
            if found < 0 or (end >= 0 and found - end > 40):
                continue
            start = found if start < 0 else start
            end = found + len(word)
        if start < 0:
            continue
        if start > place:
            pieces.append((shown[place:start], None))
        pieces.append((shown[start:end], feature))
        place = end
    num_found = sum(feature is not None for _, feature in pieces)
    if 2 * num_found < len(features) and len(text) <= MOST_LETTERS:
        return [part for one in features for part in ((one.label, one), (" ", None))]
    if place < len(shown):
        pieces.append((shown[place:], None))
    if len(text) > len(shown):
        pieces.append(("…", None))
    return pieces


def check_curves(curves: CurveRecord, unit: str) -> Markup:
    """Return the answer while features are taken away and put back, beside random orders.

    Args:
        curves: The curves.
        unit: Unit of the answer.
    """
    lines = (
        ("put back", "c0", curves.insertion),
        ("taken away", "c1", curves.deletion),
        ("put back at random", "c0 dashed", curves.random_insertion),
        ("taken away at random", "c1 dashed", curves.random_deletion),
    )
    marks, top = legend([(name, kind) for name, kind, _ in lines])
    heights = [value for _, _, values in lines for value in values]
    frame = Frame((0.0, 1.0), extent(heights), top=top + 32, bottom=top + 212)
    marks += frame.axes(x_label="share of the features", y_label=unit, x_unit="%")
    marks += [frame.path(curves.shares, values, kind) for _, kind, values in lines[::-1]]
    title = (
        f"The answer in {unit} while features are put back or taken away, in the order of the "
        "explanation and in random order"
    )
    return figure(WIDTH, frame.bottom + 42, title, marks)


def layers_chart(layers: Mapping[str, Interval], metric: str, chance: float) -> Markup:
    """Return how well a linear probe answers from each layer, first to last, with intervals.

    Args:
        layers: By name, in their order.
        metric: What is measured.
        chance: What guessing reaches.
    """
    ends = [end for one in layers.values() for end in (one.low, one.high, one.value)]
    low, high = extent([chance, *(max(end, chance - 0.5) for end in ends if can_draw(end))])
    unit = "%" if metric == "accuracy" else ""
    step, marks = 36.0, []
    bottom = 6 + step * len(layers)

    def at(value: float) -> float:
        return 10 + (min(max(value, low), high) - low) / (high - low) * (WIDTH - 20)

    guess = at(chance)
    for place, (name, one) in enumerate(layers.items()):
        y = 6 + step * place
        value, told = format_interval(one, unit)
        inner = [
            tip(f"{shorten(name, 80)}: {value}" + (f" ({told})" if told else "")),
            label(4, y + 12, name, kind="name", em=20),
            label(WIDTH - 4, y + 12, value, kind="name number", anchor="end"),
        ]
        middle = y + 23
        strip = {"y1": middle - 7, "y2": middle + 7}
        inner.append(tag("line", x1=guess, x2=guess, class_="mark", **strip))
        if can_draw(one.low) and can_draw(one.high):
            kind = "whisker c0"
            inner.append(
                tag("line", x1=at(one.low), x2=at(one.high), y1=middle, y2=middle, class_=kind)
            )
        inner.append(tag("circle", cx=at(one.value), cy=middle, r=4.5, class_="dot c0"))
        marks.append(tag("g", join(inner)))
    places = ticks(low, high, 4)
    for place_x, text in zip(places, format_ticks(places, unit=unit)):
        marks.append(label(at(place_x), bottom + 12, text, anchor="middle"))
    title = f"{metric} of a linear probe on each layer; the dashed line is what guessing reaches"
    return figure(WIDTH, bottom + 18, title, marks)


def map_chart(points: Sequence[Sequence[float]], labels: Sequence[str], title: str) -> Markup:
    """Return samples in two dimensions, coloured by their target.

    Args:
        points: Two numbers each.
        labels: Target of each.
        title: What is shown.
    """
    groups, kinds = _groups(labels)
    marks, top = legend([(name, f"c{place}") for place, name in enumerate(groups)])
    both = [extent([point[axis] for point in points], margin=0.04) for axis in (0, 1)]
    side = WIDTH - 16
    for point, text, kind in zip(points, labels, kinds):
        x = 8 + (point[0] - both[0][0]) / (both[0][1] - both[0][0]) * side
        y = top + 12 + (1 - (point[1] - both[1][0]) / (both[1][1] - both[1][0])) * 0.75 * side
        marks.append(
            tag("circle", tip(shorten(text, 60)), cx=x, cy=y, r=3, class_=f"dot {kind} seen")
        )
    return figure(WIDTH, top + 20 + 0.75 * side, title, marks)


def _groups(labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of groups and the class of each sample: its target, or its third."""
    counts: dict[str, int] = {}
    for one in labels:
        counts[one] = counts.get(one, 0) + 1
    numbers = [_number(one) for one in labels]
    if len(counts) > _MOST_CLASSES and all(number is not None for number in numbers):
        values = sorted(number for number in numbers if number is not None)
        low, high = values[len(values) // 3], values[2 * len(values) // 3]
        names = [
            f"up to {format_number(low, 3)}",
            f"to {format_number(high, 3)}",
            f"above {format_number(high, 3)}",
        ]
        return names, [f"c{(n > low) + (n > high)}" for n in numbers if n is not None]
    top = sorted(counts, key=lambda one: (-counts[one], one))[:MOST_GROUPS]
    return top, [f"c{top.index(one)}" if one in top else "other" for one in labels]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{format_number(value, 3)}"
