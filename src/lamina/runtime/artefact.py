"""The file of an exported model: a graph, and around it what the graph cannot say.

An ONNX file, perhaps with further graphs behind it, and with three more pieces of metadata:
`lamina` (the document: signature, columns, form of the answers), `lamina.check` (test vectors and
certificate), and at the very end `lamina.checksum`, the SHA-256 of all that stands before it.
Nothing in it is executed but the graphs' own operators.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.runtime.errors import BundleError
from lamina.runtime.protobuf import graph_entry, graphs, properties, text_entry

SCHEMA = 1
"""Number of the form of the documents; a newer one is refused."""

DOCUMENT = "lamina"
CHECK = "lamina.check"
CHECKSUM = "lamina.checksum"

MOST_BYTES = 2 << 30
"""Largest file that is read: what protobuf can hold."""

MOST_TEXT = 256 << 20
"""Longest document that is read, in characters."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """The content of an exported file."""

    graph: bytes
    """What runs the model: the whole ONNX file."""
    graphs: Mapping[str, bytes]
    """Further graphs by name; most models need none."""
    document: Mapping[str, Any]
    """What the graph cannot say: signature, columns, inputs, form of the answers."""
    check: Mapping[str, Any]
    """Test vectors and certificate."""
    identity: str
    """SHA-256 of the content, 64 hexadecimal digits."""


def read_artefact(path: Path | str) -> Artefact:
    """Return the content of an exported ONNX file; no other file is read and no code is run.

    Args:
        path: The file.

    Raises:
        BundleError: It is missing, too large, damaged, foreign or of a newer schema.
    """
    data = read_bytes(path)
    try:
        found = properties(memoryview(data))
        if DOCUMENT not in found:
            raise BundleError("it was not made by lamina export.")
        identity = _verified(data, found.get(CHECKSUM, ""))
        document = parse_document(found[DOCUMENT])
        check = parse_document(found.get(CHECK, "{}"))
    except BundleError as error:
        raise BundleError(f"{path} cannot be used: {error}") from error
    further = {name: bytes(graph) for name, graph in graphs(memoryview(data)).items()}
    return Artefact(data, further, document, check, identity)


def sealed(
    data: bytes,
    *,
    document: Mapping[str, Any],
    check: Mapping[str, Any],
    further: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return an ONNX file with its documents and its checksum.

    Args:
        data: The ONNX file of the graph.
        document: What the graph cannot say.
        check: Test vectors and certificate.
        further: More graphs, by name.
    """
    data += b"".join(graph_entry(name, graph) for name, graph in (further or {}).items())
    body = data + text_entry(DOCUMENT, _json(document)) + text_entry(CHECK, _json(check))
    return body + text_entry(CHECKSUM, hashlib.sha256(body).hexdigest())


def parse_document(text: str) -> Mapping[str, Any]:
    """Return a document from its text.

    Args:
        text: JSON of a mapping, with its schema number.

    Raises:
        BundleError: It is damaged, too long or of a newer schema.
    """
    if len(text) > MOST_TEXT:
        raise BundleError(f"its document has more than {MOST_TEXT:,} characters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"its document is damaged: {error}.") from error
    if not isinstance(document, dict):
        raise BundleError("its document is damaged: it is no mapping.")
    schema = document.get("schema", SCHEMA)
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise BundleError(
            f"its document has schema {schema!r}, and this version reads up to {SCHEMA}. Use a "
            "newer version."
        )
    return document


def read_bytes(path: Path | str) -> bytes:
    """Return the bytes of a file of bounded size.

    Args:
        path: The file.

    Raises:
        BundleError: It is missing, unreadable or too large.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}.") from error
    if len(data) > MOST_BYTES:
        raise BundleError(f"{path} has more than {MOST_BYTES:,} bytes, the most that is read.")
    return data


def _verified(data: bytes, told: str) -> str:
    entry = text_entry(CHECKSUM, told)
    if not data.endswith(entry):
        raise BundleError("its checksum is missing: the file is damaged or was changed.")
    found = hashlib.sha256(memoryview(data)[: len(data) - len(entry)]).hexdigest()
    if found != told:
        raise BundleError("its checksum does not fit: the file is damaged or was changed.")
    return found


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, allow_nan=False)
