"""Makes the table of `lamina.runtime.characters` from the regular expressions of polars.

Run `python -m tests.runtime.make_characters` where a new version of polars knows more characters,
and put what it prints in place of the old text.
"""

import base64
import re
import textwrap
import zlib

import numpy as np
import polars as pl

from lamina.data.modalities.text import _SPACELESS
from lamina.runtime.characters import KINDS

PROPERTIES = {
    "L": r"\p{L}",
    "M": r"\p{M}",
    "N": r"\p{N}",
    "C": r"\p{C}",
    "Z": r"\s",
    "S": f"[{_SPACELESS}]",
    "P": r"\p{Extended_Pictographic}",
    "A": "['’]",
    "J": r"\x{200D}",
    "K": r"[\x{1F3FB}-\x{1F3FF}]",
}


def kinds() -> np.ndarray:
    """Return the place in `KINDS` of every character, uint8 [0x110000]."""
    points = np.array([c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF])
    column = pl.Series([chr(point) for point in points])
    names = np.full(0x110000, "", dtype=object)
    for name, pattern in PROPERTIES.items():
        names[points[column.str.contains(rf"(?s)\A(?:{pattern})\z").to_numpy()]] += name
    places = {name: place for place, (name, _) in enumerate(KINDS)}
    found = np.array([places[name] for name in names], dtype=np.uint8)
    found[0xD800:0xE000] = places["C"]  # halves of characters, which no text holds
    return found


def main() -> None:
    found = kinds()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(found.astype(int))) + 1])
    lengths = np.diff(np.concatenate([starts, [len(found)]])).astype("<u4")
    packed = zlib.compress(lengths.tobytes() + found[starts].tobytes(), 9)
    text = base64.b85encode(packed).decode()
    assert not re.search(r"[\"\\]", text)
    print(textwrap.fill(text, 96))


if __name__ == "__main__":
    main()
