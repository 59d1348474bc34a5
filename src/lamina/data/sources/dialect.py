"""How a text file separates its cells: delimiter, quotes, padding and header, told from its start.

Each candidate delimiter is tried on the first thousand records; the one that gives (nearly) every
record the same number of cells wins. A header is told by votes of the columns: a first cell that
is no number above numbers speaks for it, a first cell that occurs again below speaks against it.
We differ from `csv.Sniffer` in that quoted text is parsed rather than matched by a pattern, and in
that the evidence is kept for the user.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lamina.data.sources.base import SourceOptions
from lamina.data.sources.quoting import split_records

SAMPLE_BYTES = 1 << 18
"""Bytes looked at."""
SAMPLE_RECORDS = 1000
"""Most records looked at."""

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_MISSING = ("", "?", "na", "n/a", "nan", "null", "none", "-")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are separated."""

    delimiter: str
    """Character between cells; " " stands for any run of blanks."""
    is_quoted: bool
    """Whether a cell that starts with a quote ends at the matching one."""
    is_padded: bool
    """Whether delimiters are followed by blanks that do not belong to the cells."""
    header_record: int
    """Number of the record that names the columns, counted from 0; -1 if there is none."""
    columns: tuple[str, ...]
    """Names of the columns, all different."""
    evidence: tuple[str, ...]
    """Sentences with the reasons."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A sample taken apart with one delimiter."""

    delimiter: str
    is_quoted: bool
    rows: list[list[str]]
    width: int
    share: float


def sniff(data: bytes, options: SourceOptions, *, suffix: str = "") -> Dialect:
    """Return the dialect of a text that starts with `data`.

    Args:
        data: Whole lines of UTF-8 from the start of the file.
        options: Settings that overrule what would be detected.
        suffix: Suffix of the file; a tie between delimiters goes to the usual one.
    """
    sample = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    text = sample.decode(errors="replace")
    trial = _best_trial(text, options.delimiter, suffix, is_cut=len(data) > len(sample))
    if suffix == ".txt" and trial.width == 1:
        header, names, reason = -1, ["text"], "no header: each line is one text"
        if options.has_header:
            header, names, reason = 0, trial.rows[0], "header: as told"
    else:
        header, names, reason = _header(trial, given=options.has_header)
    shown = {"\t": "tab", " ": "blanks", "\x1f": "none"}.get(trial.delimiter, trial.delimiter)
    return Dialect(
        trial.delimiter,
        trial.is_quoted,
        _is_padded(text, trial),
        header,
        unique_names(names, trial.width),
        (
            f'delimiter "{shown}": {trial.share:.0%} of {len(trial.rows):,} lines looked at have '
            f"{trial.width} cell{'s' if trial.width > 1 else ''}",
            reason,
        ),
    )


def unique_names(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Return `width` different names: empty ones become `column_1`, …, repeated ones get a number.

    Args:
        names: Names as found, perhaps fewer than there are columns.
        width: Number of columns.
    """
    result: list[str] = []
    taken: set[str] = set()
    next_number: dict[str, int] = {}
    wanted = {name for name in names if name}
    for position in range(width):
        name = names[position] if position < len(names) else ""
        name = name or f"column_{position + 1}"
        stem, number = name, next_number.get(name, 2)
        while name in taken or (name != stem and name in wanted):
            name, number = f"{stem}_{number}", number + 1
        next_number[stem] = number
        taken.add(name)
        result.append(name)
    return tuple(result)


def is_number(cell: str) -> bool:
    """Return whether a cell is written as a number.

    Args:
        cell: Text without blanks around it.
    """
    return _NUMBER.fullmatch(cell) is not None


def _best_trial(text: str, given: str | None, suffix: str, *, is_cut: bool) -> _Trial:
    if given is not None:
        return _try(text, given, is_cut=is_cut)
    order = {".csv": ",\t;|", ".tsv": "\t,;|", ".tab": "\t,;|"}.get(suffix, "\t;|,")
    trials = [_try(text, delimiter, is_cut=is_cut) for delimiter in order]
    # A comma inside numbers ("1,5;2,5") splits all lines but the header alike: ask the header too.
    good = [trial for trial in trials if trial.width > 1 and trial.share >= 0.7]
    if good:
        return max(good, key=lambda trial: (len(trial.rows[0]) == trial.width, trial.share))
    blanks = _try(text, " ", is_cut=is_cut)
    cells = [cell for row in blanks.rows for cell in row]
    if blanks.width > 1 and blanks.share >= 0.98 and sum(map(is_number, cells)) > len(cells) / 2:
        return blanks
    lines = [[line] for line in _lines(text, is_cut=is_cut)]
    if suffix != ".txt" and any(line[0].startswith('"') for line in lines):
        # A quoted cell may run over several lines.
        single = _try(text, order[0], is_cut=is_cut)
        if single.width == 1 and single.share == 1.0 and single.is_quoted:
            return single
    return _Trial("\x1f", False, lines, 1, 1.0)


def _try(text: str, delimiter: str, *, is_cut: bool) -> _Trial:
    lines = _lines(text, is_cut=is_cut)
    if delimiter == " ":
        return _trial([line.split() for line in lines], " ", is_quoted=False)
    plain = _trial([line.split(delimiter) for line in lines], delimiter, is_quoted='"' not in text)
    if plain.is_quoted:
        return plain
    rows, num_stray, is_open = split_records(
        text.encode(), delimiter=delimiter, most=SAMPLE_RECORDS
    )
    quoted = _trial(rows, delimiter, is_quoted=True)
    is_strict = not num_stray and (is_cut or not is_open)
    return quoted if is_strict or quoted.share > plain.share else plain


def _trial(rows: list[list[str]], delimiter: str, *, is_quoted: bool) -> _Trial:
    rows = rows or [[""]]
    counts = Counter(len(row) for row in rows)
    width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    is_first_off = len(rows) > 2 and len(rows[0]) != width  # a title, or a header one cell short
    return _Trial(delimiter, is_quoted, rows, width, count / (len(rows) - is_first_off))


def _lines(text: str, *, is_cut: bool) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if is_cut and len(lines) > 2:
        lines = lines[:-1]
    return [line for line in lines if line][:SAMPLE_RECORDS]


def _is_padded(text: str, trial: _Trial) -> bool:
    """Return whether nearly all cells but the first of each record start with a blank."""
    if trial.delimiter in ("\t", " ") or trial.width == 1:
        return False
    lines = _lines(text, is_cut=False)[:200]
    cells = [cell for line in lines for cell in line.split(trial.delimiter)[1:] if cell]
    return bool(cells) and sum(cell.startswith(" ") for cell in cells) > 0.9 * len(cells)


def _header(trial: _Trial, *, given: bool | None) -> tuple[int, list[str], str]:
    """Return the number of the header record, the names, and the reason."""
    if given is False:
        return -1, [], "no header: as told"
    position = next(i for i, row in enumerate(trial.rows) if len(row) == trial.width)
    rows = [[cell.strip() for cell in row] for row in trial.rows if len(row) == trial.width]
    if given:
        return position, rows[0], "header: as told"
    names = [cell.strip() for cell in trial.rows[0]]
    if position == 1 and len(names) == trial.width - 1 and not any(map(is_number, names)):
        trailing = all(not row[-1] for row in rows)
        full = [*names, ""] if trailing else ["row", *names]
        return 0, full, "header: the first line has one cell fewer than the others, and no number"
    has_header, reason = _vote(rows)
    return (position, rows[0], reason) if has_header else (-1, [], reason)


def _vote(rows: list[list[str]]) -> tuple[bool, str]:
    names, rest = rows[0], rows[1:]
    if len(names) > 2 and names in ([str(i + k) for i in range(len(names))] for k in (0, 1)):
        return True, "header: the first line counts the columns"
    votes = [_column_vote(name, [row[i] for row in rest]) for i, name in enumerate(names)]
    for_header, against = sum(v > 0 for v in votes), sum(v < 0 for v in votes)
    total = sum(votes) - (len(set(names)) < len(names))
    if total == 0:
        texts = names[1:] if len(names) > 1 and not names[0] else names  # an unnamed index
        named = all(re.fullmatch(r"[^\W\d][\w .\-/()#%:]{0,39}", name) for name in texts)
        words = "looks like names" if named else "does not look like names"
        return named, f"{'header' if named else 'no header'}: the first line {words}"
    result = total > 0
    return result, (
        f"{'header' if result else 'no header'}: the first line differs from those below in "
        f"{for_header} of {len(names)} columns and is like them in {against}"
    )


def _column_vote(name: str, below: list[str]) -> int:
    """Return a vote above 0 if the first cell looks like a name, below 0 if like a value.

    What shows in the cells themselves counts three times what shows in their number or length.
    """
    values = [cell for cell in below if cell.lower() not in _MISSING]
    if name.lower() in _MISSING:
        return -3 if name else 0
    if not values:
        return 0
    if is_number(name):
        return -3
    if sum(map(is_number, values)) > 0.8 * len(values):
        return 3
    if name in values:
        return -3
    shape, count = Counter(map(_shape, values)).most_common(1)[0]
    if "9" in shape and count > 0.9 * len(values):
        return 3 if _shape(name) != shape else -3
    if len(values) >= 4 and len(set(values)) <= len(values) / 2:
        return 1
    return int(len(name) <= 40 and sum(map(len, values)) > 3 * len(name) * len(values))


def _shape(cell: str) -> str:
    """Return a cell with its runs of digits and of letters reduced to one sign each."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))
