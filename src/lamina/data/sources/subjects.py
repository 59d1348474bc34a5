"""Whose file it is, where names say so: S005_001_00000011.png is the eleventh picture of S005.

People with files of several classes must not be known from training when they are tested.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

FEWEST = 5
"""Subjects below which names are taken to say something else."""

_BEGINNING = re.compile(r"([^\W_]*\d[^\W_]*)[ ._-]")
_FILES_EACH = 2.0
_SHARED = 0.5


def subjects_of(stems: Sequence[str], classes: Sequence[str | None]) -> list[str] | None:
    """Return whose each file is; None where the names do not say it.

    They do where each begins with a mark that holds a digit, where marks have two files or more on
    average, and where most of those with several files have them in several classes, so that a mark
    is no other name of a class.

    Args:
        stems: Names of files without their endings.
        classes: Class of each.
    """
    found = [_BEGINNING.match(stem) for stem in stems]
    marks = [match.group(1) for match in found if match is not None]
    if len(marks) < len(stems):
        return None
    places: defaultdict[str, list[str | None]] = defaultdict(list)
    for mark, name in zip(marks, classes):
        places[mark].append(name)
    if len(places) < FEWEST or len(marks) < _FILES_EACH * len(places):
        return None
    several = [own for own in places.values() if len(own) > 1]
    shared = sum(len(set(own)) > 1 for own in several)
    return marks if shared >= _SHARED * len(several) else None
