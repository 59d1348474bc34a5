"""Which pieces of a written text make up each of its words."""

from collections.abc import Sequence

MOST_PARTS = 60
"""Most words of a written text of which it is told what each rests on."""

_LONGEST_WORD = 40  # pieces


def grouped(pieces: Sequence[str]) -> list[list[int]]:
    """Return which pieces make up each word: one that begins with a blank begins a word.

    Where hardly anything is a blank, as in scripts without them, each piece stands alone.

    Args:
        pieces: What each token spells.
    """
    found: list[list[int]] = []
    for place, piece in enumerate(pieces):
        if not found or (piece[:1].isspace() and pieces[found[-1][-1]].strip()):
            found.append([])
        found[-1].append(place)
    longest = max(map(len, found), default=0)
    return found if longest <= _LONGEST_WORD else [[place] for place in range(len(pieces))]
