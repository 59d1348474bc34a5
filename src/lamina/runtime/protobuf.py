"""As much of the protobuf wire format as is needed to look into an ONNX file before it is run.

An ONNX file is one message of fields; a field is a number, a kind and, for texts and messages, a
length. Nothing is decoded beyond that, so a large file is walked in milliseconds.

Source: https://protobuf.dev/programming-guides/encoding and onnx.proto.
"""

from collections.abc import Iterator

from lamina.runtime.errors import BundleError

_PARTS = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Fields of each message of onnx.proto under which a tensor may stand."""

_EXTERNAL = (13, 14)
"""Fields of a tensor that say that its values lie in another file."""

_PROPERTIES = 14

_GRAPHS = 10_000
"""Field of an ONNX file that onnx.proto does not use: further graphs of ours, each with its name.
Tools that do not know a field pass over it."""

_DEEPEST = 16


def properties(data: memoryview) -> dict[str, str]:
    """Return the metadata of an ONNX file, refusing one that reads other files.

    Args:
        data: The file.

    Raises:
        BundleError: It is no ONNX file, or a tensor of it lies in another file.
    """
    found = {}
    for number, value in _fields(data):
        if number == _PROPERTIES and isinstance(value, memoryview):
            entry = dict(_fields(value))
            key, text = (entry.get(place, memoryview(b"")) for place in (1, 2))
            if isinstance(key, memoryview) and isinstance(text, memoryview):
                found[_text(key)] = _text(text)
    for graph in (data, *graphs(data).values()):
        _refuse_external(graph, "model", 0)
    return found


def graphs(data: memoryview) -> dict[str, memoryview]:
    """Return the further graphs that an ONNX file holds, by name.

    Args:
        data: The file.

    Raises:
        BundleError: It is no ONNX file.
    """
    return dict(_named(value) for number, value in _fields(data) if number == _GRAPHS)


def _named(value: int | memoryview) -> tuple[str, memoryview]:
    entry = dict(_fields(value)) if isinstance(value, memoryview) else {}
    key, graph = (entry.get(place, memoryview(b"")) for place in (1, 2))
    if not isinstance(key, memoryview) or not isinstance(graph, memoryview):
        raise BundleError("the file is damaged: a graph in it is none.")
    return _text(key), graph


def text_entry(key: str, value: str) -> bytes:
    """Return one more piece of metadata, to be put behind an ONNX file.

    Args:
        key: Its name.
        value: Its text.
    """
    return _entry(_PROPERTIES, key, value.encode())


def graph_entry(name: str, graph: bytes) -> bytes:
    """Return one more graph, to be put behind an ONNX file.

    Args:
        name: Its name.
        graph: An ONNX file.
    """
    return _entry(_GRAPHS, name, graph)


def _entry(field: int, key: str, value: bytes) -> bytes:
    entry = b"".join(
        _tag(place) + _varint(len(part)) + part for place, part in ((1, key.encode()), (2, value))
    )
    return _tag(field) + _varint(len(entry)) + entry


def _tag(field: int) -> bytes:
    """Return the head of a field that has a length."""
    return _varint(field << 3 | 2)


def _refuse_external(data: memoryview, message: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise BundleError("the model nests graphs too deeply: it is no file of ours.")
    for number, value in _fields(data):
        if message == "tensor":
            if number in _EXTERNAL and value != 0:
                raise BundleError("the model wants to read other files, which is not allowed.")
        elif number in _PARTS[message] and isinstance(value, memoryview):
            part = _PARTS[message][number]
            _refuse_external(value, part, depth + (part == "graph"))


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and the value of each field of a message."""
    place, end = 0, len(data)
    while place < end:
        tag, place = _read_varint(data, place)
        kind = tag & 7
        if kind == 0:
            value, place = _read_varint(data, place)
            yield tag >> 3, value
            continue
        if kind == 2:
            length, place = _read_varint(data, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise BundleError("the file is damaged, or no ONNX file.")
        if length > end - place:
            raise BundleError("the file is cut off, or no ONNX file.")
        yield tag >> 3, data[place : place + length]
        place += length


def _read_varint(data: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 64:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise BundleError("the file is damaged, or no ONNX file.")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _text(data: memoryview) -> str:
    try:
        return bytes(data).decode()
    except UnicodeDecodeError as error:
        raise BundleError("the file is damaged: its metadata is no text.") from error
