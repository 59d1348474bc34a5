"""Texts and numbers as a report shows them.

Data is hostile until shown harmless: control characters, bidirectional overrides and lone
surrogates are made visible, and huge strings are cut. Escaping for HTML is done where HTML is made.

Source: Unicode Technical Report 36, "Unicode Security Considerations", for the characters that
change how their neighbours are read. Differs: they are shown by their number, not refused.
"""

import json
import math
import re
import unicodedata
from typing import Any

from lamina.core.durations import format_duration
from lamina.core.records import Interval

LONGEST = 1200
"""Characters of a text that are shown unless a caller says otherwise."""

_UNSEEN = frozenset(
    code
    for low, high in (
        (0x061C, 0x061C),
        (0x200B, 0x200B),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x2060),
        (0x2066, 0x2069),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0xE0000, 0xE007F),
    )
    for code in range(low, high + 1)
)
_MISSING = "–"


def clean_text(value: Any, limit: int = LONGEST) -> str:
    """Return a value as text that cannot disturb the text around it.

    Args:
        value: Anything; texts are taken as they are.
        limit: Greatest length; the rest is replaced by an ellipsis and the full length.
    """
    text = value if isinstance(value, str) else str(value)
    length = len(text)
    if length > limit:
        text = text[:limit]
    text = "".join(_visible(character) for character in text)
    return text if length <= limit else f"{text.rstrip()}… ({length:,} characters)"


def shorten(value: Any, limit: int) -> str:
    """Return a value as harmless text of at most `limit` characters, the last an ellipsis if cut.

    Args:
        value: Anything.
        limit: Greatest length.
    """
    text = " ".join(clean_text(str(value)[: 4 * limit]).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def fit_label(value: Any, width: float) -> str:
    """Return a value cut to a width in ems, for charts, where nothing wraps.

    Args:
        value: Anything.
        width: Greatest width in ems; a Latin letter takes about 0.62, an ideograph 1.
    """
    text = " ".join(clean_text(str(value)[:400]).split())
    if text_width(text) <= width:
        return text
    used, kept = 0.8, []
    for character in text:
        used += _advance(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def text_width(text: str) -> float:
    """Return the width of a text in ems, roughly.

    Args:
        text: The text.
    """
    return sum(_advance(character) for character in text)


def format_number(value: Any, digits: int = 4) -> str:
    """Return a number with so many significant digits; "–" where there is none.

    Args:
        value: A number.
        digits: Significant digits.
    """
    if value is None or math.isnan(value):
        return _MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        return f"{value:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:,.{decimals}f}"


def format_share(value: float | None, decimals: int = 1) -> str:
    """Return a share as a percentage, never rounded to 0 % or 100 % unless it is.

    Args:
        value: In [0, 1].
        decimals: Digits after the point.
    """
    if value is None or math.isnan(value):
        return _MISSING
    least = 10.0**-decimals
    percent = 100 * value
    if 0 < percent < least / 2:
        return f"< {least:.{decimals}f} %"
    if 100 - least / 2 <= percent < 100:
        return f"> {100 - least:.{decimals}f} %"
    return f"{percent:.0f} %" if percent in (0, 100) else f"{percent:.{decimals}f} %"


def format_interval(interval: Interval, unit: str = "") -> tuple[str, str]:
    """Return a value, and its 95 % interval, with the digits that the interval supports.

    Args:
        interval: The value with its ends; equal ends give no interval.
        unit: Unit; "%" multiplies by 100.

    Returns:
        Such as ("87.3 %", "86.7 – 87.9"); the second is empty where there is no interval.
    """
    scale = 100.0 if unit == "%" else 1.0
    value, low, high = (scale * end for end in (interval.value, interval.low, interval.high))
    suffix = f" {unit}" if unit else ""
    width = high - low
    if not all(math.isfinite(end) for end in (value, low, high)) or width <= 0:
        return format_number(value) + (suffix if math.isfinite(value) else ""), ""
    # Two digits of the half width are what the interval supports.
    decimals = max(0, 1 - math.floor(math.log10(width / 2)))
    if unit == "%":
        decimals = min(decimals, 2)
    if decimals > 6:
        largest = max(abs(value), abs(low), abs(high))
        digits = min(6, max(1, decimals + math.floor(math.log10(largest)) + 1))
        shown, first, last = (f"{end:.{digits}g}" for end in (value, low, high))
        return shown + suffix, f"{first} – {last}"
    shown, first, last = (_fixed(end, decimals) for end in (value, low, high))
    return shown + suffix, f"{first} – {last}"


def format_bytes(size: int | None) -> str:
    """Return a size such as "5.4 MB"; "–" where unknown.

    Args:
        size: Bytes.
    """
    if size is None:
        return _MISSING
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def format_energy(joules: float) -> str:
    """Return an energy in joules and kilowatt-hours, such as "18.4 kJ (0.00511 kWh)".

    Args:
        joules: The energy.
    """
    for unit, size in (("MJ", 1e6), ("kJ", 1e3)):
        if abs(joules) >= size:
            return f"{format_number(joules / size, 3)} {unit} ({joules / 3.6e6:.3g} kWh)"
    return f"{format_number(joules, 3)} J ({joules / 3.6e6:.3g} kWh)"


def format_energy_range(joules: Interval) -> str:
    """Return the ends of an energy in one unit, such as "5.90 – 11.3 kJ".

    Args:
        joules: The energy.
    """
    size, unit = next(
        ((s, u) for s, u in ((1e6, "MJ"), (1e3, "kJ")) if abs(joules.high) >= s), (1.0, "J")
    )
    return f"{format_number(joules.low / size, 3)} – {format_number(joules.high / size, 3)} {unit}"


def bind_units(text: str) -> str:
    """Return a text in which a number and its percent sign stay on one line.

    Args:
        text: The text.
    """
    return re.sub(r"(?<=\d) (?=%)", "\u00a0", text)


def format_amount(kind: str, amount: float) -> str:
    """Return an amount of a budget: a duration or an energy.

    Args:
        kind: "time" (seconds) or "energy" (joules).
        amount: How much.
    """
    return format_energy(amount) if kind == "energy" else format_duration(amount)


def metric_label(name: str) -> str:
    """Return the name of a metric as people write it: "roc_auc" becomes "roc auc".

    Args:
        name: Its name in files.
    """
    return name.replace("_", " ")


def arrow(is_higher_better: bool | None) -> str:  # noqa: FBT001
    """Return an arrow to the better side of a metric; empty where neither is.

    Args:
        is_higher_better: Which way is better.
    """
    return {True: "↑", False: "↓", None: ""}[is_higher_better]


def as_sentence(text: str) -> str:
    """Return a text that ends like a sentence.

    Args:
        text: With or without a full stop.
    """
    stripped = text.rstrip()
    return stripped if not stripped or stripped[-1] in ".!?…" else stripped + "."


def format_value(value: Any) -> str:
    """Return a JSON-like value of a plan on one line.

    Args:
        value: Number, text, list or mapping.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(format_value(item) for item in value) or "none"
    return json.dumps(value, ensure_ascii=False, default=str)


def _fixed(value: float, decimals: int) -> str:
    # A small negative number must not become "-0.00".
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return character if character in "\n\t" else f"⟨U+{code:04X}⟩"
    if code < 0x7F:
        return character
    if code < 0xA0 or code in _UNSEEN or 0xD800 <= code < 0xE000:
        return f"⟨U+{code:04X}⟩"
    return character


def _advance(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "ijlI.,:;'|! ()[]-":
        return 0.33
    if character in "mwMW@%—":
        return 0.95
    if character in "<>=+~#":
        return 0.82
    return 0.7 if character.isupper() else 0.62
