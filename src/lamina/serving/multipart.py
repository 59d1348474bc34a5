"""Reads a form with files, as a browser or `curl -F` sends it, from a body that is in memory.

Strict where readers differ, so that nothing can mean two things: every part is named once, headers
are ASCII, and the body ends with its closing boundary.

Source:
    RFC 7578, "Returning Values from Forms: multipart/form-data"; RFC 2046, section 5.1.1.
    Differs: no nested multiparts, no transfer encodings, no `filename*`.
"""

import re
from dataclasses import dataclass

from lamina.serving.refusal import Refusal, shown

MOST_PARTS = 2000
"""Parts of one form."""
_MOST_HEADER_BYTES = 4096
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([a-z]+)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    name: str
    """Name of the form's field."""
    content: bytes
    """What it holds."""
    is_file: bool
    """Whether it came with the name of a file."""


def read_multipart(body: bytes, content_type: str) -> dict[str, Part]:
    """Return the parts of a form by name.

    Args:
        body: The whole body.
        content_type: Header that names the boundary.

    Raises:
        Refusal: The body is no such form; 400.
    """
    found = _BOUNDARY.search(content_type)
    if not found:
        raise Refusal(400, "the content type multipart/form-data names no boundary.")
    mark = b"--" + (found[1] or found[2]).encode("latin-1")
    # A line break before each boundary belongs to it; before the first there may be none.
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or pieces[-1][2:].strip(b"\r\n "):
        raise Refusal(400, "the form is cut off: its closing boundary is missing.")
    if pieces[0].strip():
        raise Refusal(400, "the form has text before its first boundary.")
    if len(pieces) - 2 > MOST_PARTS:
        raise Refusal(413, f"the form has {len(pieces) - 2} parts; {MOST_PARTS} are allowed.")
    parts: dict[str, Part] = {}
    for piece in pieces[1:-1]:
        part = _read_part(piece)
        if part.name in parts:
            raise Refusal(400, f"the form gives the field {shown(part.name)} twice.")
        parts[part.name] = part
    return parts


def _read_part(piece: bytes) -> Part:
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n") or len(head) > _MOST_HEADER_BYTES:
        raise Refusal(400, "a part of the form has no head, or one that cannot be read.")
    try:
        lines = head[2:].decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise Refusal(400, "the head of a part of the form is not UTF-8.") from error
    headers = {name.strip().lower(): value for name, _, value in (x.partition(":") for x in lines)}
    disposition = headers.get("content-disposition", "").strip()
    if not disposition.lower().startswith("form-data"):
        raise Refusal(400, "a part of the form has no Content-Disposition: form-data.")
    given = {key.lower(): _plain(value) for key, value in _PARAMETER.findall(disposition)}
    if "name" not in given:
        raise Refusal(400, "a part of the form has no name.")
    return Part(given["name"], content, "filename" in given)


def _plain(quoted: str) -> str:
    """Return a quoted value as it was meant: browsers write %22 for a quote, others a backslash."""
    text = re.sub(r'\\(["\\])', r"\1", quoted)
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
