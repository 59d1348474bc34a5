"""Safe, durable files: tensors with a document, and the bundle of a trained model.

A tensor file is one safetensors file whose metadata holds a JSON document and a SHA-256 over
everything that matters (names, types, shapes, bytes, document). A bundle is a folder of two files,
`network.safetensors` and `bundle.json`, that holds the whole function from raw input to answer.
Nothing here can execute code: no pickle, and names are looked up in closed tables by the callers.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import BundleError
from lamina.core.files import write_atomically

SCHEMA = 1
"""Number of the bundle format; a newer one is refused, an older one is migrated."""

MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({})
"""By schema number: what turns a document of it into one of the next."""

_MAX_HEADER_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained model as it lies on disk."""

    tensors: Mapping[str, Tensor]
    """Weights and fitted state by name."""
    document: Mapping[str, Any]
    """Plan, fitted schema, and all else that is not a tensor."""


def save_bundle(folder: Path, bundle: Bundle) -> None:
    """Write a bundle, its parts whole or not at all.

    Args:
        folder: Where to; made where missing.
        bundle: What.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in pack_bundle(bundle).items():
        write_atomically(folder / name, data)


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle.

    Args:
        folder: Where it lies.

    Raises:
        BundleError: A part is missing, damaged, foreign or of a newer schema.
    """
    # The weights are read last: a bundle of another schema is refused without them.
    return _unpack(lambda name: _read(folder / name), str(folder))


def pack_bundle(bundle: Bundle) -> dict[str, bytes]:
    """Return a bundle as the bytes of its files, by name, the weights first.

    Args:
        bundle: What.
    """
    weights = pack_tensors(bundle.tensors, {"schema": SCHEMA})
    body = {
        "schema": SCHEMA,
        "network_sha256": hashlib.sha256(weights).hexdigest(),
        "document": dict(bundle.document),
    }
    body["sha256"] = _digest_of(body)
    text = json.dumps(body, indent=1, ensure_ascii=False)
    return {"network.safetensors": weights, "bundle.json": text.encode()}


def unpack_bundle(files: Mapping[str, bytes], *, where: str) -> Bundle:
    """Return a bundle given as the bytes of its files.

    Args:
        files: By name, as `pack_bundle` returns them.
        where: Name of the bundle for messages.

    Raises:
        BundleError: A part is missing, damaged, foreign or of a newer schema.
    """

    def read(name: str) -> bytes:
        if name not in files:
            raise BundleError(f"{where} lacks its {name}.")
        return files[name]

    return _unpack(read, where)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
    """Write one checksummed tensor file atomically.

    Args:
        path: Where to.
        tensors: By name; they may live on any device.
        document: JSON-like.
    """
    write_atomically(path, pack_tensors(tensors, document))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the document of a tensor file.

    Args:
        path: The file.

    Raises:
        BundleError: It is missing, damaged or foreign.
    """
    return unpack_tensors(_read(path), where=str(path))


def pack_tensors(tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> bytes:
    """Return a tensor file as bytes.

    Args:
        tensors: By name.
        document: JSON-like.
    """
    from safetensors.torch import save

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # Two names may share one storage (tied weights): safetensors wants them apart.
    seen: set[int] = set()
    for name, tensor in plain.items():
        if tensor.numel() and tensor.data_ptr() in seen:
            plain[name] = tensor.clone()
        seen.add(tensor.data_ptr())
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=True)
    return _in_order(save(plain, metadata={"document": text, "sha256": _digest(plain, text)}))


def unpack_tensors(data: bytes, *, where: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the document of a tensor file given as bytes.

    Args:
        data: The bytes.
        where: Name of the file for messages.

    Raises:
        BundleError: They are damaged or foreign.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(_MAX_HEADER_BYTES, len(data) - 8):
        raise BundleError(f"{where} is no tensor file, or it is cut off.")
    metadata = _load_json(data[8 : 8 + size], where).get("__metadata__")
    if not isinstance(metadata, dict) or set(metadata) != {"document", "sha256"}:
        raise BundleError(f"{where} was not written by Lamina: its metadata is missing or foreign.")
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError, OverflowError, TypeError) as error:
        raise BundleError(f"{where} is damaged: {error}.") from error
    if not isinstance(metadata["document"], str):
        raise BundleError(f"{where} was not written by Lamina: its document is no text.")
    if metadata["sha256"] != _digest(tensors, metadata["document"]):
        raise BundleError(f"{where} is damaged: its checksum does not fit.")
    return tensors, _load_json(metadata["document"].encode(), where)


def _unpack(read: Callable[[str], bytes], where: str) -> Bundle:
    body = _load_json(read("bundle.json"), f"{where}/bundle.json")
    schema = body.get("schema")
    if type(schema) is not int or schema < 1:
        raise BundleError(f"{where} is no Lamina model: bundle.json has schema {schema!r}.")
    if schema > SCHEMA:
        raise BundleError(
            f"{where} was written by a newer Lamina (schema {schema}, this one reads up to "
            f"{SCHEMA}). Upgrade with: pip install -U lamina"
        )
    stated = body.pop("sha256", None)
    if stated != _digest_of(body):
        raise BundleError(f"{where}/bundle.json is damaged: its checksum does not fit.")
    for number in range(schema, SCHEMA):
        body = MIGRATIONS[number](body)
    document = body.get("document")
    if not isinstance(document, dict):
        raise BundleError(f"{where}/bundle.json holds no document.")
    data = read("network.safetensors")
    if hashlib.sha256(data).hexdigest() != body.get("network_sha256"):
        raise BundleError(
            f"{where}/network.safetensors does not belong to bundle.json: its checksum "
            "does not fit. Copy the whole folder again."
        )
    tensors, _ = unpack_tensors(data, where=f"{where}/network.safetensors")
    return Bundle(tensors, document)


def _in_order(data: bytes) -> bytes:
    """Return a tensor file with its header in the order of names.

    safetensors writes the entries as they lie in a hash map, which differs from call to call; equal
    content must give equal bytes, so that hashes of files can be compared.
    """
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(data)[8 + size :]))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}.") from error


def _load_json(data: bytes, where: Path | str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{where} is damaged: it holds no JSON.") from error
    if not isinstance(value, dict):
        raise BundleError(f"{where} is damaged: its JSON is no object.")
    return value


def _digest_of(body: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(body, sort_keys=True, ensure_ascii=True)
    except RecursionError as error:
        raise BundleError("bundle.json is damaged: it is nested too deeply.") from error
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(tensors: Mapping[str, Tensor], document: str) -> str:
    digest = hashlib.sha256(document.encode("utf-8", "surrogatepass"))
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"|{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode("utf-8", "replace"))
        raw = tensor.reshape(-1).view(torch.uint8) if tensor.numel() else tensor.reshape(-1)
        digest.update(raw.numpy().tobytes() if tensor.numel() else b"")
    return digest.hexdigest()
