"""Parts of an answer of free length: the words of a text, the tags of words."""

from collections.abc import Sequence

from lamina.runtime.spans import OUTSIDE

MOST_PARTS = 60
"""Most parts of an answer of which it is told what each rests on."""

Parts = Sequence[tuple[str, Sequence[int]]]
"""Parts of an answer, as people read them, with the tokens or tags that each is made of."""

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


def runs_of(words: Sequence[str], stride: int, *, glue: str = " ") -> list[str]:
    """Return runs of some words each.

    Args:
        words: The words.
        stride: Words of a run.
        glue: What stands between them.
    """
    return [glue.join(words[at : at + stride]) for at in range(0, len(words), stride)]


def parts_of_tags(words: Sequence[str], tags: Sequence[str]) -> Parts:
    """Return the words of a sentence with their tags; of many words those in spans alone.

    Args:
        words: The words.
        tags: A tag for each.
    """
    parts = [(f"{word}/{tag}", [place]) for place, (word, tag) in enumerate(zip(words, tags))]
    if len(parts) > MOST_PARTS:
        parts = [part for part, tag in zip(parts, tags) if tag != OUTSIDE]
    return parts[:MOST_PARTS]
