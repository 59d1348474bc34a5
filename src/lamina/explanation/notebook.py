"""One explanation as HTML for notebooks, without a style sheet, so that it follows light and dark.

What speaks for the answer is green and has a plus, what speaks against it is red and has a minus.
"""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.explanation.records import (
        InputAttribution,
        RowExplanation,
        WrittenAttribution,
    )

MOST_FEATURES = 12
"""Columns drawn of each input; the rest counts less."""
MOST_WORDS = 400
"""Words of a text that are shown."""

_FOR, _AGAINST = "34,139,86", "205,64,48"
_SIDE = 200
_LEFT = "text-align:left;padding-right:1em"


def explanation_html(explanation: "RowExplanation") -> str:
    """Return an explanation as a notebook shows it.

    Args:
        explanation: What to show.
    """
    one = explanation
    sure = "" if one.probability is None else f" (probability {100 * one.probability:.1f} %)"
    parts = [
        f"<p><b>row {one.row}: {escape(one.answer)}</b>{sure}<br>{escape(one.unit)} "
        f"{one.value:.4g}; with nothing known {one.reference:.4g}; "
        f"by {escape(one.method.replace('_', ' '))}</p>"
    ]
    parts += [_input(own, one.pictures.get(own.name, "")) for own in one.inputs]
    if one.written is not None:
        parts.append(_written(one.written))
    if one.left_out:
        parts.append(f"<p>not reached by this method: {escape(', '.join(one.left_out[:12]))}</p>")
    if one.check is not None:
        mark = "<b>FAILED ITS CHECK.</b> " if one.check.verdict == "failed" else ""
        parts.append(f"<p>{mark}{escape(one.check.sentence)}</p>")
    if one.neighbours:
        rows = "".join(
            f"<li>row {own.row}: {escape(own.label)} {escape(own.shown[:120])}</li>"
            for own in one.neighbours[:6]
        )
        title = "training rows that the network sees as most similar"
        parts.append(f"<details><summary>{title}</summary><ul>{rows}</ul></details>")
    return f"<div>{''.join(parts)}</div>"


def _written(written: "WrittenAttribution") -> str:
    """Return a row for each word of an answer: what makes it less likely when taken away."""
    rows = []
    for place, part in enumerate(written.parts[:MOST_WORDS]):
        falls = written.most_fallen(place)
        named = ", ".join(f"{escape(name[:40])} {fall:+.2f}" for name, fall in falls)
        rows.append(
            f'<tr><td style="{_LEFT}">{escape(part[:60])}</td><td style="{_LEFT}">{named}</td></tr>'
        )
    title = f"what each word rests on: its fall without a place of {escape(written.name[:40])}"
    return f"<details open><summary>{title}</summary><table>{''.join(rows)}</table></details>"


def _input(one: "InputAttribution", uri: str) -> str:
    most = max((abs(number) for number in one.numbers()), default=0.0) or 1.0
    name = "" if one.kind == "columns" else f"<p>{escape(one.name)}</p>"
    if one.kind == "picture":
        return name + _picture(one, uri, most)
    return name + (_words(one, most) if one.kind == "words" else _bars(one, most))


def _bars(one: "InputAttribution", most: float) -> str:
    ranked = sorted(one.features, key=lambda feature: -abs(feature.attribution))
    rows = []
    for own in ranked[:MOST_FEATURES]:
        width = round(120 * abs(own.attribution) / most)
        bar = (
            f'<div style="height:.8em;width:{width}px;background:rgb({_colour(own.attribution)});'
            f'margin-left:{120 if own.attribution >= 0 else 120 - width}px"></div>'
        )
        cells = (escape(own.label[:60]), escape(own.value[:60]), bar, f"{own.attribution:+.3g}")
        rows.append("".join(f'<td style="{_LEFT}">{cell}</td>' for cell in cells))
    more = len(ranked) - len(rows)
    told = f"<p>and {more:,} more that count less</p>" if more > 0 else ""
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>{told}"


def _words(one: "InputAttribution", most: float) -> str:
    marked = []
    for own in one.features[:MOST_WORDS]:
        share = abs(own.attribution) / most
        ground = f"background:rgba({_colour(own.attribution)},{0.6 * share:.2f})"
        style = f' style="{ground}"' if share >= 0.05 else ""
        title = f"{own.attribution:+.3g}"
        marked.append(f'<span title="{title}"{style}>{escape(own.label[:60])}</span>')
    rest = " …" if len(one.features) > MOST_WORDS else ""
    return f'<p dir="auto">{" ".join(marked)}{rest}</p>'


def _picture(one: "InputAttribution", uri: str, most: float) -> str:
    rows, columns = one.grid
    scale = _SIDE / max(rows, columns, 1)
    marks = []
    if uri.startswith("data:image/"):
        marks.append(
            f'<image href="{escape(uri)}" width="{columns * scale:g}" height="{rows * scale:g}" '
            'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        )
    for place, value in enumerate(one.heat[: rows * columns]):
        share = abs(value) / most
        shade = 0.75 * share if share > 0.08 else 0.0
        x, y = place % columns * scale, place // columns * scale
        marks.append(
            f'<rect x="{x:g}" y="{y:g}" width="{scale:g}" height="{scale:g}" '
            f'fill="rgb({_colour(value)})" fill-opacity="{shade:.2f}">'
            f"<title>{value:+.3g}</title></rect>"
        )
    size = f'width="{columns * scale:g}" height="{rows * scale:g}"'
    title = f"What each part of {escape(one.name)} contributed"
    return f'<svg {size} role="img" aria-label="{title}">{"".join(marks)}</svg>'


def _colour(value: float) -> str:
    return _FOR if value >= 0 else _AGAINST
