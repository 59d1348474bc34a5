"""The file of an exported model: sealed, read, and refused where anything was changed."""

import hashlib
import json

import pytest

from lamina.runtime.artefact import parse_document, read_artefact, sealed
from lamina.runtime.errors import BundleError
from tests.runtime import made


def test_a_file_is_read_as_it_was_sealed(tmp_path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(sealed(made.graph(), document={"a": 1}, check={"b": "ü"}))
    found = read_artefact(path)
    assert found.document == {"schema": 1, "a": 1}
    assert found.check == {"schema": 1, "b": "ü"}
    assert len(found.identity) == 64
    assert found.graph == path.read_bytes()


def test_every_changed_byte_is_noticed(tmp_path) -> None:
    data = made.artefact()
    path = tmp_path / "m.onnx"
    for place in range(0, len(data), 37):
        hurt = bytearray(data)
        hurt[place] ^= 1
        path.write_bytes(hurt)
        with pytest.raises(BundleError, match="cannot be used"):
            read_artefact(path)


@pytest.mark.parametrize("size", [0, 1, 100, -1])
def test_a_file_cut_off_is_refused(tmp_path, size) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(made.artefact()[:size])
    with pytest.raises(BundleError):
        read_artefact(path)


def test_a_foreign_model_is_refused(tmp_path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(made.graph())
    with pytest.raises(BundleError, match="not made by lamina export"):
        read_artefact(path)


def test_a_missing_file_is_told(tmp_path) -> None:
    with pytest.raises(BundleError, match="cannot read"):
        read_artefact(tmp_path / "none.onnx")
    with pytest.raises(BundleError, match="cannot read"):
        read_artefact(tmp_path)


def test_the_identity_is_the_hash_of_the_content(tmp_path) -> None:
    data = made.artefact()
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    told = read_artefact(path).identity
    assert told == hashlib.sha256(data[: data.rindex(b"lamina.checksum") - 4]).hexdigest()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema": 2}', '{"schema": "1"}', "[" * 100_000, '{"schema": true}']
)
def test_documents_that_cannot_be_are_refused(text) -> None:
    with pytest.raises(BundleError, match="document"):
        parse_document(text)


def test_documents_hold_no_numbers_that_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON"):
        sealed(b"", document={"x": float("nan")}, check={})
    assert json.loads(json.dumps(parse_document('{"x": 1}'))) == {"x": 1}
