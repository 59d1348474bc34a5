"""What a written answer rests on: a table of squares, the darker, the more."""

from markupsafe import Markup

from lamina.reports.content import Looks
from lamina.reports.svg import figure, label, tag, tip
from lamina.reports.text import fit_label

CELL = 14
"""Side of a square of texts; those of many places are narrower."""

_LEFT, _TOP = 110, 84
_WIDEST = 820
_BEYOND = 30  # labels of the last places lean over
_FAINTEST = 0.02  # shares below this are not drawn
_LABEL_EMS = 8.0


def looks_chart(looks: Looks) -> Markup:
    """Return the chart of one answer.

    Args:
        looks: Its tokens, the places of the input, and shares.
    """
    width = min(CELL, (_WIDEST - _LEFT) / max(1, len(looks.across)))
    marks = []
    every = max(1, -(-len(looks.across) * 10 // int(_WIDEST - _LEFT)))
    for place, word in enumerate(looks.across):
        if place % every == 0:
            x = _LEFT + (place + 0.5) * width + 3
            turn = f"rotate(-60 {x:.1f} {_TOP - 6})"
            shown = fit_label(_shown(word), _LABEL_EMS)
            marks.append(tag("text", shown, x=x, y=_TOP - 6, class_="note", transform=turn))
    for row, word in enumerate(looks.down):
        y = _TOP + row * CELL
        named = label(_LEFT - 6, y + 11, _shown(word), kind="note", anchor="end", em=_LABEL_EMS)
        marks.append(named)
        for place, share in enumerate(looks.shares[row] if row < len(looks.shares) else ()):
            if not share >= _FAINTEST:
                continue
            told = tip(f"{_shown(word)} – {_shown(looks.across[place])}: {100 * share:.0f} %")
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
    title = "What each piece of the answer, down, rests on in the input, across"
    return figure(_WIDEST + _BEYOND, _TOP + CELL * len(looks.down) + 8, title, marks)


def _shown(word: str) -> str:
    return word.replace(" ", "␣") if word.strip() != word or not word else word
