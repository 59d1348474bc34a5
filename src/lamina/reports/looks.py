"""What a written answer rests on: a table of squares, the darker, the more."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from lamina.explanation.records import WrittenAttribution
from lamina.reports.content import Looks
from lamina.reports.svg import figure, label, tag, tip
from lamina.reports.text import fit_label

CELL = 14
"""Side of a square of texts; those of many places are narrower."""

_LEFT, _TOP = 110, 84
_NARROWEST, _WIDEST = 380, 820
_BEYOND = 30  # labels of the last places lean over
_FAINTEST = 0.02  # shares below this are not drawn
_LABEL_EMS = 8.0


def looks_chart(looks: Looks) -> Markup:
    """Return the chart of where the network looked while it wrote one answer.

    Args:
        looks: Its tokens, the places of the input, and shares.
    """
    title = "What each piece of the answer, down, rests on in the input, across"
    return _grid(
        looks.down, looks.across, looks.shares, title, lambda share: f"{100 * share:.0f} %"
    )


def rests_chart(written: WrittenAttribution) -> Markup:
    """Return the chart of how much less likely each word becomes without each place.

    Args:
        written: What each word of an answer rests on; only falls are drawn, no rises.
    """
    most = max((fall for row in written.falls for fall in row), default=0.0)
    scale = most if most > 0 else 1.0
    shares = [[max(0.0, fall) / scale for fall in row] for row in written.falls]
    title = "How much less likely each word, down, becomes without each place, across"
    return _grid(
        written.parts, written.places, shares, title, lambda share: f"−{share * scale:.2f}"
    )


def attention_chart(written: WrittenAttribution) -> Markup:
    """Return the chart of where the network looked at each word.

    Args:
        written: What each word of an answer rests on.
    """
    title = "Where the network looked at each word, down, in the input, across"
    return _grid(
        written.parts, written.places, written.looks, title, lambda share: f"{100 * share:.0f} %"
    )


def _grid(
    down: Sequence[str],
    across: Sequence[str],
    shares: Sequence[Sequence[float]],
    title: str,
    say: Callable[[float], str],
) -> Markup:
    width = min(CELL, (_WIDEST - _LEFT) / max(1, len(across)))
    marks = []
    every = max(1, -(-len(across) * 10 // int(_WIDEST - _LEFT)))
    for place, word in enumerate(across):
        if place % every == 0:
            x = _LEFT + (place + 0.5) * width + 3
            turn = f"rotate(-60 {x:.1f} {_TOP - 6})"
            shown = fit_label(_shown(word), _LABEL_EMS)
            marks.append(tag("text", shown, x=x, y=_TOP - 6, class_="note", transform=turn))
    for row, word in enumerate(down):
        y = _TOP + row * CELL
        named = label(_LEFT - 6, y + 11, _shown(word), kind="note", anchor="end", em=_LABEL_EMS)
        marks.append(named)
        for place, share in enumerate(shares[row] if row < len(shares) else ()):
            if place >= len(across) or not share >= _FAINTEST:
                continue
            told = tip(f"{_shown(word)} – {_shown(across[place])}: {say(share)}")
            marks.append(
                tag(
                    "rect",
                    told,
                    x=_LEFT + place * width,
                    y=y,
                    width=width,
                    height=CELL,
                    class_="bar c0",
                    fill_opacity=min(1.0, share),
                )
            )
    # No wider than it must be: what is wide is shown small.
    wide = max(_NARROWEST, _LEFT + width * len(across) + _BEYOND)
    return figure(wide, _TOP + CELL * len(down) + 8, title, marks)


def _shown(word: str) -> str:
    return word.replace(" ", "␣") if word.strip() != word or not word else word
