"""From the body of a request to raw rows, checked against the model's signature.

What `lamina predict` allows is allowed: cells that are missing, and levels that training never saw.
What can only be a mistake is refused, with its place: a column that the model does not know, a cell
of a wrong kind.
"""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, final

from lamina.runtime.modalities.boolean import PAIRS
from lamina.runtime.modalities.series import as_steps
from lamina.runtime.signature import FILES, Field, Signature
from lamina.serving.config import LimitsConfig
from lamina.serving.histories import check_history, read_steps, steps_from_text
from lamina.serving.multipart import Part, read_multipart
from lamina.serving.pictures import count_pixels, decode_base64
from lamina.serving.refusal import Place, Refusal, shown
from lamina.serving.strict_json import is_whole_unicode, read_json

LARGEST = 1e100
"""Numbers as large as this are marks or errors, not quantities; training reads them as missing."""
_TRUTHS = {
    "true": True,
    "yes": True,
    "1": True,
    "on": True,
    "false": False,
    "no": False,
    "0": False,
}


Reader = Callable[[Any, Field, LimitsConfig, Place], Any]
"""From a value of JSON to a raw cell."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    rows: tuple[dict[str, Any], ...]
    """Raw cells by column."""
    is_single: bool
    """Whether one row was sent as such, and one answer is wanted."""


@final
class RowReader:
    """Reads the bodies of requests to one model.

    Args:
        signature: What the model takes.
        limits: What is refused.
    """

    def __init__(self, signature: Signature, limits: LimitsConfig) -> None:
        self._limits = limits
        self._readers = {f.name: (f, _READERS[f.modality]) for f in signature.fields}
        self._history = signature.history
        self._pictures = [field for field in signature.fields if field.modality == "image"]

    def read(self, body: bytes, content_type: str) -> Asked:
        """Return the rows of a request.

        Args:
            body: The whole body.
            content_type: Header that names its form: JSON, or a form with files.

        Raises:
            Refusal: The body cannot be read, or a cell is of a wrong kind.
        """
        kind = content_type.split(";")[0].strip().lower()
        if kind == "application/json":
            asked = self._from_json(read_json(body))
        elif kind == "multipart/form-data":
            asked = Asked((self._from_form(read_multipart(body, content_type)),), is_single=True)
        else:
            raise Refusal(
                415,
                f"the content type is {shown(kind)}; wanted application/json, or "
                "multipart/form-data with one field or file per column.",
            )
        if self._pictures:
            self._check_pixels(asked)
        return asked

    def _from_json(self, document: Any) -> Asked:
        if not isinstance(document, dict) or list(document) not in (["row"], ["rows"]):
            form = '{"row": {...}} or {"rows": [{...}, ...]}'
            raise Refusal(422, f"the body must be {form}, got {_kind(document)}.")
        if "row" in document:
            return Asked((self._read_row(document["row"], ("row",)),), is_single=True)
        rows, most = document["rows"], self._limits.rows
        if not isinstance(rows, list) or not rows:
            raise _wrong("a list of one row or more", rows, ("rows",))
        if len(rows) > most:
            message = f"{len(rows)} rows came; {most} are allowed at once."
            raise Refusal(413, message, where=("rows",))
        read = [self._read_row(row, ("rows", number)) for number, row in enumerate(rows)]
        return Asked(tuple(read), is_single=False)

    def _read_row(self, row: Any, where: Place) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise _wrong("an object with a cell per column", row, where)
        cells: dict[str, Any] = dict.fromkeys(self._readers)
        for name, value in row.items():
            known = self._readers.get(name)
            if known is None:
                raise _unknown_column(name, self._readers, where)
            if value is not None:
                field, read = known
                place = (*where, name)
                if self._history is None:
                    value = read(value, field, self._limits, place)
                else:
                    value = read_steps(value, field, read, self._limits, place)
            cells[name] = value
        if self._history is not None:
            check_history(cells, self._history, where)
        return cells

    def _from_form(self, parts: Mapping[str, Part]) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(self._readers)
        for name, part in parts.items():
            if name not in self._readers:
                raise _unknown_column(name, self._readers, ())
            field = self._readers[name][0]
            if field.modality in FILES:
                # A form sends an empty file where none was chosen.
                row[name] = part.content or None
            elif self._history is not None:
                text, has_steps = _decoded(part), name != self._history.series
                value = steps_from_text(text, field, has_steps=has_steps) if text.strip() else None
                if value is not None:
                    value = read_steps(value, field, self._readers[name][1], self._limits, (name,))
                row[name] = value
            elif part.is_file and field.modality != "series":
                message = f"a file came for a column of {field.modality} cells."
                raise Refusal(422, message, where=(name,))
            else:
                row[name] = _from_text(_decoded(part), field, self._limits)
        if self._history is not None:
            check_history(row, self._history, ())
        return row

    def _check_pixels(self, asked: Asked) -> None:
        total, most = 0, self._limits.pixels
        for number, row in enumerate(asked.rows):
            for field in self._pictures:
                content = row.get(field.name)
                if content is None:
                    continue
                place = ("row",) if asked.is_single else ("rows", number)
                total += count_pixels(content, (*place, field.name))
                if total > most:
                    raise Refusal(
                        413,
                        f"the pictures have more than the {most:,} pixels that are allowed in one "
                        f"request. The model needs no more than {field.width} × {field.height} "
                        "each.",
                        where=(*place, field.name),
                    )


def _decoded(part: Part) -> str:
    try:
        return part.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(422, "the text is not UTF-8.", where=(part.name,)) from error


def _from_text(text: str, field: Field, limits: LimitsConfig) -> Any:
    """Return the cell that a field of a form stands for; an empty one is missing."""
    value: Any = text
    if field.modality != "text" and not text.strip():
        return None
    if field.modality == "number":
        try:
            value = float(text)
        except ValueError as error:
            raise _wrong("a number", text, (field.name,)) from error
    elif field.modality == "boolean":
        value = _TRUTHS.get(text.strip().lower(), text)
    return _READERS[field.modality](value, field, limits, (field.name,))


def _number(value: Any, field: Field, limits: LimitsConfig, where: Place) -> float | int:
    del field, limits
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong("a number or null", value, where)
    if not abs(value) < LARGEST or (isinstance(value, float) and not math.isfinite(value)):
        raise _wrong(f"a number between -{LARGEST:g} and {LARGEST:g}", value, where)
    return value


def _text(value: Any, field: Field, limits: LimitsConfig, where: Place) -> str:
    del field
    if not isinstance(value, str):
        raise _wrong("a text or null", value, where)
    if len(value) > limits.text_characters:
        raise Refusal(
            413,
            f"the text has {len(value):,} characters; {limits.text_characters:,} are allowed.",
            where=where,
        )
    if not is_whole_unicode(value):
        raise Refusal(422, "the text holds half of a character (a lone surrogate).", where=where)
    return value


def _level(value: Any, field: Field, limits: LimitsConfig, where: Place) -> Any:
    if isinstance(value, str):
        return _text(value, field, limits, where)
    if isinstance(value, bool):
        return value
    return _number(value, field, limits, where)


def _truth(value: Any, field: Field, limits: LimitsConfig, where: Place) -> Any:
    del limits
    if has_truth_words(field):
        if isinstance(value, bool):
            return value
        if isinstance(value, (int, float)) and value in (0, 1):
            return bool(value)
    if isinstance(value, str) and value.lower() in [level.lower() for level in field.levels]:
        return value
    truths = ["true", "false"] if has_truth_words(field) else []
    raise _wrong(f"{', '.join([*truths, *map(repr, field.levels)])} or null", value, where)


def has_truth_words(field: Field) -> bool:
    """Return whether a column of two values holds words for true and false, not names of two kinds.

    Args:
        field: A boolean column.
    """
    levels = {level.lower() for level in field.levels}
    return any(levels <= set(pair) for pair in PAIRS)


def _time(value: Any, field: Field, limits: LimitsConfig, where: Place) -> datetime:
    del field, limits
    wanted = "a date or time as ISO 8601 writes it, such as 2024-05-31 or 2024-05-31T14:05:00"
    if not isinstance(value, str) or len(value) > 40:
        raise _wrong(wanted, value, where)
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise _wrong(wanted, value, where) from error
    return moment


def _tags(value: Any, field: Field, limits: LimitsConfig, where: Place) -> Any:
    if isinstance(value, str):
        return _text(value, field, limits, where)
    if not isinstance(value, list) or len(value) > limits.rows:
        raise _wrong("a list of texts", value, where)
    return [_text(one, field, limits, (*where, number)) for number, one in enumerate(value)]


def _picture(value: Any, field: Field, limits: LimitsConfig, where: Place) -> bytes:
    del field, limits
    if not isinstance(value, str):
        raise _wrong("a picture in base64, or null", value, where)
    return decode_base64(value, where)


def _sound(value: Any, field: Field, limits: LimitsConfig, where: Place) -> bytes:
    del field, limits
    if not isinstance(value, str):
        raise _wrong("a recording in base64, or null", value, where)
    return decode_base64(value, where)


def _series(value: Any, field: Field, limits: LimitsConfig, where: Place) -> Any:
    if isinstance(value, str):
        value = _text(value, field, limits, where)
    steps = as_steps(value)
    if isinstance(steps, str):
        raise Refusal(422, f"{steps}. Send a list of numbers, or of a list per step.", where=where)
    if steps.shape[1] != field.channels:
        raise _wrong(f"{field.channels} numbers per step", f"{steps.shape[1]}", where)
    if steps.size > limits.text_characters:
        raise Refusal(
            413,
            f"the series has {steps.size:,} numbers; {limits.text_characters:,} are allowed.",
            where=where,
        )
    return steps


_READERS: Mapping[str, Reader] = {
    "number": _number,
    "category": _level,
    "boolean": _truth,
    "datetime": _time,
    "text": _text,
    "image": _picture,
    "words": _tags,
    "tags": _tags,
    "series": _series,
    "sound": _sound,
}
"""How a cell is read, by modality."""


def _unknown_column(name: str, known: Mapping[str, Any], where: Place) -> Refusal:
    near = difflib.get_close_matches(name[:200], known, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(list(known)[:20])}."
    return Refusal(422, f"the model has no column {shown(name)}.{hint}", where=(*where, name[:200]))


def _wrong(wanted: str, value: Any, where: Place) -> Refusal:
    got = shown(value) if isinstance(value, (str, int, float)) else _kind(value)
    return Refusal(422, f"wanted {wanted}, got {got}.", where=where)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object with the keys " + shown(sorted(value)[:5]) if value else "an empty object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "null" if value is None else shown(value)
